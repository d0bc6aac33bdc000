import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, it, type TestContext } from 'node:test';
import { pack } from 'tar-stream';
import { packStored, RunArchive, unpack } from '#src/runtime/kubernetes/run-archive.js';

function folder(context: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'kube-test-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function contents(directory: string): Record<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const files = names.flatMap((name) => {
    try {
      return [[name, readFileSync(join(directory, name), 'utf8')] as const];
    } catch {
      return [];
    }
  });
  return Object.fromEntries(files.toSorted(([a], [b]) => a.localeCompare(b)));
}

describe('a run directory as archives', () => {
  it('is made again by what was added since the one before, also by all of them as one', async (context) => {
    const [there, here, late] = [folder(context), folder(context), folder(context)];
    const archive = new RunArchive(there);
    const all: Buffer[] = [];
    const hand = async (): Promise<number> => {
      const part = await archive.next();
      all.push(part);
      return unpack(part, here);
    };
    writeFileSync(join(there, 'run.json'), '{"complete":false}');
    writeFileSync(join(there, 'trials.jsonl'), '');
    assert.equal(await hand(), 2);
    for (const block of [1, 2, 3]) {
      mkdirSync(join(there, 'csv'), { recursive: true });
      mkdirSync(join(there, '.services'), { recursive: true });
      writeFileSync(join(there, `direct.b${block}.json`), `raw of block ${block}`);
      writeFileSync(join(there, 'csv', `direct.b${block}.csv`), 'a,b');
      writeFileSync(join(there, '.services', 'crabllm.toml'), `${block}`);
      writeFileSync(join(there, 'half.json.part'), '{');
      appendFileSync(join(there, 'trials.jsonl'), `{"block":${block}}\n`);
      assert.equal(await hand(), 3);
    }
    assert.equal((await archive.next()).length, 0);
    writeFileSync(join(there, 'run.json'), '{"complete":true,"finishedAt":"now"}');
    assert.equal(await hand(), 1);
    await unpack(Buffer.concat(all), late);
    const { '.services/crabllm.toml': _own, 'half.json.part': _half, ...rest } = contents(there);
    assert.deepEqual(contents(here), rest);
    assert.deepEqual(contents(late), rest);
    // Whoever comes late gets what he has once more.
    await unpack(Buffer.concat(all), here);
    assert.deepEqual(contents(here), rest);
    // The records cross once.
    assert.equal(Buffer.concat(all).toString().split('{"block":1}').length, 2);
  });

  it('goes on behind the records of a run that was interrupted', async (context) => {
    const [laptop, pod] = [folder(context), folder(context)];
    writeFileSync(join(laptop, 'run.json'), '{}');
    writeFileSync(join(laptop, 'trials.jsonl'), '{"block":1}\n');
    writeFileSync(join(laptop, 'direct.b1.json'), 'raw');
    await unpack(await packStored(laptop), pod);
    const archive = new RunArchive(pod);
    assert.equal((await archive.next()).length, 0);
    appendFileSync(join(pod, 'trials.jsonl'), '{"block":2}\n');
    await unpack(await archive.next(), laptop);
    assert.deepEqual(contents(laptop), {
      'direct.b1.json': 'raw',
      'run.json': '{}',
      'trials.jsonl': '{"block":1}\n{"block":2}\n',
    });
  });

  it('is refused where what it goes on behind is not there', async (context) => {
    const [there, here] = [folder(context), folder(context)];
    writeFileSync(join(there, 'trials.jsonl'), '{"block":1}\n');
    const archive = new RunArchive(there);
    appendFileSync(join(there, 'trials.jsonl'), '{"block":2}\n');
    await assert.rejects(unpack(await archive.next(), here), { code: 'result-lost' });
  });

  it('is unpacked into its directory and nowhere else', async (context) => {
    const directory = folder(context);
    const archive = async (name: string): Promise<Buffer> => {
      const tar = pack();
      tar.entry({ name }, 'text');
      tar.finalize();
      return buffer(tar);
    };
    assert.equal(await unpack(await archive('charts/a.svg'), directory), 1);
    assert.equal(readFileSync(join(directory, 'charts/a.svg'), 'utf8'), 'text');
    await assert.rejects(async () => unpack(await archive('../out'), directory), { code: 'result-lost' });
  });
});
