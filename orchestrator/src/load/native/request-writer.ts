import { Buffer } from 'node:buffer';
import { writeDirect } from '../../clock/direct-write.js';
import type { LaneConnection } from './lane-connection.js';
import type { LaneMemory } from './lane-memory.js';
import type { LaneTask } from './lane-task.js';
import { type RequestTemplate, writeId } from './request-template.js';

/** Puts a lane's requests on its connections: each row's bytes, past the stream where that can be. */
export class RequestWriter {
  readonly #task: LaneTask;
  readonly #memory: LaneMemory;
  readonly #kindOf: (row: number) => number;

  constructor(task: LaneTask, memory: LaneMemory, kindOf: (row: number) => number) {
    this.#task = task;
    this.#memory = memory;
    this.#kindOf = kindOf;
  }

  /** Sends all of a row's request; a connection that is gone is destroyed, and tells its lane by that. */
  write(connection: LaneConnection, row: number): void {
    const template = this.#stamped(row);
    const fd = this.#memory.fdOf[connection.index] as number;
    const written = fd >= 0 && !connection.writing ? writeDirect(fd, template.bytes) : 0;
    if (written < 0) connection.destroy();
    else if (written < template.bytes.length) this.writeRest(connection, row, written);
  }

  /** Sends by way of the stream what is left behind so many bytes. */
  writeRest(connection: LaneConnection, row: number, written: number): void {
    // A copy, for the stream to keep until it is written.
    connection.write(Buffer.from(this.#stamped(row).bytes).subarray(written));
  }

  /** The template of the row's kind, with its id in it, until the next is asked for. */
  #stamped(row: number): RequestTemplate {
    const { templates, counterStart, counterStep } = this.#task;
    const template = templates[this.#kindOf(row)] as RequestTemplate;
    writeId(template, counterStart + row * counterStep);
    return template;
  }
}
