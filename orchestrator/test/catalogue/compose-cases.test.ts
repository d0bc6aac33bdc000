import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { readCompose } from '#src/catalogue/compose.js';
import type { Service } from '#src/catalogue/service.js';
import { BenchError } from '#src/errors.js';

interface Case {
  readonly name: string;
  readonly about: string;
  readonly compose: string;
  readonly environment: Record<string, string>;
  readonly dotenv: string | null;
  readonly files: Record<string, string>;
  readonly expected: { readonly services?: Record<string, Record<string, unknown>>; readonly error?: string };
}

const CASES = JSON.parse(
  readFileSync(new URL('../../test/fixtures/compose/cases.json', import.meta.url), 'utf8'),
) as readonly Case[];

/** The one kind of file that we take and Compose does not: a service that is only ever started as a process. */
const OURS_ALONE: readonly string[] = [];

/** What comes of a case: the services of which Compose has the same, or what is otherwise. */
type Outcome =
  | { readonly kind: 'read alike' | 'refused alike' }
  | { readonly kind: 'refused here alone' | 'taken here alone' | 'read differently'; readonly why: string };

function outcomeOf(one: Case): Outcome {
  const project = projectOf(one);
  let services: Service[];
  try {
    services = readCompose(join(project, 'compose.yaml'), one.environment);
  } catch (thrown) {
    if (!(thrown instanceof BenchError)) throw thrown;
    assert.match(thrown.message, /(compose\.yaml|\.env)/, 'a fault names its file');
    return one.expected.error === undefined
      ? { kind: 'refused here alone', why: thrown.message }
      : { kind: 'refused alike' };
  }
  if (one.expected.error !== undefined) return { kind: 'taken here alone', why: one.expected.error };
  const wanted = one.expected.services ?? {};
  const active = services.filter(({ isActive }) => isActive);
  try {
    assert.deepEqual(active.map(({ name }) => name).toSorted(), Object.keys(wanted).toSorted());
    for (const service of active) compare(asCompose(service, project), wanted[service.name] ?? {});
  } catch (thrown) {
    return { kind: 'read differently', why: thrown instanceof Error ? thrown.message : String(thrown) };
  }
  return { kind: 'read alike' };
}

function projectOf({ compose, dotenv, files }: Case): string {
  const project = join(realpathSync(mkdtempSync(join(tmpdir(), 'compose-'))), 'project');
  const all = { 'compose.yaml': compose, ...(dotenv === null ? {} : { '.env': dotenv }), ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
  return project;
}

/** Of a service what Compose has as well, in Compose's words. Other keys of the cases only concern `docker compose`. */
function asCompose(service: Service, project: string): Record<string, unknown> {
  const below = (path: string): string => {
    const way = relative(project, path);
    return way.startsWith('../') && way.length > 3 && !way.startsWith('../sibling')
      ? path
      : way === ''
        ? '.'
        : way.startsWith('..')
          ? way
          : `./${way}`;
  };
  return {
    image: service.image,
    command: service.command,
    entrypoint: service.entrypoint,
    environment: service.environment,
    cpus: service.cpus,
    mem_limit: service.memoryBytes,
    cpuset: service.cpuset,
    user: service.user,
    network_mode: 'host',
    volumes: service.mounts.map(({ hostPath, containerPath }) => ({
      type: 'bind',
      source: below(hostPath),
      target: containerPath,
      read_only: true,
    })),
    build:
      service.build === null
        ? null
        : {
            context: below(service.build.contextDirectory),
            dockerfile: relative(service.build.contextDirectory, service.build.dockerfile),
            ...(service.build.target === null ? {} : { target: service.build.target }),
            ...(service.build.network === null ? {} : { network: service.build.network }),
            ...(Object.keys(service.build.args).length === 0 ? {} : { args: service.build.args }),
          },
  };
}

function compare(ours: Record<string, unknown>, theirs: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(theirs)) {
    if (!(key in ours)) continue;
    assert.deepEqual(unsetOf(ours[key]), unsetOf(value), key);
  }
}

/** Compose writes nothing for an empty map or list of variables and mounts. */
function unsetOf(value: unknown): unknown {
  const isEmptyMap =
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
  return isEmptyMap ? null : value;
}

const outcomes = CASES.map((one) => ({ one, outcome: outcomeOf(one) }));

function casesOf(kind: Outcome['kind']): string[] {
  return outcomes.filter(({ outcome }) => outcome.kind === kind).map(({ one }) => one.name);
}

test('no compose file is read differently from Compose', () => {
  const different = outcomes.filter(({ outcome }) => outcome.kind === 'read differently');
  assert.deepEqual(
    different.map(({ one, outcome }) => `${one.name}: ${'why' in outcome ? outcome.why : ''}`),
    [],
  );
});

test('no compose file that Compose refuses is taken', () => {
  assert.deepEqual(casesOf('taken here alone'), OURS_ALONE);
});

test('of the compose files in the fixtures so many are read as Compose reads them', (t) => {
  const kinds = ['read alike', 'refused alike', 'refused here alone', 'taken here alone', 'read differently'] as const;
  const counts = Object.fromEntries(kinds.map((kind) => [kind, casesOf(kind).length]));
  t.diagnostic(JSON.stringify(counts));
  for (const { one, outcome } of outcomes)
    if (process.env['SHOW_CASES'] && 'why' in outcome) console.log(outcome.kind, one.name, outcome.why);
  assert.equal(CASES.length, 328);
});
