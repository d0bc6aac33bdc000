import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCompose } from '#src/catalogue/compose.js';
import { freePortNames, unknownPlaceholder } from '#src/catalogue/placeholders.js';

test('what looks like a placeholder and is none is found; braces of others are left alone', () => {
  for (const word of ['{config:/etc/gw.toml}', '{port}', '{free-port:metrics}', 'a{mock-url}b{mock-port}', '{npm}/x'])
    assert.equal(unknownPlaceholder(word), null, word);
  for (const word of ['${HOME}', '{{template}}', '{"json": 1}', "{'a': b}", '{}', '{A}', '{ port }'])
    assert.equal(unknownPlaceholder(word), null, word);
  assert.equal(unknownPlaceholder('--x={prot}'), '{prot}');
  assert.equal(unknownPlaceholder('{port}{conf:/x}'), '{conf:/x}');
  // A name too many, and one too few.
  assert.equal(unknownPlaceholder('{port:7000}'), '{port:7000}');
  assert.equal(unknownPlaceholder('{free-port}'), '{free-port}');
  assert.equal(unknownPlaceholder('{config:}'), '{config:}');
});

test('a free port is asked for once a name', () => {
  assert.deepEqual(freePortNames(['{free-port:a}:{free-port:b}', '{free-port:a}', '{port}']), ['a', 'b']);
});

test('an unknown one is refused with line and column, in command, version and environment', () => {
  const directory = mkdtempSync(join(tmpdir(), 'placeholders-'));
  const path = join(directory, 'compose.yml');
  writeFileSync(
    path,
    `services:
  gw:
    x-bench:
      port: 7000
      process:
        command: [gw, "--port={prot}"]
        version: [gw, "{verion}"]
        environment:
          URL: "{mock-ulr}/v1"
`,
  );
  assert.throws(() => readCompose(path, {}), {
    code: 'compose-invalid',
    message: /:6:23: \{prot\} is no placeholder\. Did you mean "port"\?[^]*:7:23: \{verion\}[^]*:9:11: \{mock-ulr\}/,
  });
});

test('what is a process alone needs neither image nor network', () => {
  const directory = mkdtempSync(join(tmpdir(), 'placeholders-'));
  const path = join(directory, 'compose.yml');
  writeFileSync(path, 'services:\n  gw:\n    x-bench: { port: 7000, serves: [chat], process: { command: [gw] } }\n');
  const [service] = readCompose(path, {});
  assert.deepEqual([service?.image, service?.serves], [null, ['chat']]);
});
