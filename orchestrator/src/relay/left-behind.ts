import { Buffer } from 'node:buffer';
import { type ChildProcess, spawn } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import type { ConductPlan } from './conduct-plan.js';

/** What a gateway with a known policy leaves behind for each attempt that failed: memory, connections, a process that it loses. */
export class LeftBehind {
  readonly #plan: Pick<ConductPlan, 'leakBytes' | 'loseWorkerAt'>;
  readonly #memory: Buffer[] = [];
  readonly #connections: Socket[] = [];
  #failed = 0;
  #worker: ChildProcess | null;

  constructor(plan: Pick<ConductPlan, 'leakBytes' | 'loseWorkerAt'>) {
    this.#plan = plan;
    this.#worker = plan.loseWorkerAt === 0 ? null : idle();
  }

  /** An attempt at this provider failed. */
  note(provider: { readonly host: string; readonly port: number }): void {
    const { leakBytes, loseWorkerAt } = this.#plan;
    this.#failed += 1;
    if (leakBytes > 0) {
      // Filled, because pages that nobody touched are no resident memory.
      this.#memory.push(Buffer.alloc(leakBytes, 1));
      const connection = connect(provider);
      connection.on('error', () => {});
      this.#connections.push(connection);
    }
    if (this.#failed !== loseWorkerAt) return;
    this.#worker?.kill('SIGKILL');
    this.#worker = idle();
  }
}

/** A process that waits until whoever started it is gone. */
function idle(): ChildProcess {
  return spawn(process.execPath, ['-e', 'process.stdin.resume().on("end", () => process.exit())'], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}
