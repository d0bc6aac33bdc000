/** The looks of the interactive part of a page. */
export const PAGE_STYLE = `
#answer .question { font-size: 19px; margin: 18px 0 2px; }
#answer fieldset { border: 0; padding: 0; margin: 0 18px 8px 0; display: inline-block; }
#answer legend { float: left; margin-right: 8px; color: var(--muted); }
#answer { overflow-wrap: anywhere; }
#answer label { margin-right: 10px; display: inline-block; }
#answer .tools { margin: 14px 0; }
#answer button { font: inherit; color: inherit; background: none; border: 1px solid var(--line); border-radius: 4px; padding: 2px 9px; cursor: pointer; }
#answer thead button { border: 0; padding: 0; font-weight: 600; }
#answer select { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 4px; }
#answer table { width: 100%; }
#answer td, #answer tbody th { vertical-align: top; }
#answer tbody th { white-space: normal; min-width: 12ch; }
#answer td.sentence { white-space: normal; text-align: left; min-width: 24ch; color: inherit; }
#answer .bounds { display: block; color: var(--muted); font-size: 12px; }
#answer .absent { color: var(--muted); font-size: 12px; }
#answer .above b { color: var(--warn); }
#answer .swatch { display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 6px; }
#answer details { text-align: left; white-space: normal; }
#answer details summary { cursor: pointer; color: var(--warn); }
#answer details.notes summary { color: var(--muted); }
#answer details ul { margin: 4px 0; padding-left: 18px; max-width: 70ch; }
#answer .group { color: var(--muted); font-weight: 400; white-space: normal; text-align: left; padding-top: 18px; position: static; }
#answer .group b { color: var(--ink); }
#answer caption { text-align: left; white-space: normal; }
#answer .features th:nth-child(-n + 2), #answer .features td:nth-child(2) { text-align: left; }
#answer .fold { padding-left: 0; }
figure.picture { margin: 0; overflow-x: auto; }
figure.picture svg { width: 100%; min-width: 720px; height: auto; display: block; }
figure.picture.dark { display: none; }
@media screen and (prefers-color-scheme: dark) { figure.picture.light { display: none; } figure.picture.dark { display: block; } }
#answer td.against button { color: var(--warn); font-weight: 600; }
#answer td button { border: 0; padding: 0; text-align: right; }
#answer tr.evidence td { text-align: left; white-space: normal; background: var(--shade); padding: 10px 14px; }
#answer tr.evidence p { margin: 2px 0; }
#answer .lane { display: grid; grid-template-columns: 7em 1fr; align-items: center; max-width: 820px; }
#answer .lane .line { position: relative; height: 14px; border-bottom: 1px solid var(--line); }
#answer .lane .bar { position: absolute; top: 2px; height: 10px; min-width: 2px; }
#answer .lane .well { background: var(--green); } #answer .lane .failed { background: var(--crimson); } #answer .lane .left { background: var(--mustard); }
#answer .narrow { display: none; }
@media screen and (max-width: 760px) { #answer .narrow { display: block; margin: 8px 0; } }
@media (max-width: 760px) {
  #answer table, #answer caption, #answer tbody, #answer tr, #answer td, #answer tbody th { display: block; text-align: left; white-space: normal; }
  #answer thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  #answer tr { border-bottom: 1px solid var(--line); padding: 8px 0; }
  #answer td, #answer tbody th { border: 0; padding: 1px 0; position: static; }
  #answer td[data-head]::before { content: attr(data-head) ": "; color: var(--muted); }
  #answer .bounds { display: inline; margin-left: 6px; }
}
#answer button.name { border: 0; padding: 0; font-weight: 600; text-decoration: underline dotted; text-underline-offset: 3px; }
#answer .repeat { margin: 16px 0; }
#answer pre { background: var(--shade); padding: 10px 12px; border-radius: 6px; overflow: auto; max-height: 60vh; font-size: 12px; white-space: pre-wrap; overflow-wrap: anywhere; }
#answer dialog { margin: 0 0 0 auto; height: 100vh; max-height: none; width: min(640px, 100vw); max-width: none; box-sizing: border-box; border: 0; border-left: 1px solid var(--line); padding: 20px 24px; background: var(--paper); color: var(--ink); overflow: auto; }
#answer dialog::backdrop { background: #0006; }
#answer dialog form { float: right; }
#answer dialog h2 { margin: 0 0 10px; }
#answer dialog dl > div { display: grid; grid-template-columns: 90px 1fr; gap: 12px; }
#answer dialog dt { margin: 0; }
#answer dialog dd { overflow-wrap: anywhere; }
#answer .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); gap: 30px 28px; margin: 14px 0; }
#answer figure.chart { margin: 0; min-width: 0; break-inside: avoid; }
#answer figcaption { font-size: 13px; color: var(--muted); min-height: 4.5em; }
#answer figcaption b { display: block; font-size: 15px; color: var(--ink); }
#answer .drawn { overflow: hidden; }
#answer .zoom, #answer .chart-tools { display: inline-block; font-size: 12px; margin-right: 14px; }
#answer .grid.changes { grid-template-columns: repeat(auto-fit, minmax(min(100%, 560px), 1fr)); }
#answer td.plain { max-width: none; }
#answer td.worse { color: var(--worse); } #answer td.better { color: var(--better); }
#answer td.change { white-space: normal; }
#answer .differences { color: var(--muted); font-size: 13px; }
#answer ul.answer li { margin: 4px 0; max-width: 110ch; }
#answer .lacks { font-size: 12px; color: var(--muted); margin: 6px 0; padding-left: 18px; }
#answer p.absent { border: 1px dashed var(--line); border-radius: 6px; padding: 24px; text-align: center; }
#answer details.level { margin: 18px 0; border-top: 1px solid var(--line); }
#answer details.level > summary { color: var(--ink); font-weight: 600; padding: 10px 0; }
#answer details.figures { font-size: 12px; }
#answer details.figures summary { color: var(--muted); }
#answer details.figures .wide { max-height: 320px; overflow: auto; }
@media print {
  #answer .tools, #answer .zoom, #answer .chart-tools, #answer details.figures { display: none; }
  #answer .grid { display: block; }
  /* Nobody scrolls on paper: a row has to fit an A4 page. */
  #answer table, #answer .bounds, #answer .absent { font-size: 10px; }
  #answer th, #answer td { padding-inline: 4px; }
  figure.picture svg { min-width: 0; }
}
`;
