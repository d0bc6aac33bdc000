import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { messageOf } from '../../errors.js';

/** What the engine is given so that it may pull an image (Engine API, X-Registry-Auth). */
export interface RegistryLogin {
  readonly serveraddress: string;
  readonly username?: string;
  readonly password?: string;
  readonly identitytoken?: string;
}

/** The key under which the docker command keeps the log-in data of Docker Hub. */
const DOCKER_HUB = 'https://index.docker.io/v1/';
/** A helper may ask a keychain, and a keychain a person: who is not there. */
const HELPER_MS = 10_000;

const entrySchema = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
const configSchema = z.object({
  auths: z.record(z.string(), entrySchema).default({}),
  credsStore: z.string().default(''),
  credHelpers: z.record(z.string(), z.string()).default({}),
});
const credentialsSchema = z.object({ Username: z.string(), Secret: z.string() });

/**
 * The log-in data for an image's registry, as the docker command would use it: from the registry's own credential helper, else the store
 * for all, else `config.json` itself; null when this user is not logged in there.
 * @param tell hears why log-in data that is there cannot be used
 */
export async function registryLogin(
  image: string,
  tell: (line: string) => void,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RegistryLogin | null> {
  const path = join(environment['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json');
  const registry = registryOf(image);
  try {
    const config = configSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    const helper = config.credHelpers[registry] ?? config.credsStore;
    const kept = helper === '' ? null : await askHelper(helper, registry, environment);
    return kept ?? loginIn(config.auths, registry);
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT' && !(thrown instanceof HelperFault))
      return null;
    tell(
      `${image} is pulled without log-in data: ${thrown instanceof HelperFault ? '' : `${path}: `}${messageOf(thrown)}`,
    );
    return null;
  }
}

/** The part of an image's name that says where it is kept, by the rule of the distribution reference: the first has a dot, a port, or is localhost. */
export function registryOf(image: string): string {
  const [first = '', ...rest] = image.split('/');
  const isHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return isHost && first !== 'docker.io' ? first : DOCKER_HUB;
}

function loginIn(auths: z.infer<typeof configSchema>['auths'], registry: string): RegistryLogin | null {
  const entry = auths[registry] ?? Object.entries(auths).find(([key]) => hostOf(key) === hostOf(registry))?.[1];
  if (entry === undefined) return null;
  const { identitytoken } = entry;
  if (identitytoken !== undefined && identitytoken !== '') return { serveraddress: registry, identitytoken };
  const [, username, password] = /^([^:]+):(.*)$/s.exec(Buffer.from(entry.auth ?? '', 'base64').toString('utf8')) ?? [
    '',
    entry.username ?? '',
    entry.password ?? '',
  ];
  // An empty entry beside a credential store only says that it was once logged in to.
  return username === undefined || username === ''
    ? null
    : { serveraddress: registry, username, password: password ?? '' };
}

/** Older entries have a scheme and a path. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? '';
}

class HelperFault extends Error {}

/**
 * Asks a credential helper: `docker-credential-NAME get`, the registry on standard input (github.com/docker/docker-credential-helpers).
 * @throws HelperFault
 */
async function askHelper(
  name: string,
  registry: string,
  environment: NodeJS.ProcessEnv,
): Promise<RegistryLogin | null> {
  const program = `docker-credential-${name}`;
  const child = spawn(program, ['get'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
    signal: AbortSignal.timeout(HELPER_MS),
  });
  // It may end without reading.
  child.stdin.on('error', () => {});
  child.stdin.end(registry);
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (error) => reject(new HelperFault(`${program} cannot be used: ${messageOf(error)}`)));
  });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const said = await Promise.race([text(child.stdout), failed]);
  // A helper that knows nothing of the registry says so and ends with 1.
  if ((await Promise.race([ended, failed])) !== 0) return null;
  let credentials: z.infer<typeof credentialsSchema>;
  try {
    credentials = credentialsSchema.parse(JSON.parse(said));
  } catch {
    throw new HelperFault(`${program} gave no log-in data that can be read`);
  }
  const { Username: username, Secret: secret } = credentials;
  // The helpers' own mark for a token in the place of a password.
  return username === '<token>'
    ? { serveraddress: registry, identitytoken: secret }
    : { serveraddress: registry, username, password: secret };
}
