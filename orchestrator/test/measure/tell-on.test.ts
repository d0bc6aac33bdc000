import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tellOn } from '#src/measure/tell-on.js';

test('what passes leaves no line behind', () => {
  const [stays, passes]: [string[], string[]] = [[], []];
  const tell = tellOn({ tell: (line) => stays.push(line), doing: (what) => passes.push(what) });
  tell('pulling x');
  tell('pulling x: 1 of 2 layers', 'passing');
  assert.deepEqual([stays, passes], [['pulling x'], ['pulling x: 1 of 2 layers']]);
});
