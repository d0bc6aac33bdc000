// Writes the tables of docs/fidelity.md anew: asks every gateway that runs without a container engine and can be had here.
//
//   npm run docs:fidelity                                       all of them
//   npm run docs:fidelity -- --gateways crabllm,nginx           these
//   npm run docs:fidelity -- --from all.json,litellm.json       of what `crabllm-bench fidelity --json` printed: nothing is asked, and of
//                                                               a gateway that several have the last one counts
//   npm run docs:fidelity -- --mock-port 9000
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fidelityMarkdown } from '../orchestrator/build/fidelity/markdown.js';
import { askedFidelity } from './support/asked-fidelity.mjs';
import { refuse, scriptOptions } from './support/script-options.mjs';

const MARK = '<!-- made by scripts/fidelity-page.mjs -->';
const at = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const options = scriptOptions({ gateways: undefined, from: undefined, 'mock-port': 9999 });
const page = at('docs/fidelity.md');
const [before, , after, ...more] = readFileSync(page, 'utf8').split(MARK);
if (after === undefined || more.length > 0) refuse(`${page} does not have "${MARK}" twice`);
const fidelity =
  options.from === undefined
    ? askedFidelity({ gateways: options.gateways, mockPort: options['mock-port'] })
    : together(options.from.split(',').map((file) => JSON.parse(readFileSync(file, 'utf8'))));
writeFileSync(page, `${before}${MARK}\n\n${fidelityMarkdown(fidelity)}\n${MARK}${after}`);
console.log(
  `docs/fidelity.md: ${fidelity.gateways.map(({ gateway, absent }) => gateway + (absent === undefined ? '' : ' (absent)')).join(', ')}`,
);

function together(results) {
  const gateways = new Map(results.flatMap((result) => result.gateways.map((one) => [one.gateway, one])));
  return { ...results.at(-1), gateways: [...gateways.values()] };
}
