import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf } from '#src/report/terminal-style.js';

test('COLUMNS is obeyed where it is a width, then the terminal, then the usual', () => {
  const terminal = { isTTY: true, columns: 120 };
  assert.equal(columnsOf(terminal, {}), 120);
  assert.equal(columnsOf(terminal, { COLUMNS: '72' }), 72);
  assert.equal(columnsOf({}, { COLUMNS: '72' }), 72);
  for (const COLUMNS of ['', '0', '5', 'wide', '-80']) assert.equal(columnsOf({}, { COLUMNS }), 100, COLUMNS);
  assert.equal(columnsOf({ columns: 90 }, {}, 110), 110);
});
