import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { analyse } from '#src/analyse/analyse.js';
import { analyseCapacity, searchSteps } from '#src/analyse/capacity.js';
import { capacityPageModel } from '#src/report/capacity-page-model.js';
import { pageModel } from '#src/report/page-model.js';
import type { LiveState } from '#src/report/live-model.js';
import { renderLivePage } from '#src/report/live-page.js';
import { sendPage, sendText, startPageServer } from '#src/serve/page-server.js';
import { Viewers } from '#src/serve/viewers.js';
import { OBJECTIVES, searchedRun } from '../analyse/searched-run.js';
import { syntheticRun } from '../analyse/synthetic-run.js';

const BROWSER = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) =>
  existsSync(path),
);

test('the live page follows the run, asks for a pause, and shows the report at the end', {
  skip: BROWSER === undefined ? 'no Chromium on this machine' : false,
}, async () => {
  const { manifest, trials } = syntheticRun();
  const searched = searchedRun();
  const model = pageModel(analyse(manifest, trials), 'a ruler', { manifest, trials });
  const phase = {
    state: 'measuring',
    rests: 'block',
    doing: 'direct: chat-minimal',
    progress: 'block 1 of 2',
    done: 1,
    total: 4,
  } as const;
  const hostile = '<img src=x onerror=alert(1)>';
  const state: LiveState = { phase, lines: [{ kind: 'note', text: hostile, bad: false }], model: null };
  const viewers = new Viewers(
    () => state,
    () => true,
  );
  const posted: string[] = [];
  let isOver = false;
  const server = await startPageServer(0, ({ method, path, response }) => {
    if (method === 'POST') {
      posted.push(path);
      sendText(response, 200, 'pausing');
    } else if (path === '/events') viewers.add(response, null);
    else sendPage(response, isOver ? '<title>over</title><p>the report</p>' : renderLivePage('run-1'));
  });
  const browser = await chromium.launch({
    executablePath: BROWSER ?? '',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    const page = await browser.newPage();
    const complaints: string[] = [];
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(server.address)) complaints.push(`asked for ${request.url()}`);
    });
    await page.goto(`${server.address}#q=p90`);
    const answer = page.locator('#answer');
    await answer.getByText('block 1 of 2').waitFor();
    assert.equal(await answer.locator('table').count(), 0);
    assert.equal(await answer.locator('img').count(), 0, 'what happened is text');

    viewers.publish('model', model);
    viewers.publish('phase', { ...phase, progress: 'block 2 of 2', done: 2 });
    viewers.flush();
    await answer.getByText('block 2 of 2').waitFor();
    for (const { name, absent } of model.targets)
      if (absent === '') assert.ok((await answer.locator('th[scope=row]', { hasText: name }).count()) > 0, name);
    assert.equal(
      await answer.getByRole('checkbox', { name: 'p90' }).isChecked(),
      true,
      'what the address asks for stays chosen',
    );

    const capacity = analyseCapacity(searched.manifest, searched.trials, [], OBJECTIVES);
    const steps = searchSteps(searched.manifest, searched.trials, OBJECTIVES);
    viewers.publish('model', capacityPageModel(capacity, steps, searched.manifest));
    viewers.publish('phase', { ...phase, rests: 'window', progress: '', done: 0, total: 0 });
    viewers.flush();
    await answer.getByText('400 to 430 rps').first().waitFor();
    assert.equal(await answer.locator('progress').count(), 0, 'nobody knows how many windows a search has');

    await answer.getByRole('button', { name: 'Pause at the end of the window' }).click();
    viewers.publish('phase', { ...phase, state: 'paused' });
    viewers.flush();
    await answer.getByRole('button', { name: 'Go on' }).waitFor();
    assert.deepEqual(posted, ['/pause']);

    isOver = true;
    viewers.publish('end', { hasReport: true, message: 'The run has ended.' });
    viewers.flush();
    await page.getByText('the report').waitFor();
    await page.waitForURL(({ hash }) => hash === '#q=p90');
    assert.deepEqual(
      complaints.filter((line) => !line.includes('favicon')),
      [],
    );
  } finally {
    await browser.close();
    await server.close();
  }
});
