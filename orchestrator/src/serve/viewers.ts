import type { ServerResponse } from 'node:http';
import type { LiveEvents, LiveState } from '../report/live-model.js';
import { headersOf } from './page-server.js';

/** What is kept for who reconnects; more than that is sent as one state. */
const KEPT_EVENTS = 500;
/** What may wait in the connection of a viewer that sleeps. */
const MOST_WAITING_BYTES = 1 << 20;
/** A browser whose connection ended asks again after so long. */
const RETRY_MS = 2000;

const EVENT_STREAM = 'text/event-stream; charset=utf-8';

type EventName = keyof LiveEvents;

interface Kept {
  readonly id: number;
  readonly text: string;
}

interface Viewer {
  readonly response: ServerResponse;
  /** The newest event that was written to it; null: it needs the whole state. */
  sent: number | null;
}

/**
 * Those who look on, each with server-sent events (HTML Standard, 9.2). Events are numbered and the newest are kept, so that who reconnects
 * gets what it missed; who missed more than is kept, or takes nothing for a while, gets the whole state in place of it.
 */
export class Viewers {
  readonly #stateOf: () => LiveState;
  readonly #mayWrite: () => boolean;
  readonly #viewers = new Set<Viewer>();
  /** Ascending and without gaps. */
  #kept: Kept[] = [];
  #lastId = 0;
  #mostAtOnce = 0;

  /**
   * @param stateOf the state behind the newest event
   * @param mayWrite whether anything may be sent at this moment without being asked to
   */
  constructor(stateOf: () => LiveState, mayWrite: () => boolean) {
    this.#stateOf = stateOf;
    this.#mayWrite = mayWrite;
  }

  /** How many look on. */
  get count(): number {
    return this.#viewers.size;
  }

  /** How many looked on at once, at most. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  /** How many events there were. */
  get events(): number {
    return this.#lastId;
  }

  /** Adds an event, which {@link flush} sends. */
  publish<Name extends EventName>(name: Name, data: LiveEvents[Name]): void {
    this.#lastId += 1;
    // Without anybody to look on nothing is made of it; whoever comes gets the state.
    if (this.#viewers.size === 0) {
      this.#kept = [];
      return;
    }
    this.#kept.push({ id: this.#lastId, text: eventText(name, data, this.#lastId) });
    if (name === 'model') {
      // It stands for all models before it, which a viewer that is behind need not be sent.
      this.#kept = this.#kept.map((kept) =>
        kept.id !== this.#lastId && kept.text.startsWith('event: model\n') ? { id: kept.id, text: '' } : kept,
      );
    }
    if (this.#kept.length > KEPT_EVENTS) this.#kept = this.#kept.slice(-KEPT_EVENTS);
  }

  /** Sends each viewer what it does not have. */
  flush(): void {
    for (const viewer of this.#viewers) this.#send(viewer);
  }

  /** @param lastEventId of the header by which a browser says what it has; null: nothing */
  add(response: ServerResponse, lastEventId: string | null): void {
    const has = lastEventId !== null && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : null;
    const viewer: Viewer = { response, sent: has !== null && this.#has(has) ? has : null };
    response.writeHead(200, { ...headersOf(EVENT_STREAM), 'x-accel-buffering': 'no' });
    response.write(`retry: ${RETRY_MS}\n\n`);
    this.#viewers.add(viewer);
    this.#mostAtOnce = Math.max(this.#mostAtOnce, this.#viewers.size);
    response.on('close', () => this.#viewers.delete(viewer));
    response.on('drain', () => this.#awake(viewer));
    this.#send(viewer);
  }

  /** Sends one event, and ends the connection: to who comes when there will be no other. */
  sendLast<Name extends EventName>(response: ServerResponse, name: Name, data: LiveEvents[Name]): void {
    response.writeHead(200, headersOf(EVENT_STREAM)).end(eventText(name, data, this.#lastId));
  }

  /** Ends every connection of a viewer, when what was written to it has left. */
  end(): void {
    for (const { response } of this.#viewers) response.end();
  }

  /** Whether everything behind an event is kept. */
  #has(id: number): boolean {
    const [first] = this.#kept;
    return id === this.#lastId || (first !== undefined && id <= this.#lastId && id >= first.id - 1);
  }

  /** Within a window a viewer that wakes up waits like the others. */
  #awake(viewer: Viewer): void {
    if (this.#mayWrite()) this.#send(viewer);
  }

  #send(viewer: Viewer): void {
    const { response, sent } = viewer;
    // It is asleep: it is told where things stand when it takes something again.
    if (response.writableLength > MOST_WAITING_BYTES) return;
    if (sent === this.#lastId) return;
    const text =
      sent !== null && this.#has(sent)
        ? this.#kept.flatMap((kept) => (kept.id > sent ? kept.text : [])).join('')
        : eventText('state', this.#stateOf(), this.#lastId);
    viewer.sent = this.#lastId;
    response.write(text);
  }
}

function eventText<Name extends EventName>(name: Name, data: LiveEvents[Name], id: number): string {
  // JSON has no line ends of its own, so that one data line holds it.
  return `event: ${name}\nid: ${id}\ndata: ${JSON.stringify(data)}\n\n`;
}
