import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import type { Scenario } from '#src/catalogue/scenario.js';
import { SCENARIOS, scenarioBody } from '#src/catalogue/scenarios.js';
import { MOCK_PROGRAM } from '#src/installation.js';

let mock: ChildProcess;
let url = '';
before(async () => {
  const words = [MOCK_PROGRAM, '--port', '0', '--workers', '2'];
  mock = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: mock.stdout as NodeJS.ReadableStream })) {
    url = /http:\/\/[\d.]+:\d+/.exec(line)?.[0] ?? '';
    if (url !== '') break;
  }
});
after(async () => {
  const gone = once(mock, 'exit');
  mock.kill();
  await gone;
});

test('a retry of error-storm can succeed: each attempt is drawn anew, and the same always', async () => {
  const storm = SCENARIOS.find(({ name }) => name === 'error-storm') as Scenario;
  const body = scenarioBody(storm, { modelPrefix: '' });
  const statuses = new Map<string, number[]>();
  for (let i = 0; i < 60; i += 1) {
    const id = `storm${String(i).padStart(ID_PLACEHOLDER.length - 5, '0')}`;
    const tries: number[] = [];
    for (let attempt = 0; attempt < 3 && tries.at(-1) !== 200; attempt += 1) {
      const answer = await fetch(url + storm.path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body.replaceAll(ID_PLACEHOLDER, id),
      });
      await answer.text();
      tries.push(answer.status);
    }
    statuses.set(id, tries);
  }
  const all = [...statuses.values()];
  const failedFirst = all.filter(([first]) => first !== 200);
  const recovered = failedFirst.filter((tries) => tries[1] === 200);
  // Drawn from seed and ids, so these are no estimates: 60 requests, and who of them fails is the same in every run.
  assert.ok(failedFirst.length > 20 && failedFirst.length < 40, `${failedFirst.length} failed first`);
  assert.ok(recovered.length > 5 && recovered.length < failedFirst.length - 5, `${recovered.length} recovered`);
});
