import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SseReader } from '#src/answers/sse-reader.js';

interface Event {
  readonly data: string;
  readonly type: string;
}

/** Reads a stream from pieces, each in one buffer that is overwritten, as a connection's is. */
function read(pieces: readonly Uint8Array[]): Event[] {
  const events: Event[] = [];
  const reader = new SseReader({
    onEvent: (bytes, start, end, type) =>
      events.push({ data: Buffer.from(bytes.subarray(start, end)).toString(), type }),
  });
  const shared = Buffer.alloc(64 * 1024, 13);
  for (const piece of pieces) {
    shared.set(piece, 3);
    reader.push(shared, 3, 3 + piece.length);
    shared.fill(13);
  }
  return events;
}

function whole(text: string): Event[] {
  return read([Buffer.from(text)]);
}

/** The same format read the simple way: the whole text at once, with strings. */
function oracle(text: string): Event[] {
  const events: Event[] = [];
  let data: string[] = [];
  let type = '';
  for (const line of text.split(/\r\n|\n|\r/).slice(0, -1)) {
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (line === '') {
      if (data.length > 0) events.push({ data: data.join('\n'), type });
      data = [];
      type = '';
    } else if (field === 'data') data.push(value);
    else if (field === 'event') type = value;
  }
  return events;
}

describe('the SSE reader', () => {
  const table: [string, string, Event[]][] = [
    ['one frame', 'data: a\n\n', [{ data: 'a', type: '' }]],
    [
      'several frames',
      'data: a\n\ndata: b\n\n',
      [
        { data: 'a', type: '' },
        { data: 'b', type: '' },
      ],
    ],
    [
      'CRLF',
      'data: a\r\n\r\ndata: b\r\n\r\n',
      [
        { data: 'a', type: '' },
        { data: 'b', type: '' },
      ],
    ],
    [
      'CR',
      'data: a\r\rdata: b\r\r',
      [
        { data: 'a', type: '' },
        { data: 'b', type: '' },
      ],
    ],
    ['comments', ': hi\n\ndata: a\n:x\n\n', [{ data: 'a', type: '' }]],
    [
      'types',
      'event: error\ndata: a\n\ndata: b\n\n',
      [
        { data: 'a', type: 'error' },
        { data: 'b', type: '' },
      ],
    ],
    ['several data lines', 'data: a\ndata: b\n\n', [{ data: 'a\nb', type: '' }]],
    ['no space', 'data:a\n\n', [{ data: 'a', type: '' }]],
    ['two spaces', 'data:  a\n\n', [{ data: ' a', type: '' }]],
    ['empty data', 'data\n\n', [{ data: '', type: '' }]],
    ['other fields', 'id: 1\nretry: 2\ndatax: 3\ndata: a\n\n', [{ data: 'a', type: '' }]],
    ['a byte order mark', '\u{feff}data: a\n\n', [{ data: 'a', type: '' }]],
    ['letters beyond ASCII', 'data: grüße 🦀\n\n', [{ data: 'grüße 🦀', type: '' }]],
    ['an event without its end', 'data: a\n\ndata: b\n', [{ data: 'a', type: '' }]],
  ];
  for (const [name, text, expected] of table) {
    it(`reads ${name}, split at every byte`, () => {
      assert.deepEqual(whole(text), expected);
      const bytes = Buffer.from(text);
      for (let place = 0; place <= bytes.length; place++) {
        assert.deepEqual(read([bytes.subarray(0, place), bytes.subarray(place)]), expected, `split at ${place}`);
      }
      assert.deepEqual(read([...bytes].map((byte) => Uint8Array.of(byte))), expected);
    });
  }

  it('reads what an independent reader reads, whatever the line ends and splits', () => {
    const word = fc.string({ unit: fc.constantFrom('a', ':', ' ', 'ü', '🦀', '{"x":1}'), maxLength: 6 });
    const line = fc.oneof(
      word.map((text) => `data: ${text}`),
      word.map((text) => `data:${text}`),
      fc.constantFrom('event: ping', 'event: error', ': comment', 'id: 7', 'data', '', '', 'retry: 5', 'other: x'),
    );
    const lines = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.array(fc.nat(), { maxLength: 10 }), (parts, places) => {
        // Ends in a line that nothing can be read into, so that a CR at the end is not still waiting for its LF.
        const text = `${parts.map(([content, end]) => content + end).join('')}: end\n`;
        const bytes = Buffer.from(text);
        const cuts = [0, ...places.map((p) => p % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
        const pieces = cuts.slice(1).map((end, i) => bytes.subarray(cuts[i], end));
        assert.deepEqual(read(pieces), oracle(text));
      }),
      { numRuns: 500 },
    );
  });

  it('knows when a stream was cut inside an event', () => {
    const reader = new SseReader({ onEvent: () => {} });
    const push = (text: string) => reader.push(Buffer.from(text), 0, Buffer.byteLength(text));
    push('data: a\n\n');
    assert.equal(reader.partial, false);
    push('data: b');
    assert.equal(reader.partial, true);
    push('\n');
    assert.equal(reader.partial, true);
    push('\n');
    assert.equal(reader.partial, false);
  });
});
