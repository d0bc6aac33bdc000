import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { BenchError, EXIT } from '../errors.js';
import { OWN_PROGRAM } from '../installation.js';
import { pause } from '../pause.js';
import { scrubbedEnvironment } from '../runtime/process/environment.js';
import { OutputRing } from '../runtime/process/output-ring.js';
import type { AgentHouse } from './agents-driver.js';
import { AgentRoom } from './room.js';
import { TOKEN_VARIABLE } from './wire.js';

/** An agent whose orchestrator was killed ends by itself within this. */
const PATIENCE_SECONDS = 10;
/** For the agent's own end, when it has been told that the run is over. */
const LEAVE_MS = 3000;
const COMING_MS = 20_000;
const OUTPUT_BYTES = 16 * 1024;
/** How the program ends that refuses what it is asked. */
const REFUSED = EXIT.usage;

interface Child {
  readonly process: ChildProcess;
  readonly output: OutputRing;
}

/** Agents as processes of this host: more drivers than one process can be, and the whole way of a cluster's agents without a cluster. */
export class LocalAgents implements AgentHouse {
  readonly comingMs = COMING_MS;
  readonly watchHosts = false;
  readonly #count: number;
  readonly #children: (Child | null)[];
  #room: AgentRoom | null = null;
  /** Started anew since agents were last asked for: one that ends again is not, or it would go on for ever. */
  readonly #replaced = new Set<number>();

  constructor(count: number) {
    this.#count = count;
    this.#children = Array.from({ length: count }, () => null);
  }

  async open(): Promise<AgentRoom> {
    this.#room ??= await AgentRoom.open();
    this.#replaced.clear();
    for (let index = 0; index < this.#count; index++) this.#fill(index, this.#room);
    return this.#room;
  }

  async close(): Promise<void> {
    const room = this.#room;
    this.#room = null;
    const running = this.#children.flatMap((child) => (child !== null && isRunning(child) ? [child.process] : []));
    const gone = running.map((child) => once(child, 'exit'));
    await room?.close();
    await Promise.race([Promise.all(gone), pause(LEAVE_MS, new AbortController().signal)]);
    for (const child of running) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await Promise.all(gone);
  }

  /** Starts the agent of a number where none runs. @throws BenchError `agents-missing` where the one before refused what it was asked */
  #fill(index: number, room: AgentRoom): void {
    const child = this.#children[index] ?? null;
    if (child !== null && isRunning(child)) return;
    if (child?.process.exitCode === REFUSED) throw refused(index, child);
    this.#children[index] = this.#start(index, room);
  }

  #start(index: number, room: AgentRoom): Child {
    const orchestrator = `http://127.0.0.1:${room.port}`;
    const words = ['agent', '--orchestrator', orchestrator, '--duty', 'load', '--index', `${index}`];
    const child = spawn(process.execPath, [OWN_PROGRAM, ...words, '--patience', `${PATIENCE_SECONDS}`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: scrubbedEnvironment({ [TOKEN_VARIABLE]: room.token }),
    });
    const output = new OutputRing(OUTPUT_BYTES);
    child.stderr.on('data', (chunk: Buffer) => output.write(chunk));
    // Missed by the room, which says so.
    child.on('error', (thrown) => output.write(Buffer.from(thrown.message)));
    const started = { process: child, output };
    child.on('exit', () => this.#ended(index, started));
    return started;
  }

  /**
   * Tells the room of an agent that has ended by itself, and starts another in its place: one that was killed as agents were asked for looked
   * alive then, and would be waited for in vain.
   */
  #ended(index: number, { process: child }: Child): void {
    const room = this.#room;
    const { exitCode, signalCode } = child;
    if (room === null || this.#children[index]?.process !== child) return;
    const how = signalCode === null ? `exited with code ${exitCode}` : `was ended by ${signalCode}`;
    room.giveUp('load', index, { code: 'agent-lost', message: `agent load/${index} ${how}` });
    if (exitCode === REFUSED || this.#replaced.has(index)) return;
    this.#replaced.add(index);
    this.#fill(index, room);
  }
}

function isRunning({ process: { exitCode, signalCode } }: Child): boolean {
  return exitCode === null && signalCode === null;
}

/** An agent that this very program refuses will be refused again. */
function refused(index: number, { output }: Child): BenchError {
  const words = output.text().trim().split('\n').slice(-2).join(' ');
  return new BenchError({
    code: 'agents-missing',
    message: `agent ${index} ended by itself: ${words}`,
    exitCode: EXIT.environment,
  });
}
