import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { renderResultsPage } from '#src/report/results-page.js';
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
