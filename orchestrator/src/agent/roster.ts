import { HOLD_MS, type Duty, type Hello, type Order } from './wire.js';
import type { Reason } from '../record/reason.js';

/** An agent whose question for orders has ended without an answer is gone when it has not asked again after so long. */
const RETURN_MS = 3000;
/** One that was answered asks again at once, or as soon as it has laid out a load of millions of requests. */
const NEXT_MS = 10_000;
/** Of whom nothing at all is heard for so long: a host that was cut off closes no connection. */
const SILENCE_MS = HOLD_MS + 15_000;

/** An order before it has its number. */
export type NewOrder = Order extends infer One ? (One extends Order ? Omit<One, 'number'> : never) : never;

/** An agent that has said hello. */
export interface Member {
  readonly name: string;
  readonly hello: Hello;
}

interface Seat extends Member {
  readonly orders: Order[];
  /** Answers the question for orders that is held; null: none is. */
  tell: ((order: Order | null) => void) | null;
  silence: NodeJS.Timeout;
  /** Its connection has ended, and it has not asked again. */
  leaving: boolean;
  lost: Reason | null;
}

/** Told of an agent that is not there any more, by its name (`load/0`). */
export type OnLost = (name: string, why: Reason) => void;

/** Who is there, what each is to do, and who has gone. */
export class Roster {
  readonly #seats = new Map<string, Seat>();
  readonly #listeners = new Set<OnLost>();
  readonly #waiting = new Set<() => void>();
  #numbers = 0;

  /**
   * Takes an agent in. The same process may say hello again; another one of its number may not while the first is there, and is the same agent
   * started anew when it is not.
   * @returns why not; null: it is in
   */
  join(hello: Hello): Reason | null {
    const name = nameOf(hello.duty, hello.index);
    const seat = this.#seats.get(name);
    if (seat?.hello.session === hello.session && seat.lost === null) return null;
    if (seat !== undefined && seat.lost === null) {
      if (!seat.leaving)
        return { code: 'agent-twice', message: `there is an agent ${name} already, and it is heard of` };
      this.#lose(seat, { code: 'agent-restarted', message: `agent ${name} was started a second time` });
    }
    this.#seats.set(name, {
      name,
      hello,
      orders: [],
      tell: null,
      silence: this.#alarm(name, hello.session, SILENCE_MS, silent(name)),
      leaving: false,
      lost: null,
    });
    for (const look of this.#waiting) look();
    return null;
  }

  /** The agent that asks, if it is the one that is there; every question of it says that it is. */
  heard(name: string, session: string): Member | null {
    const seat = this.#seats.get(name);
    if (seat === undefined || seat.hello.session !== session || seat.lost !== null) return null;
    this.#rearm(seat, SILENCE_MS, silent(name), false);
    return seat;
  }

  /** Gives an agent something to do; one that has gone is not there to do it. */
  order(name: string, order: NewOrder): void {
    const seat = this.#seats.get(name);
    if (seat === undefined || seat.lost !== null) return;
    const numbered: Order = { ...order, number: ++this.#numbers };
    seat.orders.push(numbered);
    seat.tell?.(numbered);
  }

  /**
   * Answers an agent's question: the first order behind the last one that it heard, or null after {@link HOLD_MS}.
   * @param disconnected settles when the question is not held any more because its connection has ended
   */
  async nextOrder(name: string, after: number, disconnected: Promise<void>): Promise<Order | null> {
    const seat = this.#seats.get(name);
    if (seat === undefined) return null;
    while ((seat.orders[0]?.number ?? Number.POSITIVE_INFINITY) <= after) seat.orders.shift();
    const [first] = seat.orders;
    if (first !== undefined) return first;
    seat.tell?.(null);
    return new Promise((resolve) => {
      const answer = (order: Order | null): void => {
        clearTimeout(held);
        if (seat.tell === answer) seat.tell = null;
        // The answer may go to a connection that has ended meanwhile.
        if (order !== null) this.#rearm(seat, NEXT_MS, gone(name), false);
        resolve(order);
      };
      const held = setTimeout(() => answer(null), HOLD_MS);
      seat.tell = answer;
      void disconnected.then(() => {
        if (seat.tell !== answer) return;
        answer(null);
        this.#rearm(seat, RETURN_MS, gone(name), true);
      });
    });
  }

  /** Counts an agent as gone that somebody else knows to be. */
  giveUp(name: string, why: Reason): void {
    const seat = this.#seats.get(name);
    if (seat !== undefined) this.#lose(seat, why);
  }

  /** Those of a duty that are there, by index. */
  present(duty: Duty): Member[] {
    return [...this.#seats.values()]
      .filter(({ hello, lost, leaving }) => hello.duty === duty && lost === null && !leaving)
      .sort((a, b) => a.hello.index - b.hello.index);
  }

  /** Why an agent is not there; null: it is. */
  whyLost(name: string): Reason | null {
    const seat = this.#seats.get(name);
    if (seat === undefined) return { code: 'agent-missing', message: `agent ${name} has never come` };
    return seat.lost;
  }

  /** Told of each agent that goes, until what is returned is called. */
  onLost(listener: OnLost): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Looked at now, and whenever an agent has come. @returns ends that */
  onJoined(look: () => void): () => void {
    this.#waiting.add(look);
    look();
    return () => this.#waiting.delete(look);
  }

  close(): void {
    for (const seat of this.#seats.values()) {
      clearTimeout(seat.silence);
      seat.tell?.(null);
    }
  }

  #lose(seat: Seat, why: Reason): void {
    if (seat.lost !== null) return;
    seat.lost = why;
    clearTimeout(seat.silence);
    seat.tell?.(null);
    for (const listener of this.#listeners) listener(seat.name, why);
  }

  #alarm(name: string, session: string, ms: number, why: Reason): NodeJS.Timeout {
    const alarm = setTimeout(() => {
      const seat = this.#seats.get(name);
      if (seat?.hello.session === session) this.#lose(seat, why);
    }, ms);
    return alarm.unref();
  }

  #rearm(seat: Seat, ms: number, why: Reason, isLeaving: boolean): void {
    clearTimeout(seat.silence);
    seat.silence = this.#alarm(seat.name, seat.hello.session, ms, why);
    seat.leaving = isLeaving;
  }
}

/** How an agent is called: `load/0`. */
export function nameOf(duty: Duty, index: number): string {
  return `${duty}/${index}`;
}

function gone(name: string): Reason {
  return { code: 'agent-lost', message: `agent ${name} has gone: its connection ended` };
}

function silent(name: string): Reason {
  return { code: 'agent-silent', message: `agent ${name} has not been heard of for ${SILENCE_MS / 1000} s` };
}
