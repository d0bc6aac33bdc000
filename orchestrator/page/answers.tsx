import type { JSX } from 'preact';
import type { AnyModel } from '../src/report/live-model.js';
import { Answer } from './answer.js';
import { CapacityAnswers } from './capacity.js';
import { Scorecard } from './scorecard.js';

/** The answer of a run, whatever it asked. */
export function Answers({ model }: { readonly model: AnyModel }): JSX.Element {
  if ('cases' in model) return <Scorecard model={model} />;
  return 'kind' in model ? <CapacityAnswers model={model} /> : <Answer model={model} />;
}
