import { render } from 'preact';
import type { ConductPageModel } from '../src/report/conduct-page-model.js';
import type { PageModel } from '../src/report/page-model.js';
import { Answer } from './answer.js';
import { Live } from './live.js';
import { Scorecard } from './scorecard.js';

// Both elements are written around this script, by report/html.ts, report/live-page.ts or report/conduct-html.ts.
const place = document.getElementById('answer') as HTMLElement;
const { live } = place.dataset;
const model = JSON.parse(document.getElementById('model')?.textContent ?? '') as PageModel | ConductPageModel;
place.replaceChildren();
if (live !== undefined) render(<Live events={live} />, place);
else render('cases' in model ? <Scorecard model={model} /> : <Answer model={model} />, place);
