import { render } from 'preact';
import type { PageModel } from '../src/report/page-model.js';
import { Answer } from './answer.js';
import { Live } from './live.js';

// Both elements are written by report/html.ts and report/live-page.ts, around this script.
const place = document.getElementById('answer') as HTMLElement;
const { live } = place.dataset;
const model = JSON.parse(document.getElementById('model')?.textContent ?? '') as PageModel;
place.replaceChildren();
render(live === undefined ? <Answer model={model} /> : <Live events={live} />, place);
