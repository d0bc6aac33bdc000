import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { BenchError, messageOf } from '../../errors.js';

/** Where an engine is, and who says so. */
export interface EngineEndpoint {
  /** For messages, for example `unix:///var/run/docker.sock`. */
  readonly address: string;
  /** What named it: `DOCKER_HOST`, `context "rootless"`, `the default socket`. */
  readonly origin: string;
  readonly place: SocketPlace | TcpPlace;
}

/** An engine behind a socket of this host. */
export interface SocketPlace {
  readonly kind: 'socket';
  readonly path: string;
}

/** An engine behind a port, of this host or another. */
export interface TcpPlace {
  readonly kind: 'tcp';
  readonly host: string;
  readonly port: number;
  readonly tls: EngineTls | null;
}

/** What proves each side to the other. */
export interface EngineTls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Whether the engine's own certificate has to be right. */
  readonly verify: boolean;
}

/** What finding depends on; other than this process's own in tests only. */
export interface Finder {
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
  readonly platform: NodeJS.Platform;
}

const SYSTEM_SOCKET = '/var/run/docker.sock';
/** Ports that the docker command takes where an address names none. */
const PLAIN_PORT = 2375;
const TLS_PORT = 2376;

const configSchema = z.object({ currentContext: z.string().optional() });
const contextSchema = z.object({
  Endpoints: z.object({ docker: z.object({ Host: z.string(), SkipTLSVerify: z.boolean().optional() }) }),
});

/**
 * Finds the engine as the docker command does: DOCKER_HOST, else the context of DOCKER_CONTEXT, else the current context of
 * `config.json`, else the first default socket that this user may open (system, rootless, Docker Desktop).
 * @throws BenchError `engine-address` (what names the engine cannot be used), `engine-tls-incomplete`, `engine-remote` (ssh)
 */
export function findEngine({ environment, home, platform }: Finder = thisProcess()): EngineEndpoint {
  const host = environment['DOCKER_HOST'] ?? '';
  if (host !== '') return endpointOf(host, 'DOCKER_HOST', () => tlsOfEnvironment(environment, home, host));
  const configDirectory = environment['DOCKER_CONFIG'] || join(home, '.docker');
  const context = environment['DOCKER_CONTEXT'] || currentContext(configDirectory);
  if (context !== '' && context !== 'default') {
    const origin =
      environment['DOCKER_CONTEXT'] === context ? `DOCKER_CONTEXT "${context}"` : `the current context "${context}"`;
    return ofContext(configDirectory, context, origin);
  }
  const path = platform === 'win32' ? '//./pipe/docker_engine' : defaultSocket(environment, home);
  return { address: `unix://${path}`, origin: 'the default socket', place: { kind: 'socket', path } };
}

function thisProcess(): Finder {
  return { environment: process.env, home: homedir(), platform: process.platform };
}

/** The first that this user may use; when there is none the system's, which then says why not. */
function defaultSocket(environment: NodeJS.ProcessEnv, home: string): string {
  const runtimeDirectory = environment['XDG_RUNTIME_DIR'] ?? '';
  const sockets = [
    SYSTEM_SOCKET,
    ...(runtimeDirectory === '' ? [] : [join(runtimeDirectory, 'docker.sock')]),
    join(home, '.docker', 'run', 'docker.sock'),
    join(home, '.docker', 'desktop', 'docker.sock'),
  ];
  return sockets.find(isUsable) ?? SYSTEM_SOCKET;
}

function isUsable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function currentContext(configDirectory: string): string {
  const path = join(configDirectory, 'config.json');
  const text = readIfThere(path);
  if (text === null) return '';
  return parsed(configSchema, text, path).currentContext ?? '';
}

// The docker command keeps each context under the SHA-256 of its name (docker/cli, cli/context/store).
function ofContext(configDirectory: string, name: string, origin: string): EngineEndpoint {
  const folder = createHash('sha256').update(name).digest('hex');
  const path = join(configDirectory, 'contexts', 'meta', folder, 'meta.json');
  const text = readIfThere(path);
  if (text === null) {
    throw badAddress(
      `${origin} names no context that is there (${path})`,
      '`docker context ls` lists those that are; `docker context use default` goes back to the system’s engine.',
    );
  }
  const { Host: host, SkipTLSVerify: skip = false } = parsed(contextSchema, text, path).Endpoints.docker;
  const tlsDirectory = join(configDirectory, 'contexts', 'tls', folder, 'docker');
  return endpointOf(host, origin, () =>
    readIfThere(join(tlsDirectory, 'ca.pem')) === null && readIfThere(join(tlsDirectory, 'key.pem')) === null
      ? null
      : readTls(tlsDirectory, !skip, origin),
  );
}

/** Whether the docker command would speak TLS to an address named by the environment. */
function tlsOfEnvironment(environment: NodeJS.ProcessEnv, home: string, host: string): EngineTls | null {
  const verify = (environment['DOCKER_TLS_VERIFY'] ?? '') !== '';
  const directory = environment['DOCKER_CERT_PATH'] ?? '';
  const asked = verify || (environment['DOCKER_TLS'] ?? '') !== '' || directory !== '';
  if (!asked && !new RegExp(`:${TLS_PORT}$`).test(host)) return null;
  return readTls(directory || environment['DOCKER_CONFIG'] || join(home, '.docker'), verify, 'DOCKER_HOST');
}

function readTls(directory: string, verify: boolean, origin: string): EngineTls {
  const read = (name: string): string => {
    const path = join(directory, name);
    try {
      return readFileSync(path, 'utf8');
    } catch (thrown) {
      throw new BenchError({
        code: 'engine-tls-incomplete',
        message: `the engine of ${origin} is spoken to over TLS, and ${path} cannot be read (${messageOf(thrown)})`,
        hint: 'TLS needs ca.pem, cert.pem and key.pem in one folder: name it with DOCKER_CERT_PATH, or use --runtime process.',
        cause: thrown,
      });
    }
  };
  return { ca: read('ca.pem'), cert: read('cert.pem'), key: read('key.pem'), verify };
}

function endpointOf(host: string, origin: string, tlsOf: () => EngineTls | null): EngineEndpoint {
  const [, scheme = 'tcp', rest = host] = /^([a-z]+):\/\/(.*)$/i.exec(host) ?? [];
  switch (scheme.toLowerCase()) {
    case 'unix':
      return { address: host, origin, place: { kind: 'socket', path: rest === '' ? SYSTEM_SOCKET : rest } };
    case 'npipe':
      return { address: host, origin, place: { kind: 'socket', path: rest } };
    case 'tcp':
    case 'http':
    case 'https':
      return ofTcp(host, scheme.toLowerCase(), rest, origin, tlsOf());
    case 'ssh':
      throw remoteEngine(
        `${origin} leads to an engine on another machine (${host})`,
        `Run crabllm-bench there: ssh ${sshTarget(rest)}, then the same command.`,
      );
    default:
      throw badAddress(`${origin} is ${JSON.stringify(host)}, which no engine can be reached by`, ADDRESS_FORMS);
  }
}

function ofTcp(host: string, scheme: string, rest: string, origin: string, tls: EngineTls | null): EngineEndpoint {
  let url: URL;
  try {
    url = new URL(`tcp://${rest}`);
  } catch {
    throw badAddress(`${origin} is ${JSON.stringify(host)}, which is no address`, ADDRESS_FORMS);
  }
  if (url.hostname === '') throw badAddress(`${origin} is ${JSON.stringify(host)}, which names no host`, ADDRESS_FORMS);
  if (scheme === 'https' && tls === null)
    throw badAddress(
      `${origin} is ${host}, and nothing says where its certificates are`,
      'Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.',
    );
  const port = url.port === '' ? (tls === null ? PLAIN_PORT : TLS_PORT) : Number(url.port);
  return {
    address: `tcp://${url.hostname}:${port}`,
    origin,
    place: { kind: 'tcp', host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, tls },
  };
}

/** `me@far:2222/x` as ssh takes it. */
function sshTarget(rest: string): string {
  const [, user = '', name = rest, port] = /^(?:([^@/]*)@)?([^:/]*)(?::(\d+))?/.exec(rest) ?? [];
  return `${port === undefined ? '' : `-p ${port} `}${user === '' ? '' : `${user}@`}${name}`;
}

/** An engine that this program could reach, and whose services it could not measure. */
export function remoteEngine(message: string, where: string): BenchError {
  return new BenchError({
    code: 'engine-remote',
    message: `${message}: load from here would measure the network between, and the mock’s ledger answers on its own machine only`,
    hint: `${where} Or use --runtime process, which needs no engine.`,
  });
}

const ADDRESS_FORMS = 'Known are unix:///PATH, tcp://HOST:PORT and npipe:////./pipe/NAME; or use --runtime process.';

function badAddress(message: string, hint: string): BenchError {
  return new BenchError({ code: 'engine-address', message, hint });
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string, path: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch (thrown) {
    throw badAddress(
      `${path}, which says where the engine is, cannot be read: ${thrown instanceof z.ZodError ? z.prettifyError(thrown).split('\n')[0] : messageOf(thrown)}`,
      'Mend it, or say where the engine is with DOCKER_HOST.',
    );
  }
}
