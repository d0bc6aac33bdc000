import { type JSX, render } from 'preact';
import type { CapacityPageModel } from '../src/report/capacity-page-model.js';
import type { ComparisonPageModel } from '../src/report/comparison-page-model.js';
import type { ConductPageModel } from '../src/report/conduct-page-model.js';
import type { PageModel } from '../src/report/page-model.js';
import { Answer } from './answer.js';
import { CapacityAnswers } from './capacity.js';
import { ComparisonAnswer } from './comparison.js';
import { Live } from './live.js';
import { Scorecard } from './scorecard.js';

// Both elements are written around this script, by report/page-document.ts.
const place = document.getElementById('answer') as HTMLElement;
const { live } = place.dataset;
const model = JSON.parse(document.getElementById('model')?.textContent ?? '') as
  | CapacityPageModel
  | ComparisonPageModel
  | ConductPageModel
  | PageModel;
place.replaceChildren();
if (live !== undefined) render(<Live events={live} />, place);
else render(componentOf(), place);

function componentOf(): JSX.Element {
  if ('cases' in model) return <Scorecard model={model} />;
  if (!('kind' in model)) return <Answer model={model} />;
  return model.kind === 'capacity' ? <CapacityAnswers model={model} /> : <ComparisonAnswer model={model} />;
}
