import { open } from 'node:fs/promises';
import type { Service } from '../../catalogue/service.js';
import type { InstalledSize } from '../../record/installed-size.js';
import { programFacts } from '../program-facts.js';
import type { Availability, Look, Runtime, RunningService, Tell, ToolResult, ToolRun } from '../runtime.js';
import { startService } from './docker-service.js';
import { runToolContainer } from './docker-tool.js';
import type { Engine } from './engine.js';
import { leftOut } from './engine-limits.js';
import { ensureImage, inspectImage } from './image.js';
import type { Locality } from './locality.js';
import { OwnedContainers, type Ownership } from './owned-containers.js';
import { sweepLeftovers } from './sweep.js';

/** Of a service that names no image. */
const WITHOUT_IMAGE = {
  state: 'absent',
  reason: {
    code: 'image-missing',
    message: 'its service names no image, so it can only be started without containers: --runtime process',
  },
} as const;

/** Starts services and tools as containers of one Docker engine, near or far. Made by connectDocker. */
export class DockerRuntime implements Runtime {
  readonly kind = 'docker';
  readonly #engine: Engine;
  readonly #locality: Locality;
  readonly #ownership: Ownership;
  readonly #owned: OwnedContainers;

  constructor(engine: Engine, locality: Locality, ownership: Ownership) {
    this.#engine = engine;
    this.#locality = locality;
    this.#ownership = ownership;
    this.#owned = new OwnedContainers(engine, ownership);
  }

  get sharesHost(): boolean {
    return this.#locality.sharesPorts;
  }

  whyNotPinned(): string | null {
    if (!this.sharesHost)
      return 'the engine runs on another machine, or in a virtual one, whose CPUs are not those seen here';
    return this.#engine.facts.limits.cpuset
      ? null
      : 'the engine cannot keep containers on CPUs (CPUSet in its /info is false)';
  }

  async versions(): Promise<Record<string, string>> {
    const { version, api, kernel, cgroupVersion, cgroupDriver, operatingSystem, architecture } = this.#engine.facts;
    return {
      engine: version,
      engineApi: api,
      kernel,
      cgroup: `v${cgroupVersion} (${cgroupDriver})`,
      operatingSystem,
      architecture,
    };
  }

  async look(service: Service): Promise<Look> {
    if (service.image === null) return WITHOUT_IMAGE;
    if ((await inspectImage(this.#engine, service.image)) !== null)
      return { state: 'available', version: null, digest: null, limitsEnforced: false };
    return {
      state: 'obtainable',
      how: `image ${service.image} is ${service.build === null ? 'pulled' : 'built'} first`,
    };
  }

  async prepare(service: Service, tell: Tell, signal: AbortSignal): Promise<Availability> {
    if (service.image === null) return WITHOUT_IMAGE;
    const image = await ensureImage(this.#engine, service.image, service.build, tell, signal);
    if (image.state === 'absent') return image;
    if (service.program !== undefined && (await isScript(service.program)))
      return { state: 'absent', reason: { code: 'binary-unusable', message: scriptRefused(service.program) } };
    const limitsLeftOut = leftOut(service, this.#engine.facts.limits);
    return {
      state: 'available',
      // What the image is, never what the compose file wishes for; or the program that takes the place of the image's.
      version: image.version,
      digest: image.digest,
      ...(service.program === undefined ? {} : await programFacts(service.program, signal)),
      limitsEnforced: limitsLeftOut.length === 0,
      limitsLeftOut,
    };
  }

  async prepareTool(
    tool: Pick<ToolRun, 'name' | 'image' | 'program'>,
    tell: Tell,
    signal: AbortSignal,
  ): Promise<Availability> {
    const image = await ensureImage(this.#engine, tool.image, null, tell, signal);
    if (image.state === 'absent') return image;
    return { state: 'available', version: image.version, digest: image.digest, limitsEnforced: true };
  }

  /** All layers, as the engine keeps them unpacked. */
  async sizeOf({ image }: Service): Promise<InstalledSize | null> {
    const seen = image === null ? null : await inspectImage(this.#engine, image);
    return seen === null ? null : { bytes: seen.Size, of: 'image' };
  }

  async start(service: Service, signal: AbortSignal): Promise<RunningService> {
    return startService(this.#engine, this.#owned, this.#locality, service, signal);
  }

  async runTool(tool: ToolRun, signal: AbortSignal): Promise<ToolResult> {
    return runToolContainer(this.#engine, this.#owned, tool, signal);
  }

  async sweep(): Promise<number> {
    return sweepLeftovers(this.#engine, this.#ownership.owner);
  }

  /**
   * Removes every container of this run at once, without a grace time: quick enough for a second Ctrl-C too.
   * @throws BenchError `cleanup-failed`.
   */
  async close(): Promise<void> {
    await this.#owned.close();
  }
}

/** A script's interpreter lies on this host and not in the container. */
async function isScript(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.toString('latin1', 0, bytesRead) === '#!';
  } finally {
    await file.close();
  }
}

function scriptRefused(path: string): string {
  return `${path} is a script, and a container has not what it needs to run: use --runtime process, or an image of your own (--compose FILE)`;
}
