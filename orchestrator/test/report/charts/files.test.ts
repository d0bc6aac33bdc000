import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readShowOptions } from '#src/cli/options/shown.js';
import { chartFiles } from '#src/report/charts/files.js';
import { summaryOf } from '../../analyse/bare-run.js';

const summary = summaryOf({ 'chat-minimal': { direct: [300, 301, 302], portkey: [800, 805, 810] } });

test('a picture each look, as PNG too where it is wanted; a transparent one has nothing behind it', () => {
  const files = new Map(
    chartFiles(summary, { png: false, looks: ['light', 'dark', 'transparent'] }).map(({ name, content }) => [
      name,
      content,
    ]),
  );
  assert.deepEqual(
    [...files.keys()],
    ['', '-dark', '-transparent'].map((look) => `charts/chat-minimal${look}.svg`),
  );
  const behind = (look: string): boolean =>
    /<rect width="\d+" height="\d+" x="0" y="0"[^>]*fill="(?:#|rgb)/.test(
      String(files.get(`charts/chat-minimal${look}.svg`)),
    );
  assert.deepEqual(['', '-dark', '-transparent'].map(behind), [true, true, false]);
  const names = chartFiles(summary, { png: true, looks: ['dark'] }).map(({ name }) => name);
  assert.deepEqual(names, ['charts/chat-minimal-dark.svg', 'charts/chat-minimal-dark.png']);
});

test('looks are named, once each, and beside pictures only', () => {
  assert.deepEqual(readShowOptions({ png: true }).looks, ['light']);
  assert.deepEqual(readShowOptions({ svg: true, theme: 'dark,transparent,dark' }).looks, ['dark', 'transparent']);
  assert.throws(() => readShowOptions({ theme: 'dark' }), /--theme says nothing without pictures/);
  assert.throws(() => readShowOptions({ png: true, theme: 'sepia' }), /--theme/);
});
