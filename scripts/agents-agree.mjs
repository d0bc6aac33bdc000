#!/usr/bin/env node
// Whether N agents measure what one does: the same load, of one seed, by one, two and three agents in turn, in a random order in each round.
// Prints latencies, added time and rates of each number, and whether they agree with those of the first number within the noise floor; and
// whether what was sent is the single schedule, by the clock of the orchestrator and within the bound to which offsets are known.
//
//   node scripts/agents-agree.mjs --rounds 6 --run="--runtime kubernetes --gateways crabllm --scenarios chat-minimal --rps 200 --duration 5"
//
// --counts 1,2,3: of agents. --seed 1. --keep DIR: where the runs stay; otherwise they are removed. Ends with 1 where something does not hold.
// The noise floor of a figure is the largest half of what rounds of one number lie apart, or what direct against direct shows in these
// runs where that is more; a single round has no noise floor of its own, and says no more than that it was measured.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readColumnFile } from '../orchestrator/build/load/native/column-file.js';
import { refuse, scriptOptions } from './support/script-options.mjs';

const RUN = 'orchestrator/dist/run.js';
/** Written where a request was never sent. */
const ABSENT = 0xffffffff;
/** Of the columns. */
const RESOLUTION_US = 1;
const UNITS = { p50: 'µs', p99: 'µs', added: 'µs', rate: '/s', sent50: 'µs', sent99: 'µs', skew: 'µs', bound: 'µs' };
/** What has to be the same however many make it. */
const COMPARED = ['p50', 'p99', 'added', 'rate', 'sent50', 'sent99'];
const options = scriptOptions({ counts: '1,2,3', rounds: 6, seed: 1, run: undefined, keep: undefined });
const counts = options.counts.split(',').map(Number);
if (!counts.every((count) => Number.isInteger(count) && count >= 1))
  refuse(`--counts ${options.counts}: whole numbers, e.g. 1,2,3`);
if (options.run === undefined)
  refuse('--run="OPTIONS" says what is measured; --agents, --blocks, --seed and --output are added');

const work = options.keep ?? mkdtempSync(join(tmpdir(), 'agents-agree-'));
/** By number of agents and target: a value a round. */
const seen = new Map();
/** What direct against direct shows at each level, a run each, by `scenario level`. */
const floors = new Map();
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
  const { noiseFloor } = JSON.parse(readFileSync(join(output, 'summary.json'), 'utf8'));
  for (const floor of noiseFloor) {
    const key = `${floor.scenario} ${floor.level.value}`;
    floors.set(key, [...(floors.get(key) ?? []), floor]);
  }
  console.error(
    `round ${round} of ${options.rounds}, ${count} ${count === 1 ? 'agent' : 'agents'}: ${lines.length} trials`,
  );
}

function look(output, count, trial) {
  const name = `${trial.target} ${trial.scenario} ${trial.level.value}`;
  const { load, ledger, agents = [], state } = trial;
  if (load === null) return note(name, count, { void: 1 });
  // What was due and when it began is known of a void trial too; what it measured counts for nothing.
  const file = readColumnFile(readFileSync(join(output, trial.files.requests.name)));
  const sent = sentOf(file, agents);
  const { skew, bound } = sent;
  note(name, count, state === 'void' ? { void: 1, skew, bound } : { ...figuresOf(load, ledger), ...sent });
  const { columns, counter, header } = file;
  const due = new Map([...counter].map((number, row) => [number, columns.intendedUs[row]]));
  const key = `${name} ${trial.replica}`;
  const single = schedules.get(key);
  if (single === undefined) schedules.set(key, due);
  else if (single.size !== due.size || [...due].some(([number, us]) => single.get(number) !== us))
    faults.push(`${key} with ${count} agents: its due times are not the single schedule's`);
  for (const { index, start, before } of agents) {
    const allowedUs = boundOf({ start, before }) + RESOLUTION_US;
    if (Math.abs(start.skewUs) > allowedUs)
      faults.push(
        `${key} with ${count} agents: agent ${index} began ${usText(start.skewUs)} from the common start, and ${usText(allowedUs)} is the bound`,
      );
  }
  const made = header.agents?.length ?? 1;
  if (made !== count) faults.push(`${key}: made by ${made} of ${count} agents`);
  if (columns.sentUs.every((us) => us === ABSENT)) faults.push(`${key} with ${count} agents: nothing was sent`);
}

/**
 * How far each request was sent behind its due time in the single schedule, by the orchestrator's clock: what its agent was late, and how far
 * its agent's start was from the common one. In microseconds, with the widest bound of any agent.
 */
function sentOf({ columns }, agents) {
  const behind = [...columns.sentUs]
    .flatMap((late, row) =>
      late === ABSENT ? [] : late + (agents[columns.agent?.[row] ?? row % agents.length]?.start.skewUs ?? 0),
    )
    .toSorted((a, b) => a - b);
  return {
    sent50: behind[Math.floor(behind.length / 2)],
    sent99: behind[Math.floor(behind.length * 0.99)],
    skew: Math.max(0, ...agents.map(({ start }) => Math.abs(start.skewUs))),
    bound: Math.max(0, ...agents.map(boundOf)),
  };
}

/**
 * How far the start of an agent may seem to be from the common one: it began where it took that to be, which is known to the first bound, and
 * that is looked at with the second. On one clock there is nothing to reckon.
 */
function boundOf({ start, before }) {
  return start.boundUs === 0 ? 0 : before.boundUs + start.boundUs;
}

function figuresOf({ latencyUs, achievedRps }, ledger) {
  return {
    p50: latencyUs.quantiles?.p50,
    p99: latencyUs.quantiles?.p99,
    added: ledger?.overheadUs?.quantiles?.p50,
    rate: achievedRps,
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
  for (const [name, of] of seen) {
    console.log(`\n${name} a second`);
    console.log(['', ...Object.entries(UNITS).map(([each, unit]) => `${each} ${unit}`)].map(column).join(''));
    for (const count of counts) {
      const rounds = of.get(count) ?? [];
      const cells = Object.keys(UNITS).map((each) => spreadText(valuesOf(rounds, each)));
      console.log([`${count} ${count === 1 ? 'agent' : 'agents'}`, ...cells].map(column).join(''));
      const voids = rounds.filter((values) => values.void === 1).length;
      if (voids > 0) console.log(`  ${voids} of ${rounds.length} were void`);
    }
    const unmeasured = counts.filter((count) => valuesOf(of.get(count) ?? [], 'p50').length === 0);
    for (const count of unmeasured) faults.push(`${name} a second: no trial of ${count} agents counts, all were void`);
    if (unmeasured.length === 0) for (const each of COMPARED) judge(name, of, each);
  }
  const clocks = [...seen.values()].flatMap((of) => [...of.values()].flat());
  const [skew, bound] = ['skew', 'bound'].map((each) => Math.max(0, ...valuesOf(clocks, each)));
  console.log(
    '\nmedian of the rounds ± half of what they lie apart; sent: behind the due time by the orchestrator’s clock;',
  );
  console.log('skew: how far the start of an agent was from the common one, known within bound.');
  const isSingle = faults.every((fault) => !/schedule|common start/.test(fault));
  console.log(
    `${isSingle ? 'ok ' : 'NOT'} due times are those of the single schedule in all ${schedules.size} trials; starts are at most ${usText(skew)} from the common one, bound ${usText(bound)}`,
  );
}

/** Whether each number of agents agrees with the first, in one figure. */
function judge(name, of, each) {
  const [first, ...others] = counts;
  const all = counts.map((count) => valuesOf(of.get(count) ?? [], each));
  if (all.some((values) => values.length === 0)) {
    console.log(`  –   ${each} is not known of all numbers of agents`);
    return;
  }
  const rounds = Math.min(...all.map((values) => values.length));
  const floor = Math.max(...all.map(halfSpread), ownFloor(name, each));
  for (const [nth, count] of others.entries()) {
    const apart = median(all[nth + 1]) - median(all[0]);
    const what = `${each} of ${count} agents less that of ${first}: ${apart.toFixed(0)} ${UNITS[each]}`;
    if (rounds < 2) console.log(`  –   ${what}; one round that is not void has no noise floor: --rounds 2 or more`);
    else if (Math.abs(apart) <= floor) console.log(`  ok  ${what}, within the noise floor of ${floor.toFixed(0)}`);
    else faults.push(`${name} a second: ${what}, and the noise floor is ${floor.toFixed(0)}`);
  }
}

/** What direct against direct shows, the median of the runs; 0 where it is not known of that figure. */
function ownFloor(name, each) {
  const [, ...level] = name.split(' ');
  const field = { p50: 'p50Us', p99: 'p99Us', added: 'p50Us' }[each];
  const known = (floors.get(level.join(' ')) ?? []).flatMap((floor) => floor[field] ?? []);
  return known.length === 0 ? 0 : median(known);
}

function valuesOf(rounds, each) {
  return rounds.map((values) => values[each]).filter((value) => value !== undefined && value !== null);
}

function spreadText(values) {
  return values.length === 0 ? '–' : `${median(values).toFixed(0)} ± ${halfSpread(values).toFixed(0)}`;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function halfSpread(values) {
  return (Math.max(...values) - Math.min(...values)) / 2;
}

function column(text) {
  return text.padStart(14);
}

function usText(value) {
  return `${value.toFixed(1)} µs`;
}

function shuffled(values) {
  const all = [...values];
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [all[i], all[j]] = [all[j], all[i]];
  }
  return all;
}
