// Step "Judge" of action.yml: is the run what was measured, and is head worse than base?
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench, fail, input, setOutput } from './runner.mjs';

const directory = input('DIRECTORY');
if (bench('verify', directory) !== 0) fail('the run is not what was measured; the log above says where');
const comparison = join(directory, '..', 'comparison.md');
const code = bench(
  'compare',
  `${directory}:${input('BASE')}`,
  `${directory}:${input('HEAD')}`,
  '--fail-on',
  input('FAIL_ON'),
  '--markdown',
  comparison,
  // Kept with the run directory; written when that has been verified.
  '--html',
  join(directory, 'comparison.html'),
);
const verdict = { 0: 'passes', 1: 'fails', 3: 'not-judged' }[code];
if (verdict === undefined) fail(`the comparison ended with exit code ${code}; the log above says why`);
setOutput('verdict', verdict);
setOutput('comparison', comparison);
appendFileSync(process.env.GITHUB_STEP_SUMMARY, readFileSync(comparison));
