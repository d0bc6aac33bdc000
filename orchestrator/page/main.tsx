import { render } from 'preact';
import type { ComparisonPageModel } from '../src/report/comparison-page-model.js';
import type { AnyModel } from '../src/report/live-model.js';
import { Answers } from './answers.js';
import { ComparisonAnswer } from './comparison.js';
import { Live } from './live.js';

// Both elements are written around this script, by report/page-document.ts.
const place = document.getElementById('answer') as HTMLElement;
const { live } = place.dataset;
const model = JSON.parse(document.getElementById('model')?.textContent ?? '') as ComparisonPageModel | AnyModel;
place.replaceChildren();
if (live !== undefined) render(<Live events={live} />, place);
else if ('kind' in model && model.kind === 'comparison') render(<ComparisonAnswer model={model} />, place);
else render(<Answers model={model} />, place);
