import { render } from 'preact';
import type { PageModel } from '../src/report/page-model.js';
import { Answer } from './answer.js';

// Both elements are written by report/html.ts, around this script.
const place = document.getElementById('answer') as HTMLElement;
const model = JSON.parse(document.getElementById('model')?.textContent ?? '') as PageModel;
place.replaceChildren();
render(<Answer model={model} />, place);
