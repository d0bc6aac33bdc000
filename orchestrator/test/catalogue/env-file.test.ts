import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseEnvFile } from '#src/catalogue/env-file.js';

const read = (text: string): Record<string, string> =>
  Object.fromEntries(parseEnvFile(text, (name) => (name === 'SHELL' ? 'shell' : undefined)).variables);

test('an env file has quotes, comments behind a blank, earlier lines and the shell', () => {
  assert.deepEqual(read('A=x # c\nB=x#y\nC= # c\nexport D="$A\\n${SHELL}"\nE=\'$A\'\nF: 1\nSHELL\nUNSET\n'), {
    A: 'x',
    B: 'x#y',
    C: '# c',
    D: 'x\nshell',
    E: '$A',
    F: '1',
    SHELL: 'shell',
  });
});

test('every line that sets nothing is named', () => {
  const { faults } = parseEnvFile('A=1\nB C=2\n\nD=${}\nE!=3\nF="x\ny"\nG=${NONE}\nH=\'x\n', () => undefined);
  assert.deepEqual(
    faults.map(({ line }) => line),
    [2, 4, 5, 8, 9],
  );
});

test('a value in single quotes comes out as it was', () => {
  const value = fc.string().filter((text) => !/['\\\r]/.test(text));
  fc.assert(fc.property(value, (text) => read(`A='${text}'\nB=1\n`)['A'] === text));
});

test('no text ends the reader', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('A', '=', "'", '"', '\\', '$', '#', '{', '}', ':', ' ', '\n') }),
      (text) => read(text) !== null,
    ),
  );
});
