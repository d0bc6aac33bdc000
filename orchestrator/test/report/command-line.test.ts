import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { split } from 'shlex';
import { commandOf } from '#src/report/command-line.js';

test('a command says what was asked, and not where it was written', () => {
  const options = {
    runtime: 'process',
    rps: '25 100',
    chart: false,
    quick: true,
    target: ['a=http://h:1', 'b'],
    output: 'x',
  };
  assert.equal(
    commandOf(options),
    "crabllm-bench --runtime process --rps '25 100' --no-chart --quick --target a=http://h:1 --target b",
  );
  assert.equal(commandOf({ seed: '-1' }), 'crabllm-bench --seed=-1');
});

test('a shell gets back the very words, whatever is in them', () => {
  const word = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word), (values) => {
      const words = split(commandOf({ target: values }));
      const back = words.slice(1).flatMap((one) => (one === '--target' ? [] : one.replace(/^--target=/, '')));
      assert.deepEqual(
        back.filter((one) => one !== '--target'),
        values.filter((one) => one !== '--target'),
      );
    }),
  );
  const nasty = `it's "$(id)" \`id\` \\ *?[x] ~ !! ; | & > < #\n\té`;
  const printed = execFileSync('sh', ['-c', `set -- ${commandOf({ target: nasty })}; printf %s "$3"`], {
    encoding: 'utf8',
  });
  assert.equal(printed, nasty);
});
