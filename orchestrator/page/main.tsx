import { render } from 'preact';
import type { ConductPageModel } from '../src/report/conduct-page-model.js';
import type { PageModel } from '../src/report/page-model.js';
import { Answer } from './answer.js';
import { Scorecard } from './scorecard.js';

// Both elements are written by report/html.ts, around this script.
const place = document.getElementById('answer') as HTMLElement;
const model = JSON.parse(document.getElementById('model')?.textContent ?? '') as PageModel | ConductPageModel;
place.replaceChildren();
render('cases' in model ? <Scorecard model={model} /> : <Answer model={model} />, place);
