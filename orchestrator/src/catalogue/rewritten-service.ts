import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { placeFault } from '../place-fault.js';
import type { Change } from './feature.js';
import type { ConfigMount, Service } from './service.js';

/** How the texts of a service are to be changed, and where copies of config files go. */
export interface Rewriting {
  readonly text: (before: string) => string;
  /** The same of a file that is a template, before {@link text}. Left out: as it stands. */
  readonly template?: (before: string) => string;
  readonly directory: string;
  /** What the copies are, for the message when they cannot be written. */
  readonly copies: string;
}

/**
 * A service with its commands, environment, headers and config files rewritten. A file that changes is copied, the original stays.
 * @throws BenchError where the copy cannot be written
 */
export function rewrittenService(service: Service, rewriting: Rewriting): Service {
  const { text: rewrite, directory } = rewriting;
  const rewriteAll = <T extends string | null>(record: Readonly<Record<string, T>>): Record<string, string | T> =>
    Object.fromEntries(
      Object.entries(record).map(([key, value]) => [rewrite(key), value === null ? value : rewrite(value)]),
    );
  const rewriteChange = ({ from, to }: Change): Change => ({ from: rewrite(from), to: rewrite(to) });
  return {
    ...service,
    ...(service.helpers === undefined
      ? {}
      : { helpers: service.helpers.map((helper) => rewrittenService(helper, rewriting)) }),
    // Whoever changes a text has to find it as it stands by then.
    ...(service.attest === undefined
      ? {}
      : {
          attest: {
            ...service.attest,
            ...('change' in service.attest ? { change: rewriteChange(service.attest.change) } : {}),
            ...(service.attest.misspelt === undefined ? {} : { misspelt: rewriteChange(service.attest.misspelt) }),
          },
        }),
    ...(service.conduct?.aside?.headers === undefined
      ? {}
      : {
          conduct: {
            ...service.conduct,
            aside: { ...service.conduct.aside, headers: rewriteAll(service.conduct.aside.headers) },
          },
        }),
    command: service.command?.map(rewrite) ?? null,
    environment: rewriteAll(service.environment),
    headers: rewriteAll(service.headers),
    mounts: service.mounts.map((mount, i) =>
      rewriteMount(mount, { ...rewriting, directory: join(directory, service.name, String(i)) }),
    ),
    process:
      service.process === null
        ? null
        : {
            ...service.process,
            command: service.process.command.map(rewrite),
            versionCommand: service.process.versionCommand?.map(rewrite) ?? null,
            environment: rewriteAll(service.process.environment),
          },
  };
}

function rewriteMount(mount: ConfigMount, { text: rewrite, template, directory, copies }: Rewriting): ConfigMount {
  const text = readFileSync(mount.hostPath, 'utf8');
  const rewritten = rewrite(mount.isTemplate === true && template !== undefined ? template(text) : text);
  if (rewritten === text) return mount;
  const hostPath = join(directory, basename(mount.hostPath));
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(hostPath, rewritten);
  } catch (thrown) {
    throw placeFault(thrown, directory, copies, 'Choose another folder with --output DIR.');
  }
  return { ...mount, hostPath };
}
