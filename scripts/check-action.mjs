#!/usr/bin/env node
// Runs the steps of action.yml as a runner would, without network: expressions are replaced, conditions weighed, outputs, summary and
// working directory are those of a job, and `gh` is a program that writes down what it is told. What `uses:` brings is not fetched, and
// nothing is built: this needs a built clone. Two gateways are relays of ours, the second adds 5 ms more, so the verdict is known.
//
//   node scripts/check-action.mjs                                                 relays: the gate passes, then fails
//   node scripts/check-action.mjs base=crabllm@0.0.24 head=crabllm@0.0.25 options='--rps 200 --blocks 6'     any inputs of the action
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const TOP = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const MOCK_PORT = process.env.MOCK_PORT ?? '9999';
const RELAY_PORT = process.env.RELAY_PORT ?? '9900';
const action = parse(readFileSync(join(TOP, 'action.yml'), 'utf8'));
const given = Object.fromEntries(
  process.argv.slice(2).map((word) => [word.split('=', 1)[0], word.slice(word.indexOf('=') + 1)]),
);

if (Object.keys(given).length > 0) {
  const { verdict, failed } = runAction(given);
  console.log(`verdict ${verdict}${failed === null ? '' : `; the job fails in "${failed}"`}`);
} else {
  const relay = `{node} ${join(TOP, 'orchestrator/dist/relay/main.js')} --upstream http://127.0.0.1:9999 --port {port}`;
  const options = `--mock-port ${MOCK_PORT} --scenarios chat-minimal --rps 40 --blocks 4 --duration 6 --seed 1`;
  const common = {
    options,
    port: RELAY_PORT,
    health: '/v1/models',
    'base-command': relay,
    'fail-on': 'overhead.p50>2ms',
  };
  const worse = runAction({ ...common, 'head-command': `${relay} --delay 5ms` });
  expect(worse.verdict !== 'passes' && worse.failed === 'Gate', `5 ms more: ${worse.verdict}, ${worse.failed}`);
  expect(worse.uploads.length === 1, 'the run directory is kept also where the gate fails');
  expect(/overhead/.test(worse.summary), 'the summary holds the comparison');
  expect(worse.comments.join('\n').includes('pr comment 7 --body-file'), 'the pull request is told');
  const bad = runAction({ ...common, 'head-command': '' });
  expect(bad.failed === 'Measure both in one run' && /belong together/.test(bad.log), 'a missing command is named');
  const same = runAction({ ...common, 'head-command': relay, comment: 'false', artifact: '' });
  expect(
    same.verdict !== 'fails' && (same.failed === null) === (same.verdict === 'passes'),
    `the same twice: ${same.verdict}`,
  );
  expect(same.comments.length === 0 && same.uploads.length === 0, 'nothing is told or kept where that is not wanted');
  // A machine that is busy with something else lets trials be void; then the gate rightly says that it cannot judge.
  console.log(`the action holds: 5 ms more ${worse.verdict}, the same twice ${same.verdict}`);
}

/** One job. @returns what came out, and the name of the step that failed */
function runAction(inputs) {
  const work = mkdtempSync(join(tmpdir(), 'action-'));
  const files = { GITHUB_OUTPUT: join(work, 'output'), GITHUB_STEP_SUMMARY: join(work, 'summary') };
  const told = join(work, 'told');
  mkdirSync(join(work, 'bin'));
  mkdirSync(join(work, 'workspace'));
  writeFileSync(told, '');
  writeFileSync(files.GITHUB_STEP_SUMMARY, '');
  // Editing fails, as where there is no comment yet.
  writeFileSync(
    join(work, 'bin', 'gh'),
    `#!/bin/sh\ncase "$*" in *--edit-last*) exit 1;; esac\necho "$*" >> ${told}\ncat "$5" >> ${told}\n`,
  );
  chmodSync(join(work, 'bin', 'gh'), 0o755);
  const defaults = Object.entries(action.inputs).map(([name, { default: value }]) => [name, value ?? '']);
  const unknown = Object.keys(inputs).find((name) => action.inputs[name] === undefined);
  expect(unknown === undefined, `the action has no input ${unknown}`);
  const context = {
    github: { action_path: TOP, event_name: 'pull_request', event: { number: '7' }, repository: 'o/r', token: 'none' },
    inputs: { ...Object.fromEntries(defaults), ...inputs },
    steps: {},
  };
  const uploads = [];
  let failed = null;
  let log = '';
  for (const step of action.runs.steps) {
    if (!applies(step.if, context, failed)) continue;
    if (step.uses !== undefined) {
      if (step.uses.startsWith('actions/upload-artifact@')) uploads.push(filled(step.with.path, context));
      continue;
    }
    // The clone is built already, and there is no network.
    if (step.run.startsWith('npm ci')) continue;
    writeFileSync(files.GITHUB_OUTPUT, '');
    const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, filled(text, context)]));
    // What the runner does for `shell: bash`.
    const result = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', filled(step.run, context)], {
      cwd: join(work, 'workspace'),
      encoding: 'utf8',
      timeout: 30 * 60_000,
      env: {
        ...process.env,
        ...files,
        ...own,
        RUNNER_TEMP: work,
        PATH: [join(work, 'bin'), process.env.PATH].join(delimiter),
      },
    });
    process.stdout.write(result.stdout);
    process.stderr.write(result.stderr);
    log += result.stdout + result.stderr;
    if (result.status !== 0) failed ??= step.name;
    if (step.id !== undefined) context.steps[step.id] = { outputs: outputsIn(files.GITHUB_OUTPUT) };
  }
  const [summary, lines] = [files.GITHUB_STEP_SUMMARY, told].map((file) => readFileSync(file, 'utf8'));
  const verdict = filled(action.outputs.verdict.value, context);
  rmSync(work, { recursive: true, force: true });
  return { verdict, failed, log, summary, uploads, comments: lines.split('\n').filter((line) => line !== '') };
}

function outputsIn(file) {
  const lines = readFileSync(file, 'utf8').split('\n');
  return Object.fromEntries(
    lines
      .filter((line) => line.includes('='))
      .map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]),
  );
}

/** `${{ inputs.x }}` and the like; a default may hold one itself. */
function filled(text, context) {
  return String(text).replaceAll(/\$\{\{\s*([\w.-]+)\s*\}\}/g, (_, path) => filled(lookup(path, context), context));
}

function lookup(path, context) {
  return path.split('.').reduce((value, name) => value?.[name], context) ?? '';
}

/** The conditions that action.yml has: comparisons joined by `&&`, and `always()`; without that a failure before skips. */
function applies(condition, context, failed) {
  const terms = (condition ?? '').split('&&').map((term) => term.trim());
  if (failed !== null && !terms.includes('always()')) return false;
  return terms.every((term) => {
    if (term === '' || term === 'always()') return true;
    const [, path, operator, value] = /^([\w.-]+) (==|!=) '(.*)'$/.exec(term) ?? [];
    expect(path !== undefined, `this condition is not understood: ${term}`);
    return (lookup(path, context) === value) === (operator === '==');
  });
}

function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
