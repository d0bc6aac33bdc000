import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastWords } from '#src/attest/last-words.js';

test('the lines that look like trouble are found wherever they stand', () => {
  const log = [
    'INFO: starting',
    'thread main panicked at src/config.rs:12: invalid value "x" for listen',
    ...Array.from({ length: 20 }, (_, i) => `INFO: shutting down worker ${i}`),
    'bye',
  ].join('\n');
  assert.equal(lastWords(log), 'thread main panicked at src/config.rs:12: invalid value "x" for listen');
});

test('without such lines the last ones are shown, and nothing twice', () => {
  assert.equal(lastWords('one\ntwo\nthree\nfour\n'), 'two | three | four');
  assert.equal(lastWords('tick 1\ntick 2\ntick 3\nready\n'), 'tick 1 | ready');
  assert.equal(lastWords(' \n\n'), '');
});

test('the same trouble at other times is said once: the first, and the last two of others', () => {
  const log = Array.from({ length: 9 }, (_, i) => `2026-01-01T00:00:0${i}Z ERROR connection refused`).join('\n');
  assert.equal(lastWords(log), '2026-01-01T00:00:00Z ERROR connection refused');
  const causes = ['ERROR a', 'ERROR b', 'ERROR c', 'ERROR d'].join('\n');
  assert.equal(lastWords(causes), 'ERROR a | ERROR c | ERROR d');
});

test('colours, markup and long lines are taken away, and what went well is no trouble', () => {
  assert.equal(lastWords('\u001B[31mERROR\u001B[0m boom'), 'ERROR boom');
  assert.equal(lastWords('<html><head><title>t</title></head><body><h1>502</h1>\n'), '502');
  assert.ok(lastWords(`error ${'x'.repeat(1000)}`).length < 200);
  assert.equal(lastWords('config read: 0 errors\nlistening'), 'config read: 0 errors | listening');
});
