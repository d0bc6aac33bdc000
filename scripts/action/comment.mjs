// Step "Comment" of action.yml: one comment a pull request, written anew by each run. Where the token may not write (a pull request of a
// fork), the gate holds all the same, so this is a notice and no failure.
import { spawnSync } from 'node:child_process';
import { input } from './runner.mjs';

const words = ['pr', 'comment', input('PULL_REQUEST'), '--body-file', input('COMPARISON')];
const edited = gh([...words, '--edit-last'], 'ignore');
if (!edited && !gh(words, 'inherit'))
  console.log(
    '::notice title=crabllm-bench::the comment could not be written; the comparison is in the summary of the run',
  );

function gh(all, stderr) {
  return spawnSync('gh', all, { stdio: ['ignore', 'inherit', stderr] }).status === 0;
}
