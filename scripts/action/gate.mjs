// Step "Gate" of action.yml, the last: everything is told and kept by now.
import { fail, input } from './runner.mjs';

const verdict = input('VERDICT');
if (verdict === 'fails') fail('the gate fails: head is worse than base; the summary of the run says where');
if (verdict === 'not-judged')
  fail('something that the gate is about could not be measured; the summary of the run says what');
