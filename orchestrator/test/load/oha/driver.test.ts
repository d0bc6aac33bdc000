import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { createOhaDriver } from '#src/load/oha/driver.js';
import type { Runtime, ToolResult, ToolRun } from '#src/runtime/runtime.js';
import { fixture, trialLoad } from './fixtures.js';

const open: { close(): Promise<void> }[] = [];
after(() => Promise.all(open.map((driver) => driver.close())));

/** A driver on a runtime whose only tool run ends as given. */
function driverOn(ending: Partial<ToolResult>, asked: ToolRun[] = []) {
  const result: ToolResult = {
    exitCode: 0,
    stdout: '',
    stderr: '',
    files: new Map(),
    cpuUs: null,
    version: '1.16.0',
    ranMs: { from: 10_000, until: 60_000 },
    ...ending,
  };
  const runtime = {
    prepareTool: async () => ({ state: 'available', version: '1.15.0', digest: null, limitsEnforced: false }) as const,
    runTool: async (tool: ToolRun) => {
      asked.push(tool);
      return result;
    },
  };
  const driver = createOhaDriver(runtime as unknown as Runtime);
  open.push(driver);
  return driver;
}

const running = new AbortController().signal;
const captured = new Map([
  ['result.json', fixture('open-loop.json')],
  ['result.db', fixture('open-loop.db')],
]);

describe('a trial with oha', () => {
  it('runs the tool once and gives the record and its JSON untouched', async () => {
    const asked: ToolRun[] = [];
    const { record, raw } = await driverOn({ files: captured, cpuUs: 3000 }, asked).run(trialLoad(), running);
    assert.deepEqual(raw, fixture('open-loop.json'));
    assert.equal(record.ok, 100);
    assert.equal(record.driverCpuUs, 2000);
    assert.deepEqual(record.driver, { name: 'oha', version: '1.16.0' });
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.image, 'ghcr.io/hatoo/oha:1.16.0');
  });

  it('says when it loaded: from its start, whatever it did after', async () => {
    const { span } = await driverOn({ files: captured }).run(trialLoad(), running);
    assert.deepEqual(span, { fromMs: 10_000, windowFromMs: 11_000, windowUntilMs: 13_000 });
    const late = await driverOn({ files: captured, ranMs: { from: 10_500, until: 13_100 } }).run(trialLoad(), running);
    assert.equal(late.span.fromMs.toFixed(1), '10099.1', 'the load, 3000.878 ms of it, was over before it ended');
  });

  it('takes the version from the preparation when the run does not know it', async () => {
    const driver = driverOn({ files: captured, version: null });
    await driver.prepare(() => {}, running);
    assert.equal((await driver.run(trialLoad(), running)).record.driver.version, '1.15.0');
  });

  it('does without the database', async () => {
    const files = new Map([['result.json', fixture('open-loop.json')]]);
    const { record } = await driverOn({ files }).run(trialLoad(), running);
    assert.equal(record.latencyUs.seconds, null);
    assert.equal(record.ok, 100);
  });
});

describe('a trial that oha does not bring to an end', () => {
  const cases: readonly { what: string; ending: Partial<ToolResult>; message: RegExp }[] = [
    {
      what: 'exit code',
      ending: { exitCode: 2, stderr: 'a\nb\nc\nd\n\ne\nerror: unexpected argument\n' },
      message: /^oha ended with exit code 2: b \| c \| d \| e \| error: unexpected argument$/,
    },
    {
      what: 'time-out',
      ending: { exitCode: null, files: captured },
      message: /^oha had not ended after 34 s and was killed/,
    },
    { what: 'no result', ending: { stderr: '' }, message: /^oha ended well but left no result.json, saying nothing$/ },
    { what: 'no JSON', ending: { files: new Map([['result.json', Buffer.from('{')]]) }, message: /it is not JSON/ },
    {
      what: 'no database',
      ending: { files: new Map([...captured, ['result.db', Buffer.from('SQLite')]]) },
      message: /database of 6 bytes cannot be read/,
    },
  ];
  for (const { what, ending, message } of cases) {
    it(`fails with its reason: ${what}`, async () => {
      await assert.rejects(driverOn(ending).run(trialLoad(), running), { code: 'driver-failed', message });
    });
  }

  it('is interrupted when the signal aborts, although oha then writes its result and exits with 0', async () => {
    const run = driverOn({ files: captured }).run(trialLoad(), AbortSignal.abort());
    await assert.rejects(run, { code: 'interrupted', exitCode: 130 });
  });
});
