import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { installed } from '#src/installation.js';

it('every program and worker that the sources start is an entry of what is bundled', () => {
  const sources = installed('orchestrator/src');
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const started = files.flatMap((path) =>
    [...readFileSync(join(sources, path), 'utf8').matchAll(/programFile\('([^']+)'\)/g)].map(([, file = '']) => file),
  );
  const workers = files.filter((path) => path.endsWith('-worker.ts')).map((path) => path.replace(/\.ts$/, '.js'));
  assert.ok(started.includes('relay/main.js') && workers.length > 0);
  const missing = [...new Set([...started, ...workers])].filter(
    (file) => !existsSync(join(installed('orchestrator/dist'), file)),
  );
  assert.deepEqual(missing, []);
});
