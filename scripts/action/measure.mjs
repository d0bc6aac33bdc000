// Step "Measure" of action.yml: both gateways in one interleaved run.
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bench, fail, input, setOutput, wordsOf } from './runner.mjs';

const [base, head] = [input('BASE'), input('HEAD')];
const folder = mkdtempSync(join(process.env.RUNNER_TEMP ?? '/tmp', 'crabllm-bench-'));
const directory = join(folder, 'results');
const config = input('CONFIG');
const code = bench(
  '--runtime',
  input('RUNTIME'),
  ...composeWords(),
  '--gateways',
  `${base},${head}`,
  '--output',
  directory,
  ...(config === '' ? [] : ['--config', config]),
  ...wordsOf(input('OPTIONS') || usual()),
);
// 3: a cell has no result. Whether the gate is about that cell is for the judge to say.
if (code !== 0 && code !== 3) fail(`the measurement ended with exit code ${code}; the log above says why`);
setOutput('directory', directory);

/** What a hosted runner can do in some minutes; a settings file knows better, and what is typed would be stronger than it. */
function usual() {
  if (config !== '' || existsSync('crabllm-bench.yaml')) return '';
  return '--scenarios chat-minimal,chat-stream --rps "200 500" --blocks 10 --duration 20';
}

function composeWords() {
  const [given, commands] = [input('COMPOSE'), [input('BASE_COMMAND'), input('HEAD_COMMAND')]];
  const said = commands.filter((command) => command !== '').length;
  if (given !== '' && said > 0) fail('give either compose, or base-command and head-command');
  if (said === 1) fail('base-command and head-command belong together');
  if (given !== '') return ['--compose', given];
  // Published versions are in the catalogue already.
  if (said === 0) return [];
  const file = join(folder, 'compose.yml');
  const services = Object.fromEntries([base, head].map((name, i) => [name, service(name, commands[i])]));
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ services }, null, 2));
  return ['--compose', file];
}

function service(name, command) {
  const port = Number(input('PORT'));
  if (!Number.isInteger(port) || port < 1 || port > 65_535) fail(`port ${input('PORT')} is no port`);
  const [program = '', ...words] = wordsOf(command);
  // A service starts in a folder of its own, so a path has to say from where it counts: from the workspace.
  const path = program.includes('/') && !program.startsWith('{') ? resolve(program) : program;
  return {
    image: name,
    network_mode: 'host',
    'x-bench': { port, health: input('HEALTH'), process: { command: [path, ...words] } },
  };
}
