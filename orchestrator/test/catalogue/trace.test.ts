import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { replayOf, TraceTooVaried } from '#src/catalogue/blend.js';
import { scenarioBody } from '#src/catalogue/scenarios.js';
import { parseTrace as parseLines, spanUs, WHOLE_TRACE } from '#src/catalogue/trace.js';
import { BenchError } from '#src/errors.js';

const parseTrace = (text: string, path: string, part = WHOLE_TRACE) => parseLines(text.split(/\r?\n/), path, part);
const HEADER = 'time_s,prompt_tokens,output_tokens';
const rowsOf = (text: string, part = WHOLE_TRACE) => {
  const { atUs, promptTokens, outputTokens } = parseTrace(text, 'trace.csv', part);
  return [...atUs].map((at, row) => [Math.round(at), promptTokens[row], outputTokens[row]]);
};

test('every trace comes back row by row, counted from its first', () => {
  const row = fc.tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 100_000 }));
  fc.assert(
    fc.property(fc.array(row, { minLength: 1 }), fc.constantFrom('\n', '\r\n'), (given, newline) => {
      // Whole milliseconds, ascending, and a last one that makes a span.
      let ms = 0;
      const rows = [...given, [1, 7, 8] as const].map(([step, prompt, output]) => [
        (ms += step % 1000),
        prompt,
        output,
      ]);
      const span = (rows.at(-1)?.[0] ?? 0) - (rows[0]?.[0] ?? 0);
      fc.pre(span > 0);
      const lines = rows.map(([at = 0, prompt, output]) => `${(at / 1000).toFixed(3)},${prompt},${output}`);
      const first = rows[0]?.[0] ?? 0;
      assert.deepEqual(
        rowsOf([HEADER, ...lines, ''].join(newline)),
        rows.map(([at = 0, prompt, output]) => [(at - first) * 1000, prompt, output]),
      );
    }),
  );
});

test('no text makes the parser fail otherwise than by one clear error', () => {
  const cell = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('1', '2.5', '', '-1', '1e9', 'NaN', '"1"'));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { maxLength: 4 }), { maxLength: 5 }), (rows) => {
      try {
        parseTrace([HEADER, ...rows.map((cells) => cells.join(','))].join('\n'), 'trace.csv');
      } catch (error) {
        assert.ok(error instanceof BenchError && error.exitCode === 2 && /^trace\.csv(:\d+)?: /.test(error.message));
      }
    }),
  );
});

test('published traces are read as they are', () => {
  const azure =
    'TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319569,3180,8\n';
  assert.deepEqual(rowsOf(azure), [
    [0, 4808, 10],
    [51997, 3180, 8],
  ]);
  const zoned = azure.replaceAll(/(\d{7}),/g, '$1+00:00,');
  assert.deepEqual(rowsOf(zoned), rowsOf(azure));
  const burst =
    'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n45,GPT-4,1087,230,1317,API log\n';
  assert.deepEqual(rowsOf(burst), [
    [0, 472, 18],
    [40e6, 1087, 230],
  ]);
});

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  ['no time', 'when,prompt_tokens,output_tokens\n1,1,1\n2,1,1', /^t\.csv:1: no column for the time in "when,/],
  [
    'a column twice',
    'time_s,timestamp,prompt_tokens,output_tokens\n1,1,1,1\n2,2,1,1',
    /^t\.csv:1: more than one column/,
  ],
  ['one row', `${HEADER}\n1,1,1`, /^t\.csv:2: 1 rows/],
  ['nothing', '', /^t\.csv:1: no column/],
  ['a value missing', `${HEADER}\n1,1,1\n2,1`, /^t\.csv:3: 2 values\.$/],
  ['no number', `${HEADER}\n1,1,1\n2,many,1`, /^t\.csv:3: prompt tokens "many" cannot be asked for\.$/],
  ['a prompt of nothing', `${HEADER}\n1,1,1\n2,0,1`, /^t\.csv:3: prompt tokens "0"/],
  ['only requests without an answer', `${HEADER}\n1,1,0\n2,1,0`, /^t\.csv:3: 0 rows can be sent, and 2 have no answer/],
  ['a quote left open', `${HEADER}\n1,1,1\n"2,1,1`, /^t\.csv:3: a quote is left open\.$/],
  ['no JSON', '{"timestamp":0,"input_length":1,"output_length":1}\n{', /^t\.csv:2: "\{" is no JSON\.$/],
  ['JSON without sizes', '{"timestamp":0}\n', /^t\.csv:1: it has no "input_length"\.$/],
  ['an empty line', `${HEADER}\n1,1,1\n\n2,1,1\n`, /^t\.csv:3: 0 values\.$/],
  ['backwards', `${HEADER}\n2,1,1\n1,1,1`, /^t\.csv:3: time "1" is before that of a row above\.$/],
  [
    'more than a day',
    `${HEADER}\n0,1,1\n86401,1,1`,
    /^t\.csv:3: its last row is 24\.0 h after its first, more than a day/,
  ],
  ['no span', `${HEADER}\n3,1,1\n3,1,1`, /^t\.csv:3: all rows have the same time\.$/],
  ['no date', `${HEADER}\n2023-02-30 99:00:00,1,1\n3,1,1`, /^t\.csv:2: time "2023-02-30 99:00:00" is none\.$/],
];
for (const [name, text, message] of REFUSED) {
  test(`refused with file and line: ${name}`, () => {
    assert.throws(() => parseTrace(text, 't.csv'), { name: 'BenchError', code: 'trace-invalid', exitCode: 2, message });
  });
}

test('BurstGPT is read as it is published: rows without an answer are left out and counted', () => {
  const text = `Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type
5,ChatGPT,472,18,490,Conversation log
6,ChatGPT,472,0,472,Conversation log
45,GPT-4,1087,230,1317,"API log, of old"
`;
  assert.deepEqual(rowsOf(text), [
    [0, 472, 18],
    [40e6, 1087, 230],
  ]);
  const trace = { file: 't.csv', sha256: '', part: WHOLE_TRACE, ...parseTrace(text, 't.csv') };
  assert.equal(trace.unanswered, 1);
  assert.match(replayOf(trace).about, /; 1 more had no answer and are not sent/);
});

test('JSON lines as Mooncake has them count in milliseconds', () => {
  const text = `{"timestamp": 27482, "input_length": 6955, "output_length": 52, "hash_ids": [46, 47]}
{"timestamp": 30535, "input_length": 6472, "output_length": 26, "hash_ids": [46]}
`;
  assert.deepEqual(rowsOf(text), [
    [0, 6955, 52],
    [3053e3, 6472, 26],
  ]);
});

test('values are read in the ways in which spreadsheets and programs write them', () => {
  const rows = [
    [0, 1374, 12],
    [500e3, 2, 1000],
  ];
  for (const [header, first, second] of [
    ['time_s;prompt_tokens;output_tokens', '1e-05;1,374;12.0', '0.50001;2;1e3'],
    ['"time_s"\t"prompt_tokens"\t"output_tokens"', '1\t"1374"\t12', '1.5\t2.\t1000'],
    ['timestamp,prompt tokens,output tokens', '1700000000000,1374,12', '1700000000500,2,1000'],
    ['timestamp,prompt tokens,output tokens', '1700000000000000000,1374,12', '1700000000500000000,2,1000'],
    ['timestamp,prompt tokens,output tokens', '1700000000.0,1374,12', '1700000000.5,2,1000'],
    ['time_ms,prompt_tokens,output_tokens', '10,1374,12', '510,2,1000'],
  ]) {
    assert.deepEqual(rowsOf([header, first, second].join('\n')), rows, header);
  }
});

test('a part of a trace is replayed, also faster, and what lies outside of it is not judged', () => {
  const text = `${HEADER}\n0,0,1\n100000,3,1\n100010,4,0\n100020,5,2\n100060,6,3\nthe rest,7,7\n`;
  const part = { fromUs: 50_000e6, forUs: 50_050e6, speed: 10 };
  assert.deepEqual(rowsOf(text, part), [
    [0, 3, 1],
    [2e6, 5, 2],
  ]);
  assert.equal(parseTrace(text, 't.csv', part).unanswered, 1);
  assert.throws(() => parseTrace(text, 't.csv', { ...part, fromUs: 1e6, forUs: 1e6 }), /0 rows can be sent/);
});

test('all faults of a file are counted, of each kind the first is told', () => {
  const text = `${HEADER}\n0,1,1\n1,many,1\n2,few,1\n3,1\n1,1,1\n4,1,1\n`;
  assert.throws(() => parseTrace(text, 't.csv'), {
    message: [
      't.csv: 4 of 6 rows cannot be used.',
      't.csv:3: prompt tokens "many" cannot be asked for, and 1 more row like it.',
      't.csv:5: 2 values.',
      't.csv:6: time "1" is before that of a row above.',
    ].join('\n  '),
  });
});

test('a replay has one kind for each pair of sizes, and prompts of the size asked for', () => {
  const trace = {
    file: 't.csv',
    sha256: '',
    part: WHOLE_TRACE,
    ...parseTrace(`${HEADER}\n0,100,5\n1,3,5\n2,100,5\n3,100,6`, 't.csv'),
  };
  const { blend, about } = replayOf(trace);
  assert.ok(blend !== undefined && 'trace' in blend.draw);
  assert.deepEqual([...blend.draw.kindOf], [0, 1, 0, 2]);
  const words = blend.kinds.map((kind) => {
    const { messages } = JSON.parse(scenarioBody(kind, { modelPrefix: '' })) as { messages: [{ content: string }] };
    return messages[0].content
      .split('[[', 1)[0]
      ?.split(' ')
      .filter((word) => word !== '').length;
  });
  // The mock counts seven tokens around the text.
  assert.deepEqual(words, [93, 0, 93]);
  assert.match(about, /4 requests over 4\.0 s .*; 1 prompts of less than 7 tokens/);
  assert.equal(spanUs(trace), 4e6);
});

test('a trace with more different requests than can be held is refused', () => {
  const many = Array.from({ length: 300 }, (_, i) => `${i},${1_000_000 - i},1`);
  const trace = { file: 't.csv', sha256: '', part: WHOLE_TRACE, ...parseTrace([HEADER, ...many].join('\n'), 't.csv') };
  assert.throws(() => replayOf(trace), TraceTooVaried);
});
