import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import { withMockPort } from '#src/catalogue/mock-port.js';
import { filledTemplate, templateFaults } from '#src/catalogue/template.js';

test('a marked line is made for the mock, and no other', () => {
  const text = 'limit: 9999\nport: 9999 # bench[9999={mock-port}]\nurl = "here" ; bench[here={mock-url}]\n';
  assert.equal(filledTemplate(text, 1234), 'limit: 9999\nport: 1234 # \nurl = "http://127.0.0.1:1234" ; \n');
  assert.deepEqual(templateFaults(text), []);
});

test('a mark that says nothing is told with its line', () => {
  assert.deepEqual(templateFaults('a\nport: 9998 # bench[9999={mock-port}]\nx: 1 # bench[1={mockport}]\n'), [
    { line: 2, message: 'bench[9999={mock-port}]: there is no "9999" before it' },
    {
      line: 3,
      message: '{mockport} in bench[1={mockport}] is none of {mock-url}, {mock-host}, {mock-port}, {second-port}',
    },
  ]);
  assert.equal(templateFaults('port: 9999\n').length, 1);
});

test('Envoy, whose file has address and port apart, is told of another port of the mock', () => {
  const directory = mkdtempSync(join(tmpdir(), 'template-'));
  const { gateways } = withMockPort(readCatalogue([COMPOSE_FILE]), 9800, directory);
  const [mount] = gateways.find(({ name }) => name === 'envoy')?.mounts ?? [];
  assert.match(readFileSync(mount?.hostPath ?? '', 'utf8'), /address: 127\.0\.0\.1, port_value: 9800 /);
});

test('a template has to be mounted, and to have marks', () => {
  const directory = mkdtempSync(join(tmpdir(), 'template-'));
  const path = join(directory, 'compose.yml');
  writeFileSync(join(directory, 'gw.yaml'), 'port: 9999\n');
  const entry = (template: string): string => `services:
  gw:
    volumes: ["./gw.yaml:/etc/gw.yaml:ro"]
    x-bench:
      port: 7000
      template: [${template}]
      process: { command: [gw] }
`;
  writeFileSync(path, entry('/etc/other.yaml'));
  assert.throws(() => readCatalogue([COMPOSE_FILE, path]), {
    message: /:6:18: nothing is mounted at \/etc\/other\.yaml/,
  });
  writeFileSync(path, entry('/etc/gw.yaml'));
  assert.throws(() => readCatalogue([COMPOSE_FILE, path]), { message: /gw\.yaml:1: no line of it has a mark/ });
});

test('a second provider has the port behind that of the mock', () =>
  assert.equal(filledTemplate('port: 10000 # bench[10000={second-port}]', 27_000).trim(), 'port: 27001 #'));
