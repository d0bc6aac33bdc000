import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { analyse } from '#src/analyse/analyse.js';
import { CONDUCT_FILE } from '#src/record/conduct.js';
import type { Manifest } from '#src/record/manifest.js';
import { MANIFEST, RunWriter, TRIALS } from '#src/record/run-directory.js';
import { pageModel } from '#src/report/page-model.js';
import { rulerLine } from '#src/certificate/with-run.js';
import { type PageServer, startPageServer } from '#src/serve/page-server.js';
import { servesRuns } from '#src/serve/run-pages.js';
import { exactly, madePlayed, madeRun } from '../analyse/conduct/made-run.js';
import { syntheticRun } from '../analyse/synthetic-run.js';
import { ask } from './ask.js';

const MARKUP = '"><img src=x onerror=alert(1)>';
const run = syntheticRun();

function write(directory: string, change: Partial<Manifest> = {}): string {
  const writer = new RunWriter(directory);
  writer.writeManifest({ ...run.manifest, ...change });
  writer.clearTrials();
  for (const trial of run.trials) writer.appendTrial(trial);
  return directory;
}

/** What `--group conduct` wrote, its raw records lost. */
function writeConduct(directory: string): string {
  const played = madePlayed('slow', 1, 'outage-503', { amplification: exactly(4) });
  new RunWriter(directory).writeJson(CONDUCT_FILE, madeRun('conduct-run', [played]));
  return directory;
}

describe('the page of one run', () => {
  const directory = write(join(mkdtempSync(join(tmpdir(), 'serve-')), 'one'));
  let server: PageServer;
  before(async () => void (server = await startPageServer(0, servesRuns([directory]))));
  after(() => server.close());

  test('is made of the records, holds the model of the file, and may connect to its server alone', async () => {
    writeFileSync(join(directory, 'report.html'), 'somebody else’s');
    const { status, text } = await ask(server.address);
    assert.equal(status, 200);
    assert.match(text, /connect-src 'self'; base-uri 'none'/);
    const summary = analyse(run.manifest, run.trials);
    const shown: unknown = JSON.parse(/id="model">(.*?)<\/script>/s.exec(text)?.[1] ?? '');
    assert.deepEqual(shown, JSON.parse(JSON.stringify(pageModel(summary, rulerLine(directory, summary), run))));
  });

  test('is all that there is', async () => {
    for (const path of ['report.html', 'run.json', 'trials.jsonl', 'run/', 'run/0000000000000000/'])
      assert.equal((await ask(server.address, { path })).status, 404, path);
    assert.equal((await ask(server.address, { method: 'POST' })).status, 405);
  });
});

describe('a list of runs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'serve-'));
  let server: PageServer;
  before(async () => {
    write(join(folder, 'a-night'), { id: 'night-1', startedAt: '2026-01-01T03:00:00.000Z' });
    write(join(folder, 'b-going-on'), { id: 'night-2', startedAt: '2026-01-02T03:00:00.000Z', finishedAt: null });
    write(join(folder, MARKUP.replaceAll('/', '')), { id: MARKUP, startedAt: '2026-01-03T03:00:00.000Z' });
    write(join(folder, 'c-capacity'), { options: { 'find-capacity': true, slo: 'p99<20ms' } });
    write(join(folder, 'd-other-version'));
    writeFileSync(join(folder, 'd-other-version', MANIFEST), '{"schemaVersion":0}');
    write(join(folder, 'e-cut'));
    truncateSync(join(folder, 'e-cut', MANIFEST), 100);
    mkdirSync(join(folder, 'f-empty'));
    writeConduct(join(folder, 'g-conduct'));
    write(join(folder, 'h-half-copied'));
    rmSync(join(folder, 'h-half-copied', TRIALS));
    writeConduct(join(folder, 'i-other-conduct'));
    writeFileSync(join(folder, 'i-other-conduct', CONDUCT_FILE), '{"schemaVersion":0}');
    server = await startPageServer(0, servesRuns([folder]));
  });
  after(() => server.close());

  const alone = async (): ReturnType<typeof ask> => {
    const of = await startPageServer(0, servesRuns([join(folder, 'g-conduct')]));
    try {
      return await ask(of.address);
    } finally {
      await of.close();
    }
  };
  const linkTo = (page: string, name: string): string => {
    const row = page.split('<tr>').find((line) => line.includes(name)) ?? '';
    return /href="(run\/[0-9a-f]{16}\/)"/.exec(row)?.[1] ?? '';
  };

  test('names each with what speaks against it, runs no script, and takes no markup', async () => {
    const { text } = await ask(server.address);
    assert.doesNotMatch(text, /<script|<img/);
    assert.match(text, /b-going-on<\/a>.*has not ended: it is being measured, or was cut off/);
    for (const name of ['d-other-version', 'e-cut']) {
      const row = text.split('<tr>').find((line) => line.includes(name)) ?? '';
      assert.match(row, /class="state">\S*run\.json is not what this program writes/);
      assert.doesNotMatch(row, /href/);
    }
    assert.match(text.split('<tr>').find((line) => line.includes('f-empty')) ?? '', /holds no run/);
    assert.match(text, /g-conduct<\/a>.*slow.*conduct while providers fail: outage-503/);
    assert.match(text, /h-half-copied<\/a>.*its trials are missing/);
    assert.match(
      text,
      /i-other-conduct.*conduct\.json cannot be used: it is not what this version writes: schemaVersion: /,
    );
  });

  test('each has its page, whatever it is called and whatever was asked', async () => {
    const { text } = await ask(server.address);
    for (const name of ['a-night', 'b-going-on', 'img src=x']) {
      const page = await ask(server.address, { path: linkTo(text, name) });
      assert.equal(page.status, 200, name);
      assert.match(page.text, /id="model"/);
      assert.doesNotMatch(page.text, /<img/);
    }
    const capacity = await ask(server.address, { path: linkTo(text, 'c-capacity') });
    assert.equal(capacity.status, 200);
    assert.match(capacity.text, /"kind":"capacity"/);
    assert.match(capacity.text, /connect-src 'self'/);
  });

  test('what gateways do while providers fail has its page too, also without the raw records', async () => {
    const { text } = await ask(server.address);
    for (const page of [await ask(server.address, { path: linkTo(text, 'g-conduct') }), await alone()]) {
      assert.equal(page.status, 200);
      assert.match(page.text, /"question":"What does each gateway do while its provider fails\?"/);
      assert.match(page.text, /connect-src 'self'/);
      assert.match(page.text, /Raw records that cannot be read.*slow-outage-503\.b1/s);
      assert.match(page.text, /<p class="muted">[^<]*certificate/, 'how far its rows are to be trusted here');
    }
  });

  test('is searched by every word, and finds a run that came later', async () => {
    const found = async (q: string): Promise<string> =>
      (await ask(server.address, { path: `?q=${encodeURIComponent(q)}` })).text;
    assert.match(await found('night-1'), /<p [^>]*>1 run with “night-1”/);
    assert.match(await found('GOING 2026-01-02'), /1 run with/);
    assert.match(await found('no such thing'), /0 runs with/);
    assert.doesNotMatch(await found(MARKUP), /<img/);
    write(join(folder, 'z-later'), { id: 'later-run', startedAt: '2026-02-01T03:00:00.000Z' });
    assert.match(await found('later-run'), /1 run with/);
  });

  test('five hundred of them are one answer', async () => {
    const many = mkdtempSync(join(tmpdir(), 'serve-'));
    const text = JSON.stringify(run.manifest);
    for (let i = 0; i < 500; i += 1) {
      mkdirSync(join(many, `run-${i}`));
      writeFileSync(join(many, `run-${i}`, MANIFEST), text);
    }
    const of = await startPageServer(0, servesRuns([many]));
    try {
      assert.equal((await ask(of.address)).text.split('href="run/').length - 1, 500);
    } finally {
      await of.close();
    }
  });
});
