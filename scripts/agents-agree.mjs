#!/usr/bin/env node
// Whether N agents measure what one does: the same load, of one seed, by one, two and three agents in turn, in a random order in each round.
// Prints latencies, added time and rates of each number beside what rounds of one number differ by, and how far what was sent was from the
// single schedule, by the clock of the orchestrator and with its bound.
//
//   node scripts/agents-agree.mjs --rounds 6 --run="--runtime kubernetes --gateways crabllm --scenarios chat-minimal --rps 200 --duration 5"
//
// --counts 1,2,3: of agents. --seed 1. --keep DIR: where the runs stay; otherwise they are removed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readColumnFile } from '../orchestrator/build/load/native/column-file.js';
import { refuse, scriptOptions } from './support/script-options.mjs';

const RUN = 'orchestrator/dist/run.js';
/** Written where a request was never sent. */
const ABSENT = 0xffffffff;
const options = scriptOptions({ counts: '1,2,3', rounds: 6, seed: 1, run: undefined, keep: undefined });
const counts = options.counts.split(',').map(Number);
if (!counts.every((count) => Number.isInteger(count) && count >= 1))
  refuse(`--counts ${options.counts}: whole numbers, e.g. 1,2,3`);
if (options.run === undefined)
  refuse('--run="OPTIONS" says what is measured; --agents, --blocks, --seed and --output are added');

const work = options.keep ?? mkdtempSync(join(tmpdir(), 'agents-agree-'));
/** By number of agents and target: a value a round. */
const seen = new Map();
/** Due times of each trial, by its name: the single schedule. */
const schedules = new Map();
const faults = [];

for (let round = 1; round <= options.rounds; round++) for (const count of shuffled(counts)) measureOnce(round, count);
print();
if (options.keep === undefined) rmSync(work, { recursive: true, force: true });
for (const fault of faults) console.log(`NOT ${fault}`);
process.exit(faults.length === 0 ? 0 : 1);

function measureOnce(round, count) {
  const output = join(work, `${round}-${count}`);
  const words = options.run.split(/\s+/).filter((word) => word !== '');
  const own = ['--agents', `${count}`, '--blocks', '1', '--seed', `${options.seed}`, '--output', output];
  const { status, stderr } = spawnSync(process.execPath, [RUN, ...words, ...own], { encoding: 'utf8' });
  if (status !== 0 && status !== 3) refuse(`round ${round} with ${count} agents ended with ${status}:\n${stderr}`);
  const lines = readFileSync(join(output, 'trials.jsonl'), 'utf8').trim().split('\n');
  for (const trial of lines.map((line) => JSON.parse(line))) look(output, count, trial);
  console.error(
    `round ${round} of ${options.rounds}, ${count} ${count === 1 ? 'agent' : 'agents'}: ${lines.length} trials`,
  );
}

function look(output, count, trial) {
  const name = `${trial.target} ${trial.scenario} ${trial.level.value}`;
  const { load, ledger, agents = [], state } = trial;
  if (load === null) return note(name, count, { void: 1 });
  // What was due and when it began is known of a void trial too; what it measured counts for nothing.
  const measured = state === 'void' ? { void: 1 } : figuresOf(load, ledger);
  const starts = agents.map(({ start }) => start);
  note(name, count, {
    ...measured,
    skew: Math.max(0, ...starts.map(({ skewUs }) => Math.abs(skewUs))),
    bound: Math.max(0, ...starts.map(({ boundUs }) => boundUs)),
  });
  const { columns, counter, header } = readColumnFile(readFileSync(join(output, trial.files.requests.name)));
  const due = new Map([...counter].map((number, row) => [number, columns.intendedUs[row]]));
  const key = `${name} ${trial.replica}`;
  const single = schedules.get(key);
  if (single === undefined) schedules.set(key, due);
  else if (single.size !== due.size || [...due].some(([number, us]) => single.get(number) !== us))
    faults.push(`${key} with ${count} agents: its due times are not the single schedule's`);
  const made = header.agents?.length ?? 1;
  if (made !== count) faults.push(`${key}: made by ${made} of ${count} agents`);
  if (columns.sentUs.every((us) => us === ABSENT)) faults.push(`${key} with ${count} agents: nothing was sent`);
}

function figuresOf({ latencyUs, latenessUs, achievedRps }, ledger) {
  return {
    p50: latencyUs.quantiles?.p50,
    p99: latencyUs.quantiles?.p99,
    added: ledger?.overheadUs?.quantiles?.p50,
    rate: achievedRps,
    late: latenessUs?.quantiles?.p99,
  };
}

function note(name, count, values) {
  const of = seen.get(name) ?? new Map();
  seen.set(name, of);
  const rounds = of.get(count) ?? [];
  of.set(count, rounds);
  rounds.push(values);
}

function print() {
  const names = ['p50', 'p99', 'added', 'rate', 'late', 'skew', 'bound'];
  const units = { p50: 'µs', p99: 'µs', added: 'µs', rate: '/s', late: 'µs', skew: 'µs', bound: 'µs' };
  for (const [name, of] of seen) {
    console.log(`\n${name} a second`);
    console.log(['', ...names.map((each) => `${each} ${units[each]}`)].map((text) => text.padStart(14)).join(''));
    for (const count of counts) {
      const rounds = of.get(count) ?? [];
      const cells = names.map((each) =>
        spread(rounds.map((values) => values[each]).filter((value) => value !== undefined && value !== null)),
      );
      console.log([`${count} agents`, ...cells].map((text) => text.padStart(14)).join(''));
      const voids = rounds.filter((values) => values.void === 1).length;
      if (voids > 0) console.log(`  ${voids} of ${rounds.length} were void`);
    }
  }
  console.log(
    '\nmedian of the rounds ± half of what they lie apart; skew: how far the start of an agent was from the common one, ± bound;',
  );
  console.log(
    'late: p99 of sending behind the due time. Numbers agree where their medians differ by less than rounds of one number do.',
  );
}

function spread(values) {
  if (values.length === 0) return '–';
  const sorted = values.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)];
  return `${median.toFixed(0)} ± ${((sorted.at(-1) - sorted[0]) / 2).toFixed(0)}`;
}

function shuffled(values) {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}
