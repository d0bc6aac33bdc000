import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '#src/catalogue/catalogue.js';
import { COMPOSE_FILE } from '#src/catalogue/compose-file.js';
import { gatewayTable } from '#src/catalogue/gateway-table.js';

const PAGE = fileURLToPath(new URL('../../../docs/gateways.md', import.meta.url));
const MARK = '<!-- made from compose/docker-compose.yml: UPDATE_GOLDEN=1 npm test -->';

test('docs/gateways.md has what the compose file says', () => {
  const table = gatewayTable(readCatalogue([COMPOSE_FILE]));
  const page = readFileSync(PAGE, 'utf8');
  const [before = '', , after = ''] = page.split(MARK);
  const expected = `${before}${MARK}\n\n${table}\n${MARK}${after}`;
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(PAGE, expected);
  else assert.equal(page, expected, 'UPDATE_GOLDEN=1 writes it anew');
});

test('every gateway that is built in says what it is, who keeps it and where it is documented', () => {
  for (const { name, about } of readCatalogue([COMPOSE_FILE]).gateways)
    for (const key of ['kind', 'language', 'keeper', 'docs'] as const)
      assert.ok((about?.[key] ?? null) !== null, `${name} has no ${key}`);
});
