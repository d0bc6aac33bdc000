import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import type { FeatureCost } from '#src/record/summary.js';
import { renderResultsPage } from '#src/report/results-page.js';
import { searchedSurface } from '../analyse/searched-surface.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const { manifest, trials } = syntheticRun();
const summary = analyse({ ...manifest, options: { rps: '100 500', skip: false, output: '/tmp/x', seed: '7' } }, trials);
const page = renderResultsPage([{ name: 'process', summary, ruler: 'Differences below 10 µs cannot be told.' }]);

describe('the page of results', () => {
  it('begins with an answer in figures: who adds least, who does not keep up, who takes how much', () => {
    const short = page.slice(page.indexOf('## In short'), page.indexOf('Every figure belongs')).replaceAll('\n', ' ');
    assert.match(short, /crabllm added least at the median at all \d levels compared \(\+0\.\d+ to \+0\.\d+ ms\)/);
    assert.match(short, /Not kept up with the load: litellm from 500 rps on \(chat-minimal: 160 a second\)/);
    assert.match(short, /Peak memory, in MiB: crabllm 22, litellm 414, portkey 144, the mock itself 64\./);
  });

  it('counts who failed among those that did not keep up, and says why where a figure is wanting', () => {
    const failed = summary.cells.map((cell) =>
      cell.target === 'crabllm' && cell.scenario === 'chat-minimal' && cell.level.value === 500
        ? { ...cell, state: 'failed' as const, reason: { code: 'out-of-memory', message: 'killed at 512 MiB' } }
        : cell,
    );
    const text = renderResultsPage([{ name: 'process', summary: { ...summary, cells: failed }, ruler: 'None.' }]);
    assert.match(
      text.replaceAll('\n', ' '),
      /Not kept up with the load: [^.]*crabllm from 500 rps on \(chat-minimal: failed\)/,
    );
    assert.match(text, /^- crabllm, chat-minimal at 500 rps: .*killed at 512 MiB/m);
  });

  it('does not say of a single gateway that it could not be told from another', () => {
    const alone = summary.cells.filter(({ target }) => target === 'direct' || target === 'crabllm');
    const text = renderResultsPage([
      { name: 'process', summary: { ...summary, cells: alone, ranking: [] }, ruler: 'None.' },
    ]).replaceAll('\n', ' ');
    assert.match(text, /added at the median: crabllm \+0\.\d+ to \+0\.\d+ ms; there was nobody to compare it with\./);
  });

  it('has for each scenario its table and its picture, and what is absent with its reason', () => {
    assert.match(page, /\| p50 \/ p99 ms \| direct \| crabllm \|/);
    assert.match(page, /!\[chat-minimal on [a-z]+\]\(images\/process-chat-minimal\.png\)/);
    assert.match(page, /\*\*bifrost\*\* is absent: /);
    assert.match(page, /Differences below 10 µs cannot be told\./);
  });

  it('is wrapped like the pages that people write, tables and code apart', () => {
    const place = { target: null, scenario: null, level: null };
    const message = 'word '.repeat(40).trim();
    const findings = [{ code: 'x', severity: 'info', ...place, message, evidence: {} } as const];
    const text = renderResultsPage([
      { name: 'process', summary: { ...summary, findings: [...findings] }, ruler: 'None.' },
    ]);
    const long = text.split('\n').filter((line) => line.length > 120 && !/^(\||!|crabllm-bench)/.test(line));
    assert.deepEqual(long, []);
    assert.match(text, /^- word.+\n {2}word/m);
  });

  it('says the command that repeats it, without where its files went', () => {
    assert.match(page, /```\ncrabllm-bench --rps '100 500' --no-skip --seed 7\n```/);
  });
});

describe('the page of results, of other kinds of run', () => {
  const level = { kind: 'rps' as const, value: 20 };

  it('shows of a run with variants what those cost and its picture, and no table of all targets', () => {
    const features: FeatureCost[] = [
      {
        gateway: 'crabllm',
        feature: 'otel',
        target: 'crabllm+otel',
        scenario: 'chat-minimal',
        level,
        blocks: 0,
        state: 'not-offered',
        reason: { code: 'not-offered', message: 'it sends no spans' },
      },
    ];
    const text = renderResultsPage([{ name: 'features', summary: { ...summary, features }, ruler: 'None.' }]);
    assert.match(text, /^## What features cost: /m);
    assert.match(text, /!\[What features cost\]\(images\/features-chat-minimal-20rps\.png\)/);
    assert.match(text, /\| otel \| crabllm \|.*not offered: it sends no spans \|/);
    assert.doesNotMatch(text, /p50 \/ p99 ms/);
  });

  it('shows of a search its surface, and says in short what holds at the least and at the largest limits', () => {
    const { capacity, run } = searchedSurface();
    const shown = { name: 'capacity', summary: { ...summary, cells: [], run: analyse(run, []).run } };
    const text = renderResultsPage([{ ...shown, ruler: 'None.', capacity }]);
    assert.match(
      text.replaceAll('\n', ' '),
      /capacity within p99<20ms, errors<0\.1%: chat-minimal: crabllm 400 to 484 rps at 1 CPU and 512 MiB, 600 to 726 rps at 2 CPUs and 512 MiB\./,
    );
    assert.match(text, /!\[Capacity by limits of chat-minimal\]\(images\/capacity-chat-minimal\.png\)/);
    assert.match(text, /^### Capacity by limits$/m);
    assert.match(text, /\| crabllm \| 2 \| 512.*\| 600 to 726 \|/);
  });

  it('shows of a search without limits its answers', () => {
    const { capacity, run } = searchedSurface();
    const shown = { name: 'capacity', summary: { ...summary, cells: [], run: analyse(run, []).run }, ruler: 'None.' };
    const text = renderResultsPage([{ ...shown, capacity: { ...capacity, surface: [] } }]);
    assert.match(text.replaceAll('\n', ' '), /chat-minimal: crabllm:1cpu-0 400 to 484 rps; /);
    assert.doesNotMatch(text, /!\[/);
  });
});
