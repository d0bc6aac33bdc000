import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { answerRests, HandOut, restForHandOut } from '#src/runtime/kubernetes/hand-out.js';
import { ARCHIVE, marksOf, readResultLine, type Result } from '#src/runtime/kubernetes/result.js';
import { RunArchive } from '#src/runtime/kubernetes/run-archive.js';

function workplace(context: TestContext): { readonly work: string; readonly results: string } {
  const work = mkdtempSync(join(tmpdir(), 'kube-test-'));
  context.after(() => rmSync(work, { recursive: true, force: true }));
  const results = join(work, 'results');
  mkdirSync(results);
  return { work, results };
}

describe('what a run hands out while it goes on', () => {
  it('is nothing where there is nothing yet', async (context) => {
    const { work, results } = workplace(context);
    const handOut = new HandOut(new RunArchive(results), work, () => assert.fail('nothing to be said'));
    await handOut.rest();
    assert.ok(!existsSync(join(work, ARCHIVE)));
    assert.equal(handOut.isHeard, false);
  });

  it('is kept at its end where nobody has fetched any of it on the way', async (context) => {
    const { work, results } = workplace(context);
    const archive = new RunArchive(results);
    writeFileSync(join(results, 'trials.jsonl'), 'one\n');
    const said: string[] = [];
    await new HandOut(archive, work, (line) => said.push(line)).conclude(3);
    const [result] = said.map(readResultLine);
    assert.equal(result?.exitCode, 3);
    assert.equal(readFileSync(join(work, ARCHIVE)).length, result?.bytes);
  });

  it('is there to be fetched while it rests, and nowhere behind that until its end', async (context) => {
    const { work, results } = workplace(context);
    const records = join(results, 'trials.jsonl');
    const archive = new RunArchive(results);
    writeFileSync(records, 'one\n');
    const said: Result[] = [];
    const handOut = new HandOut(archive, work, (line) => {
      const result = readResultLine(line) ?? assert.fail(line);
      said.push(result);
      assert.ok(existsSync(join(work, ARCHIVE)));
      writeFileSync(join(work, marksOf(result.bytes).had), '');
    });
    await handOut.rest();
    assert.ok(handOut.isHeard);
    assert.ok(!existsSync(join(work, ARCHIVE)));
    appendFileSync(records, 'two\n');
    await handOut.conclude(0);
    assert.deepEqual(
      said.map(({ exitCode }) => exitCode),
      [null, 0],
    );
    assert.ok((said[1]?.bytes ?? 0) > (said[0]?.bytes ?? 0));
    assert.equal(readFileSync(join(work, ARCHIVE)).length, said[1]?.bytes);
  });

  it('is asked for by the benchmark, which goes on when it is answered, or when nobody can answer', async () => {
    const [asking, answering] = [new EventEmitter(), new EventEmitter()];
    const send = (to: EventEmitter) => (message: string, callback: (error: Error | null) => void) => {
      setImmediate(() => to.emit('message', message));
      callback(null);
      return true;
    };
    const benchmark = Object.assign(asking, { connected: true, send: send(answering) }) as unknown as NodeJS.Process;
    let rests = 0;
    answerRests(Object.assign(answering, { send: send(asking) }), async () => {
      rests += 1;
    });
    await restForHandOut(benchmark);
    await restForHandOut(benchmark);
    assert.equal(rests, 2);
    assert.equal(asking.listenerCount('message'), 0);
    const alone = Object.assign(new EventEmitter(), { connected: true, send: () => true });
    setImmediate(() => alone.emit('disconnect'));
    await restForHandOut(alone as unknown as NodeJS.Process);
    await restForHandOut({ ...benchmark, connected: false });
  });
});
