import assert from 'node:assert/strict';
import { it, mock } from 'node:test';
import { FrameMemory } from '#src/load/native/frame-memory.js';
import { type ConnectionOwner, LaneConnection } from '#src/load/native/lane-connection.js';
import { LaneSocket } from '#src/load/native/lane-socket.js';
import { scriptedServer } from './scripted-server.js';

const ASK = Buffer.from('POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n');

/** A connection with what it tells its lane, in order; `row` is the one under way on it. */
function connected(port: number, row: { now: number }) {
  const told: string[] = [];
  let close = (): void => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const owner: ConnectionOwner = {
    readBuffer: Buffer.alloc(64 * 1024),
    reuse: true,
    leavesNow: () => false,
    onRead: () => void told.push('looked at the clock'),
    onConnected: (opened) => opened.write(ASK),
    onConnectFailed: (_failed, message) => void told.push(`no connection: ${message}`),
    onFirstByte: () => void told.push('first byte'),
    onFirstFrame: () => {},
    onToken: () => {},
    onVerdict: (answered, { outcome }, reusable) => {
      told.push(`${answered.parser.state} ${outcome}${reusable ? ', reusable' : ''}`);
      row.now = -1;
      answered.reset();
    },
    isSentWhole: () => true,
    beforeClose: () => void told.push('closing'),
    onClosed: () => close(),
    rowOn: () => row.now,
  };
  const spec = { format: 'chat', streaming: false, expected: null, memory: new FrameMemory() } as const;
  const connection = new LaneConnection(0, owner, spec, { host: '127.0.0.1', port, tlsName: null });
  return { connection, told, closed };
}

it('looks at the clock when an answer ends with the connection, and not at what it read before', async (t) => {
  const server = await scriptedServer((socket) => {
    socket.write('HTTP/1.1 400 Bad Request\r\n\r\nwhatever');
    setTimeout(() => socket.end(), 20);
  });
  t.after(() => server.close());
  const { told, closed } = connected(server.port, { now: 0 });
  await closed;
  assert.deepEqual(told, ['looked at the clock', 'first byte', 'looked at the clock', 'complete status', 'closing']);
});

it('is gone at once when the target closes it while nothing is asked, however long its own side takes', {
  timeout: 10_000,
}, async (t) => {
  const answer = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n';
  const server = await scriptedServer((socket) => {
    socket.write(answer);
    setTimeout(() => socket.end(), 20);
  });
  t.after(() => server.close());
  const never = mock.method(LaneSocket.prototype, '_final', () => {});
  t.after(() => never.mock.restore());
  const { connection, told, closed } = connected(server.port, { now: 0 });
  await closed;
  assert.equal(connection.descriptor, -1);
  assert.deepEqual(told, ['looked at the clock', 'first byte', 'complete status, reusable', 'closing']);
});
