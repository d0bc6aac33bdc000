import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import { canPin, pinProgram } from '#src/clock/affinity.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import type { TrialLoad } from '#src/load/driver.js';
import { readTopology } from '#src/resources/cpu-topology.js';
import { chatBody, plain, scriptedServer } from './scripted-server.js';

const usable = readTopology()?.cpus.map(({ id }) => String(id)) ?? [];
const skip = !canPin() || usable.length < 2 ? 'there are no two CPUs to tell apart here' : false;

/** On which CPUs each thread of this process may run. */
function threads(): string[] {
  return readdirSync('/proc/self/task').map(
    (thread) =>
      /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/self/task/${thread}/status`, 'utf8'))?.[1] ?? '',
  );
}

function loadOn(port: number): TrialLoad {
  return {
    url: `http://127.0.0.1:${port}/v1/chat/completions`,
    headers: {},
    body: JSON.stringify({ messages: [{ role: 'user', content: `[[bench id=${ID_PLACEHOLDER}]]` }] }),
    streaming: false,
    level: { kind: 'rps', value: 100 },
    warmupMs: 0,
    measureMs: 200,
    timeoutMs: 5000,
    expectedLatencyMs: 1,
    seed: 1,
    expected: null,
  };
}

/** A `taskset` before that of the system, which writes down when it is done; the `slow`-th call takes its time. */
function slowTaskset(slow: number) {
  const directory = mkdtempSync(join(tmpdir(), 'taskset-'));
  const done = join(directory, 'done');
  const { PATH = '' } = process.env;
  writeFileSync(done, '');
  writeFileSync(
    join(directory, 'taskset'),
    [
      '#!/bin/sh',
      `PATH='${PATH}'`,
      // Two that ask at the same time are told apart by a folder that only one of them can make.
      `n=1; while ! mkdir ${directory}/$n 2>/dev/null; do n=$((n + 1)); done`,
      `[ $n -ne ${slow} ] || sleep 0.5`,
      `taskset "$@" && echo >> ${done}`,
      '',
    ].join('\n'),
    { mode: 0o755 },
  );
  process.env['PATH'] = `${directory}:${PATH}`;
  return {
    ended: () => readFileSync(done, 'latin1').length,
    restore: () => {
      process.env['PATH'] = PATH;
      rmSync(directory, { recursive: true });
    },
  };
}

// Whichever of reader and pacer asks first: the other one is the slow one once.
for (const slow of [1, 2])
  test(`a trial begins when every thread is in its place, the ${slow === 1 ? 'first' : 'second'} late, and the next one on the same threads asks nobody`, {
    skip,
  }, async () => {
    const [place = ''] = usable;
    const taskset = slowTaskset(slow);
    const ended: number[] = [];
    const driver = createNativeDriver({ cpuset: place, onStart: () => ended.push(taskset.ended()) });
    const server = await scriptedServer((socket) => socket.write(plain(chatBody('hello'))));
    try {
      await driver.run(loadOn(server.port), new AbortController().signal);
      await driver.run(loadOn(server.port), new AbortController().signal);
      assert.deepEqual([...ended, taskset.ended()], [2, 2, 2], 'reader and pacer, once');
    } finally {
      taskset.restore();
      await driver.close();
      await server.close();
    }
  });

test('the threads of a lane are where they are told to be, and the rest of this program is not', { skip }, async () => {
  const [elsewhere = '', place = ''] = usable;
  const driver = createNativeDriver({ cpuset: place });
  const seen: string[][] = [];
  const server = await scriptedServer((socket) => {
    if (seen.length === 0) seen.push(threads());
    socket.write(plain(chatBody('hello')));
  });
  pinProgram(elsewhere);
  try {
    await driver.run(loadOn(server.port), new AbortController().signal);
  } finally {
    pinProgram(usable.join(','));
    await driver.close();
    await server.close();
  }
  const [lists = []] = seen;
  assert.equal(lists.filter((list) => list === place).length, 2, 'pacer and reader');
  assert.equal(lists.filter((list) => list === elsewhere).length, lists.length - 2);
});
