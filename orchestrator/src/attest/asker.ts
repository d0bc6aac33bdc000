import { type Addressing, questionUrl } from '../catalogue/addressing.js';
import { randomUUID } from 'node:crypto';
import { AnswerFault } from '../answers/answer-fault.js';
import { ID_PLACEHOLDER } from '../catalogue/marker.js';
import type { Scenario } from '../catalogue/scenario.js';
import { scenarioBody } from '../catalogue/scenarios.js';
import type { Deviation } from '../catalogue/service.js';
import type { Reason } from '../record/reason.js';
import type { MockAddress } from '../resources/mock-address.js';
import { ledgerOf } from '../resources/mock-ledger.js';
import { type Answer, ask } from './ask.js';
import { NoAnswer } from './no-answer.js';

/** Where and how a target is asked. */
export interface AskedTarget extends Addressing {
  /** Without its base path and without a slash at the end. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of several behind that URL: where each of them answers by itself. Left out: it is one. */
  readonly memberUrls?: readonly string[];
  /** What its answers may do otherwise than they should; left out: nothing. */
  readonly accept?: readonly Deviation[];
  /** Whether it is loaded with one request again and again, for a cache to answer; left out: each has an id of its own. */
  readonly equalRequests?: true;
  /** Whether nobody else is up who could ask the mock, so that what it is asked is by this target; left out: nobody is. */
  isAlone?(): boolean;
}

/** An answer, and its question: the id that it carried, and its body as it was sent. */
export interface Answered extends Answer {
  readonly id: string;
  readonly sent: string;
}

/** The mock itself gave no right answer: nothing can be said of who stands in front of it. */
export class MockFault extends Error {
  override readonly name = 'MockFault';
}

const ASK_TIMEOUT_MS = 30_000;
/** How often a question is asked whose connection was closed under it. */
const MOST_TRIES = 3;
const ID_LENGTH = ID_PLACEHOLDER.length;

/** Asks a target and the mock behind it the questions of an attestation, each under an id of its own that the mock's ledger keeps. */
export class Asker {
  /** What was odd and did not matter, for the records of the trials. */
  readonly notes: Reason[] = [];
  readonly #target: AskedTarget;
  readonly #mock: AskedTarget;
  readonly #signal: AbortSignal;
  /** Begins all ids of this attestation. */
  readonly #prefix = randomUUID().slice(0, 8);
  #asked = 0;

  constructor(target: AskedTarget, mock: AskedTarget, signal: AbortSignal) {
    this.#target = target;
    this.#mock = mock;
    this.#signal = signal;
  }

  /** The mock, to be asked what it saw. */
  get behind(): MockAddress {
    return this.#mock;
  }

  /** Whether the mock itself is attested. */
  get isDirect(): boolean {
    return this.#target.url === this.#mock.url;
  }

  /** Whether what the mock is asked from now on is by the target's doing. */
  get isAlone(): boolean {
    return this.#target.isAlone?.() ?? true;
  }

  /** Whether the target may do that. */
  accepts(deviation: Deviation): boolean {
    return this.#target.accept?.includes(deviation) ?? false;
  }

  /** @throws MockFault; the signal's reason */
  async mock(scenario: Scenario, behaviour: string): Promise<Answered> {
    try {
      return await this.#ask(this.#mock, scenario, behaviour, this.#nextId());
    } catch (thrown) {
      this.#signal.throwIfAborted();
      throw new MockFault(
        `the mock itself did not answer right to ${described(scenario, behaviour)}: ${wordsOf(thrown)}`,
      );
    }
  }

  /**
   * Asks the target. Where the connection was closed under the question and the mock never saw it, it is asked again, and that is noted.
   * @throws AnswerFault, NoAnswer with what was asked in their words; the signal's reason
   */
  async target(scenario: Scenario, behaviour: string): Promise<Answered> {
    for (let tries = 1; ; tries += 1) {
      const id = this.#nextId();
      try {
        return await this.#ask(this.#target, scenario, behaviour, id);
      } catch (thrown) {
        this.#signal.throwIfAborted();
        if (tries < MOST_TRIES && thrown instanceof NoAnswer && thrown.mayBeStale && !(await this.#reachedMock(id))) {
          this.#noteStale(scenario, behaviour, tries);
          continue;
        }
        if (thrown instanceof NoAnswer)
          thrown.message = `no answer to ${described(scenario, behaviour)}: ${thrown.message}`;
        throw thrown;
      }
    }
  }

  #ask(target: AskedTarget, scenario: Scenario, behaviour: string, id: string): Promise<Answered> {
    const question = {
      url: questionUrl(target, scenario),
      headers: { ...scenario.headers, ...target.headers },
      body: scenarioBody(scenario, target, behaviour).replaceAll(ID_PLACEHOLDER, id),
      streaming: scenario.streaming,
      timeoutMs: ASK_TIMEOUT_MS,
      mayLackEnd: target.accept?.includes('no-done') ?? false,
    };
    return ask(question, this.#signal).then((answer) => ({ ...answer, id, sent: question.body }));
  }

  async #reachedMock(id: string): Promise<boolean> {
    return ((await ledgerOf(this.#mock, id)) ?? []).length > 0;
  }

  #noteStale(scenario: Scenario, behaviour: string, times: number): void {
    const message =
      `while it was checked, the target closed a connection under ${described(scenario, behaviour)}, which the mock never saw ` +
      `(${times}×): asked again, as HTTP allows`;
    this.notes.splice(0, this.notes.length, ...this.notes.filter(({ code }) => code !== 'stale-connection'));
    this.notes.push({ code: 'stale-connection', message, evidence: { times } });
  }

  #nextId(): string {
    this.#asked += 1;
    return this.#prefix + this.#asked.toString(36).padStart(ID_LENGTH - this.#prefix.length, '0');
  }
}

/** A question for a person: `POST /v1/chat/completions, streamed (gap=25 tokens=8)`. */
export function described({ path, streaming }: Scenario, behaviour: string): string {
  return `POST ${path}${streaming ? ', streamed' : ''}${behaviour === '' ? '' : ` (${behaviour})`}`;
}

function wordsOf(thrown: unknown): string {
  if (thrown instanceof AnswerFault || thrown instanceof NoAnswer) return thrown.message;
  throw thrown;
}
