#!/usr/bin/env node
// The least change of a gateway that this machine can still tell: relays that hold each request for a millisecond, and the same relays with
// a change planted in the delay, measured as gateways are.
//
//   npm run build && node scripts/planted-change.mjs                          nine blocks of 2 s, some ten minutes
//   node scripts/planted-change.mjs --blocks 3 --changes 50,100 --seconds 1   a look
//
// One run has them all without a change, the next one has all with theirs. Two runs are held against each other by `compare`; within the
// second run the relay without a change is the other side, which is the sharp way. What is printed is what the suite says of each.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnMine } from './support/child-of-mine.mjs';
import { refuse, scriptOptions } from './support/script-options.mjs';

const RUN_PROGRAM = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
const RELAY_PROGRAM = fileURLToPath(new URL('../orchestrator/dist/relay/main.js', import.meta.url));
/** Of the relays one behind the other. */
const FIRST_PORT = 9921;

const options = scriptOptions({ blocks: 9, seconds: 2, rps: 100, 'delay-us': 1000, changes: '10,20,30,50' });
const changes = options.changes.split(',').map(Number);
if (!changes.every((change) => change > 0)) refuse(`--changes ${options.changes}: per cent above 0, such as 10,30`);
/** Of each target, per cent. The first has none in either run. */
const planted = [0, ...changes];
const names = planted.map((change) => `by${change}`);

const directory = mkdtempSync(join(tmpdir(), 'planted-change-'));
try {
  await measured('before', () => 0);
  await measured('after', (change) => change);
  const { cells } = JSON.parse(program('compare', join(directory, 'before'), join(directory, 'after'), '--json'));
  const summary = JSON.parse(readFileSync(join(directory, 'after', 'summary.json'), 'utf8'));
  const places = summary.ranking.find(({ quantile }) => quantile === 'p50')?.places ?? [];
  const lettersOf = (name) => places.find(({ target }) => target === name)?.letters ?? '';
  const own = lettersOf(names[0]);
  console.log(
    'planted  two runs: overhead at p50, µs                          told                one run: told from +0 %',
  );
  for (const [i, name] of names.entries()) {
    const measure = comparedMeasure(cells, name);
    const within = i === 0 ? '–' : [...lettersOf(name)].some((letter) => own.includes(letter)) ? 'no' : 'yes';
    const told = measure === null ? 'no figure in both runs' : changeText(measure);
    console.log(
      `+${String(planted[i]).padEnd(4)} %  ${told.padEnd(54)} ${(measure?.verdict ?? '–').padEnd(19)} ${within}`,
    );
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}

/** One run of all relays, each started anew with what is planted in it. */
async function measured(name, changeOf) {
  const relays = [];
  try {
    for (const [i, change] of planted.entries()) relays.push(await startRelay(FIRST_PORT + i, changeOf(change)));
    const targets = names.flatMap((target, i) => ['--target', `${target}=http://127.0.0.1:${FIRST_PORT + i}`]);
    const plan = {
      runtime: 'process',
      driver: 'native',
      scenarios: 'chat-minimal',
      rps: options.rps,
      blocks: options.blocks,
      duration: options.blocks * options.seconds,
      seed: 7,
      output: join(directory, name),
    };
    const words = Object.entries(plan).flatMap(([option, value]) => [`--${option}`, String(value)]);
    program('bench', '--no-config', ...words, ...targets);
  } finally {
    for (const relay of relays) {
      relay.kill();
      await once(relay, 'exit');
    }
  }
}

async function startRelay(port, change) {
  const delayUs = Math.round(options['delay-us'] * (1 + change / 100));
  const words = [RELAY_PROGRAM, '--port', String(port), '--delay', `${delayUs}us`];
  const relay = spawnMine(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await Promise.race([once(relay.stdout, 'data'), once(relay, 'exit')]);
  if (!Buffer.isBuffer(said)) refuse(`the relay on port ${port} ended with ${said}`);
  relay.stdout.resume();
  return relay;
}

/** What `compare` says of a target's overhead at the median, microseconds; null where a run has no figure with an interval for it. */
function comparedMeasure(cells, target) {
  const cell = cells.find(({ a }) => a === target);
  return cell?.measures.find(({ name }) => name === 'overhead.p50') ?? null;
}

function changeText({ a, b, change: { value, low, high } }) {
  const whole = (us) => us.toFixed(0);
  return `${whole(a)} → ${whole(b)}: ${whole(value)} [${whole(low)}, ${whole(high)}]`;
}

function program(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [RUN_PROGRAM, ...words], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0 && status !== 3) refuse(`${words[0]} ended with ${status}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}
