import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { placeFault } from '../place-fault.js';
import type { Catalogue } from './catalogue.js';
import type { ConfigMount, Service } from './service.js';

/**
 * The catalogue with the mock on another port. Every mention of the mock's address (`127.0.0.1:9999`) in commands,
 * environment, headers and config files is rewritten; changed config files are copies in `directory`, the originals stay.
 */
export function withMockPort(catalogue: Catalogue, port: number, directory: string): Catalogue {
  const { mock } = catalogue;
  if (port === mock.port) return catalogue;
  const from = `127.0.0.1:${mock.port}`;
  const to = `127.0.0.1:${port}`;
  const ownPort = (word: string): string => (word === String(mock.port) ? String(port) : word);
  return {
    mock: {
      ...mock,
      port,
      command: mock.command?.map(ownPort) ?? null,
      process: mock.process === null ? null : { ...mock.process, command: mock.process.command.map(ownPort) },
    },
    gateways: catalogue.gateways.map((gateway) => rewriteService(gateway, from, to, directory)),
  };
}

function rewriteService(service: Service, from: string, to: string, directory: string): Service {
  const rewrite = (text: string): string => text.replaceAll(from, to);
  const rewriteAll = <T extends string | null>(record: Readonly<Record<string, T>>): Record<string, string | T> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, value === null ? value : rewrite(value)]));
  return {
    ...service,
    command: service.command?.map(rewrite) ?? null,
    environment: rewriteAll(service.environment),
    headers: rewriteAll(service.headers),
    mounts: service.mounts.map((mount, i) => rewriteMount(mount, rewrite, join(directory, service.name, String(i)))),
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

function rewriteMount(mount: ConfigMount, rewrite: (text: string) => string, directory: string): ConfigMount {
  const text = readFileSync(mount.hostPath, 'utf8');
  const rewritten = rewrite(text);
  if (rewritten === text) return mount;
  const hostPath = join(directory, basename(mount.hostPath));
  try {
    mkdirSync(directory, { recursive: true });
    writeFileSync(hostPath, rewritten);
  } catch (thrown) {
    throw placeFault(
      thrown,
      directory,
      'copies of config files with another port of the mock',
      'Choose another folder with --output DIR.',
    );
  }
  return { ...mount, hostPath };
}
