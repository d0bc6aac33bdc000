import type Docker from 'dockerode';
import type { Readable } from 'node:stream';
import { withTag } from '../../catalogue/image-reference.js';
import type { BuildSpec } from '../../catalogue/service.js';
import { messageOf } from '../../errors.js';
import type { Reason } from '../../record/reason.js';
import { buildContext } from './build-context.js';
import type { Engine } from './engine.js';
import { engineFault, interrupted, isRefusal, refusalOf } from './engine-error.js';
import { jsonLines } from './json-lines.js';
import type { Tell } from '../runtime.js';
import { registryLogin } from './registry-login.js';

/** A registry or a build step may be silent for this long before it is given up. */
const PULL_SILENCE_MS = 180_000;
const BUILD_SILENCE_MS = 900_000;
/** A person gets word of the progress in this time. */
const PROGRESS_EVERY_MS = 1000;
/** So many of the last lines of a failed build go into its reason. */
const BUILD_TAIL_LINES = 6;

/** An image on the engine, or why there is none. */
export type ImageState =
  | { readonly state: 'present'; readonly version: string | null; readonly digest: string | null }
  | { readonly state: 'absent'; readonly reason: Reason };

/**
 * Makes an image available: what is there is taken as it is, else it is built where it has a build, else pulled. A person is told of it in
 * a line, with its progress; what the engine printed is in the reason where it fails.
 * @throws BenchError `engine-gone`, `interrupted`.
 */
export async function ensureImage(
  engine: Engine,
  image: string,
  build: BuildSpec | null,
  tell: Tell,
  signal: AbortSignal,
): Promise<ImageState> {
  if (signal.aborted) throw interrupted();
  const there = await inspectImage(engine, image);
  if (there !== null) return present(image, there);
  try {
    if (build === null) await pull(engine, image, tell, signal);
    else await buildImage(engine, image, build, tell, signal);
  } catch (error) {
    if (signal.aborted) throw interrupted();
    if (error instanceof ImageFailure) return { state: 'absent', reason: error.reason };
    throw error;
  }
  // The stream's word is not enough: what counts is that the image is there.
  const made = await inspectImage(engine, image);
  return made === null ? { state: 'absent', reason: vanished(image) } : present(image, made);
}

/** The image as the engine knows it; null when it does not. */
export async function inspectImage(engine: Engine, image: string): Promise<Docker.ImageInspectInfo | null> {
  try {
    return await engine.call('inspect an image', (abortSignal) =>
      engine.docker.getImage(image).inspect({ abortSignal } as {}),
    );
  } catch (error) {
    if (isRefusal(error, 404)) return null;
    throw error;
  }
}

/** What an image says of its version (the OCI label), else what its tag says, unless the tag is a moving name. */
export function versionOf(image: string, labels: Readonly<Record<string, string>> | null | undefined): string | null {
  const label = labels?.['org.opencontainers.image.version'];
  if (label !== undefined && label !== '') return label;
  const tag = /:([^/:]+)$/.exec(image.split('@')[0] ?? '')?.[1];
  return tag !== undefined && /\d/.test(tag) ? tag : null;
}

function present(image: string, seen: Docker.ImageInspectInfo): ImageState {
  return {
    state: 'present',
    version: versionOf(image, seen.Config?.Labels),
    // An image that was built or imported here has no registry digest; its id is the hash of its content.
    digest: seen.RepoDigests?.[0] ?? seen.Id,
  };
}

class ImageFailure extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reason.message);
    this.reason = reason;
  }
}

async function pull(engine: Engine, image: string, tell: Tell, signal: AbortSignal): Promise<void> {
  const fail = (detail: string): ImageFailure =>
    new ImageFailure({
      code: 'image-missing',
      message: `image ${image} is not on the engine and could not be pulled: ${detail}; try \`docker pull ${image}\``,
    });
  tell(`pulling ${image}`);
  const login = await registryLogin(image, tell);
  const layers = new Map<string, boolean>();
  let toldAt = Date.now();
  await follow(engine, `pull ${image}`, PULL_SILENCE_MS, signal, fail, {
    open: async (abortSignal) =>
      engine.docker.createImage({
        fromImage: withTag(image),
        ...(login === null ? {} : { authconfig: login }),
        abortSignal,
      }),
    event: ({ id, status }) => {
      if (id !== undefined && status !== undefined && !status.startsWith('Pulling from')) {
        layers.set(id, status === 'Pull complete' || status === 'Already exists');
      }
      if (Date.now() - toldAt < PROGRESS_EVERY_MS) return;
      toldAt = Date.now();
      tell(`pulling ${image}: ${[...layers.values()].filter(Boolean).length} of ${layers.size} layers`, 'passing');
    },
  });
}

async function buildImage(
  engine: Engine,
  image: string,
  build: BuildSpec,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  const tail: string[] = [];
  const fail = (detail: string): ImageFailure =>
    new ImageFailure({
      code: 'build-failed',
      message: `image ${image} could not be built from ${build.dockerfile}: ${[detail, ...tail].join('\n  ')}`,
    });
  const context = await buildContext(build).catch((error: unknown) => {
    throw fail(messageOf(error));
  });
  tell(`building ${image}`);
  await follow(engine, `build ${image}`, BUILD_SILENCE_MS, signal, fail, {
    open: async (abortSignal) =>
      engine.docker.buildImage(context, {
        t: image,
        dockerfile: context.dockerfile,
        buildargs: { ...build.args },
        ...(build.target === null ? {} : { target: build.target }),
        ...(build.network === null ? {} : { networkmode: build.network }),
        rm: true,
        forcerm: true,
        abortSignal,
      }),
    event: ({ stream }) => {
      const line = stream?.trimEnd() ?? '';
      if (line === '') return;
      if (line.startsWith('Step ')) tell(`building ${image}: ${line}`, 'passing');
      tail.push(line);
      if (tail.length > BUILD_TAIL_LINES) tail.shift();
    },
  });
}

/** One line of the progress stream of a pull or a build. */
interface ProgressEvent {
  readonly id?: string;
  readonly status?: string;
  readonly stream?: string;
  readonly error?: string;
}

interface Work {
  readonly open: (abortSignal: AbortSignal) => Promise<NodeJS.ReadableStream>;
  readonly event: (event: ProgressEvent) => void;
}

/** Follows a progress stream to its end; failures the engine tells of, at once or inside the stream, become `fail`. */
async function follow(
  engine: Engine,
  action: string,
  silenceMs: number,
  signal: AbortSignal,
  fail: (detail: string) => ImageFailure,
  work: Work,
): Promise<void> {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort();
  signal.addEventListener('abort', onAbort, { once: true });
  let silent = false;
  const watch = setTimeout(() => {
    silent = true;
    abort.abort();
  }, silenceMs);
  try {
    for await (const line of jsonLines((await work.open(abort.signal)) as Readable)) {
      watch.refresh();
      const event = line as ProgressEvent;
      // The engine sends its 200 before it knows how the work ends: the failure comes as a line.
      if (event.error !== undefined) throw fail(event.error.trim());
      work.event(event);
    }
  } catch (error) {
    if (silent) throw fail(`nothing was heard of it for ${silenceMs / 1000} s`);
    if (error instanceof ImageFailure) throw error;
    const refusal = refusalOf(error);
    if (refusal !== null) throw fail(refusal.reason);
    throw engineFault(error, engine.address, action);
  } finally {
    clearTimeout(watch);
    signal.removeEventListener('abort', onAbort);
  }
}

function vanished(image: string): Reason {
  return { code: 'image-missing', message: `the engine said that ${image} was made, and does not have it` };
}
