// What the steps of action.yml have in common: how a GitHub runner is told things, and how crabllm-bench is started.
// Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../orchestrator/dist/run.js', import.meta.url));

/** An input of the action; empty where none was given. */
export function input(name) {
  return (process.env[name] ?? '').trim();
}

/** Makes a value known to the steps that follow. */
export function setOutput(name, value) {
  appendFileSync(process.env.GITHUB_OUTPUT, `${name}=${value}\n`);
}

/** Ends the step with one clear error on the page of the run. */
export function fail(message) {
  // A line feed would end the command; the runner wants it encoded.
  console.log(`::error title=crabllm-bench::${message.replaceAll('%', '%25').replaceAll('\n', '%0A')}`);
  process.exit(1);
}

/** Runs crabllm-bench in the workspace, its output in the log. @returns its exit code */
export function bench(...words) {
  console.log(
    `crabllm-bench ${words.map((word) => (/^[\w@.,:=/%+-]+$/.test(word) ? word : JSON.stringify(word))).join(' ')}`,
  );
  const { status, error } = spawnSync(process.execPath, [PROGRAM, ...words], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (error !== undefined) fail(error.message);
  return status ?? 130;
}

/** The words of a line as a shell splits it: quotes group, a backslash takes the next character as it is; nothing is expanded. */
export function wordsOf(line) {
  const words = [];
  let word = null;
  let quote = null;
  for (let i = 0; i < line.length; i += 1) {
    const char = line[i];
    if (quote === null && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (char === quote) quote = null;
    else if (quote === null && (char === '"' || char === "'")) {
      quote = char;
      word ??= '';
    } else if (char === '\\' && quote !== "'" && i + 1 < line.length) {
      i += 1;
      word = (word ?? '') + line[i];
    } else word = (word ?? '') + char;
  }
  if (quote !== null) fail(`a quote is not closed in: ${line}`);
  return word === null ? words : [...words, word];
}
