import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InterpolationFault, interpolate } from '#src/catalogue/interpolate.js';

const SET: Readonly<Record<string, string>> = { SET: 'set', EMPTY: '' };
const put = (text: string): string => interpolate(text, (name) => (Object.hasOwn(SET, name) ? SET[name] : undefined));

const READ: readonly (readonly [string, string])[] = [
  ['${SET:-${OTHER}}', 'set'],
  ['${X:-${Y:-c}}', 'c'],
  ['${X:-{"a":{"b":2}}} and ${SET}', '{"a":{"b":2}} and set'],
  ['${SET:+--opt=${EMPTY:-x}}', '--opt=x'],
  ['$1abc $ $$SET 5$', '$1abc $ $SET 5$'],
  ['${MY-VAR}', 'VAR'],
];
for (const [text, value] of READ) test(`${text} is ${value}`, () => assert.equal(put(text), value));

for (const text of [
  '${}',
  '${1X}',
  '${SET/x}',
  '${ SET }',
  '${X:=x}',
  '${SET',
  '${SET:-x',
  '${X:-x and ${SET}',
  '${X:-{}} ${SET}',
]) {
  test(`${text} is refused`, () => assert.throws(() => put(text), InterpolationFault));
}

test('a variable that is not set is named, with how to say that it may be empty', () => {
  assert.throws(() => put('a ${KEY} b'), { message: 'the variable KEY is not set', hint: /\$\{KEY:-\}/ });
});

test('a text whose dollar signs are doubled comes out as it was', () => {
  fc.assert(fc.property(fc.string(), (text) => put(text.replaceAll('$', '$$$$')) === text));
});

test('a value is never read again', () => {
  fc.assert(fc.property(fc.string(), (value) => interpolate('<${V}>', () => value) === `<${value}>`));
});
