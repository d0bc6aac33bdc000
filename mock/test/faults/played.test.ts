import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { withoutDigits } from '../support/answer-digits.js';
import { startMock, type StartedMock } from '../support/started-mock.js';

/** What came over a connection until it ended, and how it ended. */
interface Heard {
  readonly text: string;
  readonly end: 'closed' | 'reset' | 'silent';
}

/** See {@link onSilence}. */
const SILENCE_MS = 300;
/**
 * Read byte by byte, so that each reading fills the buffer. Where a reading leaves room in it and the peer has gone already, libuv
 * says that the peer closed, without asking whether it had reset the connection: a reset would look like an end.
 */
const ONE_BYTE = Buffer.alloc(1);
const FIRST_CHUNK = /\r\n\r\n([0-9a-f]+)\r\n/;

let mock: StartedMock;
before(async () => {
  mock = await startMock('--chunks', '4');
});
after(() => mock.stop());

/**
 * Calls back when the mock has said nothing for a while, although it has time: on a machine that stood still it would go on
 * before it answers anything new.
 */
function onSilence(socket: Socket, callback: () => void): void {
  socket.setTimeout(SILENCE_MS);
  // Whatever comes sets the timer anew.
  socket.on('timeout', () => void callBackWhenSilent());
  const callBackWhenSilent = async () => {
    const heardBytes = socket.bytesRead;
    await fetch(`${mock.url}/v1/models`);
    if (socket.bytesRead === heardBytes) callback();
  };
}

/** Asks for a fault on a connection of its own; `slow` goes through node:http. */
function hear(fault: string, { stream = false, slow = false, id = 'f' } = {}): Promise<Heard> {
  const content = `[[bench id=${id} fault=${fault}]]`;
  const body = JSON.stringify({ model: 'bench-chat', messages: [{ role: 'user', content }], stream });
  const lines = ['POST /v1/chat/completions HTTP/1.1', 'Host: a', 'Content-Type: application/json'];
  const framing = slow ? ['Transfer-Encoding: chunked'] : [`Content-Length: ${body.length}`];
  const sent = slow ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body;
  let text = '';
  const callback = (bytes: number, buffer: Uint8Array) => {
    text += Buffer.from(buffer.subarray(0, bytes)).toString('latin1');
    return true;
  };
  const onread = { buffer: ONE_BYTE, callback };
  const socket = connect({ port: Number(new URL(mock.url).port), host: '127.0.0.1', onread });
  return new Promise((resolve) => {
    const done = (end: Heard['end']) => {
      socket.destroy();
      resolve({ text, end });
    };
    onSilence(socket, () => done('silent'));
    socket.on('end', () => done('closed'));
    socket.on('error', () => done('reset'));
    socket.write(`${[...lines, ...framing].join('\r\n')}\r\n\r\n${sent}`);
  });
}

function bodyOf({ text }: Heard): string {
  return text.slice(text.indexOf('\r\n\r\n') + 4);
}

/** The events of a chunked stream; whatever is not whole is left out. */
function events(heard: Heard): string[] {
  return bodyOf(heard)
    .split(/\r?\n\r?\n?/)
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6));
}

for (const slow of [false, true]) {
  describe(`faults through ${slow ? 'node:http' : 'the fast path'}`, () => {
    const stream = true;

    it('error and rate-limit are said as the provider says them', async () => {
      const error = await hear('error:503', { slow });
      assert.match(error.text, /^HTTP\/1\.1 503 Service Unavailable\r\n/);
      assert.match(bodyOf(error), /"type":"server_error"/);
      const limited = await hear('rate-limit:7', { slow, stream });
      assert.match(limited.text, /^HTTP\/1\.1 429 Too Many Requests\r\n(.*\r\n)*Retry-After: 7\r\n/i);
    });

    it('refuse closes without a word, reset resets', async () => {
      assert.deepEqual(await hear('refuse', { slow }), { text: '', end: 'closed' });
      assert.deepEqual(await hear('reset', { slow }), { text: '', end: 'reset' });
    });

    it('reset-after-head lets the head arrive', async () => {
      const { text, end } = await hear('reset-after-head', { slow, stream });
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n$/);
      assert.equal(end, 'reset');
    });

    it('stall goes silent at once or behind its frames', async () => {
      assert.deepEqual(await hear('stall', { slow }), { text: '', end: 'silent' });
      const heard = await hear('stall:2', { slow, stream });
      assert.deepEqual([events(heard).length, heard.end], [2, 'silent']);
    });

    it('cut ends a stream behind its frames, with FIN or without', async () => {
      const cut = await hear('cut:3', { slow, stream });
      assert.deepEqual([events(cut).length, cut.end], [3, 'closed']);
      assert.doesNotMatch(cut.text, /0\r\n\r\n$/);
      const reset = await hear('cut-reset:3', { slow, stream });
      assert.deepEqual([events(reset).length, reset.end], [3, 'reset']);
    });

    it('cut ends a plain answer in the middle of its body', async () => {
      const heard = await hear('cut:1', { slow });
      const length = Number(/Content-Length: (\d+)/.exec(heard.text)?.[1]);
      assert.deepEqual([bodyOf(heard).length, heard.end], [length - Math.ceil(length / 2), 'closed']);
    });

    it('cut-bytes ends behind its bytes', async () => {
      const cut = await hear('cut-bytes:700', { slow, stream });
      assert.deepEqual([cut.text.length, cut.end], [700, 'closed']);
      const reset = await hear('cut-bytes-reset:20', { slow });
      assert.deepEqual([reset.text, reset.end], ['HTTP/1.1 200 OK\r\nDat', 'reset']);
    });

    it('bad-json breaks one frame or the body, and nothing else', async () => {
      const frames = events(await hear('bad-json', { slow, stream }));
      const broken = frames.filter((each) => each !== '[DONE]' && !isJson(each));
      assert.deepEqual([broken.length, frames.at(-1)], [1, '[DONE]']);
      const plain = await hear('bad-json', { slow });
      assert.equal(bodyOf(plain).length, Number(/Content-Length: (\d+)/.exec(plain.text)?.[1]));
      assert.equal(isJson(bodyOf(plain)), false);
      assert.equal(isJson(`${bodyOf(plain)}}`), true);
    });

    it('bad-frame leaves out one blank line, and nothing else', async () => {
      const heard = await hear('bad-frame', { slow, stream });
      assert.equal(bodyOf(heard).match(/\n\n/g)?.length, 6);
      assert.equal(events(heard).length, 7);
    });

    it('no-done, duplicate and reorder leave the stream whole as HTTP', async () => {
      const good = events(await hear('duplicate', { slow: false, stream: false }));
      assert.deepEqual(good, []);
      const whole = events(await hear('duplicate:1', { slow, stream })).map(withoutDigits);
      assert.equal(whole[0], whole[1]);
      assert.equal(whole.length, 8);
      const swapped = events(await hear('reorder:1', { slow, stream })).map(withoutDigits);
      assert.deepEqual([swapped[0], swapped[1], swapped.length], [whole[2], whole[0], 7]);
      const unfinished = await hear('no-done', { slow, stream });
      assert.deepEqual([events(unfinished).length, events(unfinished).includes('[DONE]')], [6, false]);
      assert.match(unfinished.text, /\r\n0\r\n\r\n$/);
    });

    it('slow-head and trickle bring the whole answer in the end', async () => {
      for (const fault of ['slow-head:60', 'trickle:1']) {
        const heard = await hear(fault, { slow });
        assert.equal(isJson(bodyOf(heard)), true);
        assert.equal(heard.end, 'closed');
        assert.match(heard.text, /\r\nConnection: close\r\n\r\n/);
      }
      assert.match((await hear('slow-head:60', { slow, stream })).text, FIRST_CHUNK);
    });
  });
}

describe('requests that node:http has read ahead of their turn', () => {
  const chunked = (marker: string, more: object = {}) => {
    const messages = [{ role: 'user', content: `[[bench ${marker}]]` }];
    const body = JSON.stringify({ model: 'bench-chat', messages, ...more });
    const head = 'POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
    return `${head}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  };
  /** The second request is sent while the answer to the first goes on. */
  const talk = async (first: string, second: string): Promise<string> => {
    const socket = connect(Number(new URL(mock.url).port), '127.0.0.1');
    onSilence(socket, () => socket.destroy());
    socket.on('error', () => {});
    let heard = '';
    socket.on('data', (bytes: Buffer) => {
      heard += bytes.toString('latin1');
    });
    socket.once('data', () => socket.write(second));
    socket.write(first);
    await new Promise((resolve) => socket.once('close', resolve));
    return heard;
  };

  it('fail on the wire only behind the answers before them', async () => {
    const heard = await talk(chunked('gap=20', { stream: true }), chunked('fault=cut-bytes:20'));
    const end = heard.indexOf('0\r\n\r\n') + 5;
    assert.match(heard.slice(0, end), /^HTTP\/1\.1 200 OK\r\n[^]*data: \[DONE\]\n\n\r\n0\r\n\r\n$/);
    assert.equal(heard.slice(end), 'HTTP/1.1 200 OK\r\nDat');
  });

  it('begin and end behind them in the ledger too, with bytes of their own', async () => {
    await talk(chunked('id=ahead-1 gap=20', { stream: true }), chunked('id=ahead-2'));
    const response = await fetch(`${mock.url}/__bench/ledger?prefix=ahead`);
    const { records } = (await response.json()) as {
      records: { id: string; outcome: string; bytes: number; sentFirstUs: number; endedUs: number }[];
    };
    const [first, second] = records;
    assert.ok(first !== undefined && second !== undefined);
    assert.deepEqual(
      [first.id, first.outcome, second.id, second.outcome],
      ['ahead-1', 'complete', 'ahead-2', 'complete'],
    );
    assert.ok(second.bytes > 0);
    // The first is sent over many milliseconds, at the very end of which the second begins.
    assert.ok(second.sentFirstUs > (first.sentFirstUs + first.endedUs) / 2);
  });
});

describe('the ledger of faults', () => {
  for (const [fault, frames] of [
    ['cut:2', 2],
    ['cut-bytes:1000', 1],
    ['reset-after-head', 0],
    ['trickle', 7],
    ['slow-head:5', 7],
  ] as const) {
    it(`names ${fault}, and the frames that went out whole`, async () => {
      const id = `in-ledger-${fault.replace(':', '-')}`;
      await hear(fault, { stream: true, id });
      const response = await fetch(`${mock.url}/__bench/ledger?id=${id}`);
      const { records } = (await response.json()) as { records: Record<string, unknown>[] };
      assert.deepEqual(
        records.map((record) => [record['outcome'], record['fault'], record['status'], record['frames']]),
        [['fault', fault.split(':')[0], 200, frames]],
      );
    });
  }
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('a client of HTTP/1.0', () => {
  /** All that comes until the mock closes. */
  function ask(fault: string | undefined, stream = true): Promise<string> {
    const content = fault === undefined ? 'Hello' : `[[bench fault=${fault}]]`;
    const body = JSON.stringify({ model: 'bench-chat', messages: [{ role: 'user', content }], stream });
    const socket = connect(Number(new URL(mock.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (bytes: Buffer) => (text += bytes.toString('latin1')));
    socket.write(`POST /v1/chat/completions HTTP/1.0\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    return new Promise((resolve) => {
      socket.once('close', () => resolve(text));
      socket.on('error', () => {});
      onSilence(socket, () => socket.destroy());
    });
  }

  it('never gets chunked coding, whatever goes wrong', async () => {
    for (const fault of [
      undefined,
      'cut:2',
      'cut-reset:2',
      'stall:2',
      'cut-bytes:900',
      'slow-head:30',
      'trickle',
      'no-done',
      'error-frame:2',
    ]) {
      const text = await ask(fault);
      assert.match(text, /^HTTP\/1\.1 200 OK\r\n/, fault);
      assert.doesNotMatch(text, /transfer-encoding/i, fault);
      const body = text.slice(text.indexOf('\r\n\r\n') + 4);
      assert.match(body, /^data: \{/, fault);
      assert.doesNotMatch(body, /\r\n/, fault);
    }
    assert.match(await ask('trickle'), /\ndata: \[DONE\]\n\n$/);
    assert.match(await ask('cut:1', false), /\r\nContent-Length: \d+\r\n/i);
  });
});
