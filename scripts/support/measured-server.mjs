// A server that is started to be measured: what its whole process tree has used.
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { spawnMine } from './child-of-mine.mjs';

const TICKS_PER_SECOND = 100;
const PAGE_BYTES = 4096;

/** A running server. */
export class MeasuredServer {
  #process;

  /**
   * Starts it and waits until a request is answered.
   * @throws {Error} when none is within 20 seconds
   */
  static async start(command, args, url, body) {
    const server = new MeasuredServer();
    server.#process = spawnMine(command, args, { stdio: 'ignore' });
    for (let i = 0; i < 400; i++) {
      try {
        const headers = { 'content-type': 'application/json' };
        const response = await fetch(url, { method: 'POST', body, headers });
        await response.text();
        if (response.ok) return server;
      } catch {
        // Not up yet.
      }
      await sleep(50);
    }
    await server.stop();
    throw new Error(`nothing answers at ${url}`);
  }

  /** CPU time of the tree so far, in microseconds, to a hundredth of a second. */
  get cpuUs() {
    return this.#sum(({ ticks }) => (ticks * 1e6) / TICKS_PER_SECOND);
  }

  /** Memory of the tree now; pages that its processes share count in each. */
  get rssBytes() {
    return this.#sum(({ pages }) => pages * PAGE_BYTES);
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill('SIGTERM');
    await ended;
  }

  #sum(figure) {
    const stats = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(readStat);
    const tree = new Set([this.#process.pid]);
    for (let before = 0; before < tree.size; ) {
      before = tree.size;
      for (const { pid, parent } of stats) if (tree.has(parent)) tree.add(pid);
    }
    return stats.filter(({ pid }) => tree.has(pid)).reduce((sum, stat) => sum + figure(stat), 0);
  }
}

function readStat(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    return [{ pid: Number(pid), parent: fields[1], ticks: fields[11] + fields[12], pages: fields[21] }];
  } catch {
    return []; // It ended while we looked.
  }
}
