import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { type CommandPlaces, findCommand } from '#src/runtime/process/service-command.js';
import { serviceOf, temporaryDirectory } from './support.js';

const places: CommandPlaces = {
  programDirectories: [],
  path: true,
  packagesDirectory: null,
  freePorts: new Map([['metrics', 4711]]),
  privateDirectory: '/private',
};

test('replaces the words in braces and leaves other braces alone', () => {
  const service = serviceOf(
    4321,
    {
      command: [
        '{node}',
        '--port={port}',
        '{config:/app/a.yaml}',
        '--dir={config:/app/}',
        '{"json": 1}',
        '{ports}',
        '{mock}',
      ],
    },
    { mounts: [{ hostPath: '/host/a.yaml', containerPath: '/app/a.yaml' }] },
  );
  const found = findCommand(service, places);
  assert.equal(found.state, 'found');
  const [node, port, config, directory, json, ports, mock] = found.words;
  assert.equal(node, process.execPath);
  assert.deepEqual([port, config, directory], ['--port=4321', '/private/app/a.yaml', '--dir=/private/app/']);
  assert.deepEqual([json, ports], ['{"json": 1}', '{ports}']);
  assert.match(String(mock), /mock\/dist\/main\.js$/);
});

const absences: readonly [title: string, Parameters<typeof serviceOf>[1], code: string, message: string][] = [
  [
    'no description',
    null,
    'not-startable',
    'the compose file does not say how to start some-gateway without a container engine (x-bench.process)',
  ],
  [
    'a program that is nowhere',
    { command: ['no-such-gateway'], install: 'make gateways' },
    'not-installed',
    'no-such-gateway, which starts some-gateway, is not on PATH; this brings it: make gateways',
  ],
  [
    'a file that is no program',
    { command: ['/etc/passwd'] },
    'not-installed',
    '/etc/passwd, which starts some-gateway, is not an executable file',
  ],
  ['a folder', { command: ['/etc'] }, 'not-installed', '/etc, which starts some-gateway, is not an executable file'],
  [
    'a relative path',
    { command: ['./gateway'] },
    'not-installed',
    './gateway, which starts some-gateway, must be an absolute path or a bare name',
  ],
  [
    'a file that nobody mounts',
    { command: ['{node}', '{config:/app/b}'] },
    'not-startable',
    '{config:/app/b} in x-bench.process of some-gateway names nothing that is mounted',
  ],
  [
    'packages without a folder',
    { command: ['{npm}/x'] },
    'not-startable',
    '{npm} in x-bench.process of some-gateway needs x-bench.process.npm',
  ],
];

for (const [title, spec, code, message] of absences) {
  test(`absent: ${title}`, () => {
    const mounts = [{ hostPath: '/host/bb', containerPath: '/app/bb' }];
    const found = findCommand(serviceOf(1, spec, { mounts }), places);
    assert.deepEqual(found, { state: 'absent', reason: { code, message } });
  });
}

test('absent: a script that the packages do not hold', (t) => {
  const packagesDirectory = temporaryDirectory(t);
  const found = findCommand(serviceOf(1, { command: ['{node}', '{npm}/start.js'] }), { ...places, packagesDirectory });
  const message = `${packagesDirectory}/start.js, which starts some-gateway, does not exist`;
  assert.deepEqual(found, { state: 'absent', reason: { code: 'not-installed', message } });
});

test('a program of the packages comes before one that was installed, and that before PATH', (t) => {
  const directory = temporaryDirectory(t);
  const program = (path: string): string => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
    return file;
  };
  assert.match(String(words({})), /^\/.*bin\/env$/);
  const programDirectories = [join(directory, 'gateways/bin')];
  const installed = program('gateways/bin/env');
  assert.equal(words({ programDirectories }), installed);
  const packaged = program('packages/node_modules/.bin/env');
  assert.equal(words({ programDirectories, packagesDirectory: join(directory, 'packages') }), packaged);
  assert.equal(words({ programDirectories, path: false }), installed);
  assert.equal(words({ path: false }), 'not-installed', 'PATH may hold another version');
});

/** The program that `env` stands for. */
function words(changes: Partial<CommandPlaces>): unknown {
  const found = findCommand(serviceOf(1, { command: ['env'] }), { ...places, ...changes });
  return found.state === 'found' ? found.words[0] : found.reason.code;
}

test('words in braces are replaced in the environment too', () => {
  const mounts = [{ hostPath: '/host/a.yaml', containerPath: '/app/a.yaml' }];
  const environment = { CONFIG: '{config:/app/a.yaml}', PORT: '{port}', JSON: '{"x": 1}' };
  const found = findCommand(serviceOf(4321, { command: ['{node}'], environment }, { mounts }), places);
  assert.equal(found.state, 'found');
  assert.deepEqual(found.environment, { CONFIG: '/private/app/a.yaml', PORT: '4321', JSON: '{"x": 1}' });
  const lost = findCommand(
    serviceOf(1, { command: ['{node}'], environment: { A: '{config:/b}' } }, { mounts }),
    places,
  );
  assert.ok(lost.state === 'absent');
  assert.match(
    lost.reason.message,
    /^\{config:\/b\} in x-bench\.process of some-gateway names nothing that is mounted$/,
  );
});
