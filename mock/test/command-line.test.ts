import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '#src/command-line.js';
import type { MockConfig } from '#src/config.js';

function config(...argv: string[]): MockConfig {
  const parsed = parseConfig(argv);
  assert.notEqual(parsed, 'help');
  return parsed as MockConfig;
}

describe('the command line', () => {
  it('reads models, and what every answer is', () => {
    const { models, anyModel, story } = config('--model', 'a', '--model', 'b', '--any-model', '--lenient');
    assert.deepEqual([models, anyModel, story.settings.lenient], [['a', 'b'], true, true]);
    const { answer } = config('--answer', 'as=call', '--answer', 'calls=2', '--answer', 'say=a=b c').story.settings;
    assert.deepEqual(answer, { as: 'call', calls: 2, say: 'a=b c' });
  });

  for (const [wish, expected] of [
    ['json', /--answer "json" is not KEY=VALUE/],
    ['as=song', /--answer: as: Invalid option: expected one of "text"\|"json"\|"call"/],
    ['calls=9', /--answer calls "9" is not a whole number from 0 to 8/],
    ['voice=low', /answer: Unrecognized key: "voice" \(allowed: as, say, calls, tool, finish\)/],
  ] as const) {
    it(`refuses --answer ${wish}`, () => assert.throws(() => config('--answer', wish), expected));
  }

  it('reads the number of the first worker, which a record of the ledger has room for, and not beside a store', () => {
    assert.deepEqual([config().firstWorker, config('--first-worker', '256').firstWorker], [0, 256]);
    assert.throws(
      () => config('--first-worker', '65500'),
      /first-worker "65500" is not a whole number from 0 to 65472/,
    );
    assert.throws(() => config('--first-worker', '64', '--store', '10'), /--store and --first-worker cannot be had/);
  });

  it('has the original’s defaults', () => {
    const { providers, host, chunks, story } = config();
    assert.deepEqual([providers, host, chunks], [[{ name: 'mock', port: 9999 }], '127.0.0.1', 20]);
    assert.deepEqual(story, { settings: { latency: {} }, providers: {} });
  });

  it('has the original’s short options', () => {
    const { providers, chunks, story } = config('-p', '9000', '-c', '7', '-d', '5', '-e', '0.5');
    assert.deepEqual([providers[0]?.port, chunks], [9000, 7]);
    assert.deepEqual(story.settings, { latency: { plain: '5', gap: '5' }, 'error-rate': 0.5 });
  });

  it('delay keeps the original’s meaning: before a plain answer, and between frames, not before the first', () => {
    assert.deepEqual(config('--delay', '5').story.settings.latency, { plain: '5', gap: '5' });
  });

  it('ttft and gap are stronger than delay', () => {
    const { latency } = config('--delay', '5', '--ttft', 'normal:9:1', '--gap', '2').story.settings;
    assert.deepEqual(latency, { plain: 'normal:9:1', ttft: 'normal:9:1', gap: '2' });
  });

  it('reads rules of faults', () => {
    const { faults } = config('--fault', 'cut:3,share=0.5,path=/v1/chat', '--fault', 'stall,first=2,from=5s,to=10')
      .story.settings;
    assert.deepEqual(faults, [
      { fault: 'cut:3', share: 0.5, from: 0, path: '/v1/chat' },
      { fault: 'stall', share: 1, first: 2, from: 5, to: 10 },
    ]);
  });

  it('reads a capacity', () => {
    assert.deepEqual(config('--capacity', '4:10').story.settings.capacity, { slots: 4, queue: 10 });
    assert.deepEqual(config('--capacity', '4').story.settings.capacity, { slots: 4, queue: 1_000_000 });
  });

  it('reads a fleet', () => {
    assert.deepEqual(config('--providers', 'a:9999,b:9998', '--control-port', '0').providers, [
      { name: 'a', port: 9999 },
      { name: 'b', port: 9998 },
    ]);
  });

  it('asks for help', () => assert.equal(parseConfig(['--help']), 'help'));

  const bad: [argv: string[], message: RegExp][] = [
    [['--port', '70000'], /^--port "70000" is not a whole number from 0 to 65535$/],
    [['--port', 'x'], /^--port "x" is not a whole number/],
    [['--chunks', '0'], /^--chunks "0" is not a whole number from 1 to 100000$/],
    [['--delay', '-1'], /delay/],
    [['--delay', '1e3'], /^--delay "1e3" is not a number from 0 to 3600000$/],
    [['--error-rate', '1.1'], /^--error-rate "1.1" is not a number from 0 to 1$/],
    [['--error-status', '200'], /^--error-status "200" is not a whole number from 400 to 599$/],
    [['--gap', 'soon'], /^--gap: "soon" is not a latency/],
    [['--fault', 'boom'], /^--fault "boom": fault: "boom" is not a fault/],
    [
      ['--fault', 'stall', '--fault', 'cut:3,share=2'],
      /^--fault "cut:3,share=2": share: expected a number from 0 to 1$/,
    ],
    [['--ttft', 'soon'], /^--ttft: "soon" is not a latency/],
    [
      ['--fault', 'stall,often=3'],
      /^--fault "stall,often=3": "often" is not one of share, first, from, to, every, path$/,
    ],
    [['--capacity', '0'], /^--capacity "0" is not a whole number from 1/],
    [['--control', 'token'], /^--control token needs CRABLLM_BENCH_CONTROL_TOKEN/],
    [['--control', 'me'], /^--control "me" is not one of loopback, any, token$/],
    [['--scenario', '/nowhere.yaml'], /^scenario \/nowhere\.yaml cannot be read: ENOENT/],
    [['--providers', 'a'], /^--providers "a" is not NAME:PORT$/],
    [['--providers', 'a:70000'], /^--providers "70000" is not a whole number from 0 to 65535$/],
    [['--providers', 'a:1,a:2'], /^provider "a" is there twice$/],
    [['--providers', 'a:1,b:1'], /^providers "a" and "b" cannot share port 1$/],
    [['--providers', 'ü:1'], /^provider "ü" is not named with 1 to 32 of A-Z a-z 0-9 _ -$/],
    [['--providers', 'a:1', '--port', '2'], /^--port and --providers cannot be had together/],
    [['--timeline', '/nowhere.yaml'], /^timeline \/nowhere\.yaml cannot be read: ENOENT/],
    [['--fault', 'connection-refused,share=0.5'], /connection-refused closes the port: it takes from, to and every/],
    [['--speed'], /^Unknown option '--speed' \(see --help\)$/],
    [['extra'], /extra/],
  ];
  for (const [argv, message] of bad) {
    it(`refuses ${argv.join(' ')}`, () => assert.throws(() => parseConfig(argv), { name: 'UsageError', message }));
  }
});
