import assert from 'node:assert/strict';
import { test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { SCENARIOS } from '#src/catalogue/scenarios.js';
import { makePlan } from '#src/plan/plan.js';
import { createProgress } from '#src/measure/progress.js';
import { formatDuration } from '#src/measure/pace.js';
import { bareRun } from '../analyse/bare-run.js';
import { loadRecord } from '../support/fake-runtime.js';
import { TRIAL } from '../support/stored-run.js';

const scenario = SCENARIOS[0] ?? assert.fail();
const PLAN = makePlan({
  seed: 1,
  targets: [{ name: 'direct', kind: 'direct', identity: 'mock', startMs: 0 }],
  scenarios: [{ scenario, levels: [{ kind: 'rps', value: 100 }] }],
  driver: 'native',
  blocks: 2,
  durationMs: 2000,
  warmupMs: 0,
});
const MEASURED = { ...TRIAL, state: 'valid', reason: null, load: loadRecord(100) } as const;

/** What a terminal would show: text with the movements of the cursor obeyed. */
class FakeTerminal {
  readonly lines: string[] = [''];
  readonly isTTY: boolean;
  readonly columns = 60;
  readonly rows = 24;

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): boolean {
    for (const part of text.split(/(\u001B\[\d*[AJ]|\n)/)) {
      const up = /^\u001B\[(\d+)A$/.exec(part);
      if (up !== null) this.lines.splice(this.lines.length - 1 - Number(up[1]), Number.POSITIVE_INFINITY, '');
      else if (part === '\n') this.lines.push('');
      else if (!part.startsWith('\u001B')) this.lines[this.lines.length - 1] += part;
    }
    return true;
  }
}

function on(isTTY: boolean) {
  const terminal = new FakeTerminal(isTTY);
  return { terminal, progress: createProgress(terminal as unknown as NodeJS.WriteStream) };
}

test('without a terminal every trial is one plain line', () => {
  const { terminal, progress } = on(false);
  progress.begin(PLAN, 0);
  progress.doing('nobody sees this');
  progress.trialDone(MEASURED);
  progress.trialDone({ ...TRIAL, reason: { code: 'x', message: 'a reason '.repeat(40) } });
  progress.end();
  const [first, second] = terminal.lines;
  assert.match(first ?? '', /^\[1\/4, about .* left\] direct chat-minimal 100 rps: p50 0\.300 ms, p99 0\.500 ms$/);
  assert.match(second ?? '', /^\[2\/4, .*a reason a reason.*…$/);
  assert.ok((second ?? '').length < 170, 'the whole reason stands in the table');
});

test('what is measured again behind the plan counts in the trials and in the time left', () => {
  const { terminal, progress } = on(false);
  progress.begin(PLAN, 0);
  progress.secondChances(3, 3_600_000);
  for (const block of [1, 1, 2, 2]) progress.trialDone({ ...MEASURED, block });
  for (const block of [3, 3, 3]) progress.trialDone({ ...MEASURED, block });
  assert.match(terminal.lines[0] ?? '', /^\[1\/7, about [45]\d min left\]/);
  assert.match(terminal.lines[3] ?? '', /^\[4\/7, about /);
  assert.match(terminal.lines[6] ?? '', /^\[7\/7, about 0 s left\]/);
});

test('on a terminal the status is redrawn in place, what is told stays, and nothing is left at the end', () => {
  const { terminal, progress } = on(true);
  progress.begin(PLAN, 1);
  progress.doing('direct: starting');
  progress.tell('this stays');
  progress.trialDone(MEASURED);
  progress.doing(`direct: ${'a very long line '.repeat(10)}`);
  assert.deepEqual(terminal.lines[0], 'this stays');
  assert.match(terminal.lines[1] ?? '', /^block 1 of 2 · trial 2\/4, about /);
  assert.ok(
    terminal.lines.every((line) => line.length < 60),
    'a line that wraps could not be taken away again',
  );
  const run = bareRun({ 'chat-minimal': { direct: [300, 301], portkey: [800, 805] } });
  progress.standing(analyse(run.manifest, run.trials), run);
  assert.match(terminal.lines.slice(1).join('\n'), /\n +direct +100 [^]*\n +portkey +100 [^]*\nblock 1 of 2/);
  progress.end();
  assert.deepEqual(terminal.lines, ['this stays', '']);
});

test('durations are said as people say them', () => {
  assert.equal(formatDuration(45_300), '45 s');
  assert.equal(formatDuration(720_000), '12 min');
  assert.equal(formatDuration(7_500_000), '2 h 05 min');
});
