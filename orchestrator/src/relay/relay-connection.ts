import { Buffer } from 'node:buffer';
import { type Socket, connect } from 'node:net';
import { monotonicUs } from '../clock/clock.js';
import { AnswerEditor } from './answer-editor.js';
import type { Burner } from './burner.js';
import type { Dispatch, Dispatcher } from './dispatcher.js';
import type { Policy } from './policy.js';
import { PLANTED_PATH } from './planted.js';
import { type WholeRequest, wholeRequest } from './request-end.js';

/** A client's connection with one of its own to the provider: what comes on one goes out on the other. */
export class RelayConnection {
  readonly #client: Socket;
  readonly #upstream: Socket;
  readonly #dispatcher: Dispatcher;
  readonly #policy: Policy;
  readonly #burner: Burner | null;
  #received: Buffer = Buffer.alloc(0);
  #dispatch: Dispatch | null = null;
  #editor: AnswerEditor | null = null;

  constructor(
    client: Socket,
    provider: { readonly host: string; readonly port: number },
    dispatcher: Dispatcher,
    policy: Policy,
    burner: Burner | null,
  ) {
    this.#client = client;
    this.#dispatcher = dispatcher;
    this.#policy = policy;
    this.#burner = burner;
    this.#upstream = connect({ ...provider, noDelay: true });
  }

  /** Passes on until either side ends. */
  begin(): void {
    const client = this.#client;
    client.setNoDelay(true);
    client.on('data', (bytes: Buffer) => this.#takeRequest(bytes, monotonicUs()));
    this.#upstream.on('data', (bytes: Buffer) => this.#takeAnswer(bytes));
    for (const socket of [client, this.#upstream]) {
      socket.on('error', () => this.#close());
      socket.on('end', () => this.#close());
      socket.on('close', () => this.#close());
    }
  }

  #takeRequest(bytes: Buffer, receivedUs: number): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    try {
      for (;;) {
        const request = this.#received.length === 0 ? null : wholeRequest(this.#received);
        if (request === null) return;
        const whole = this.#received.subarray(0, request.length);
        this.#received = this.#received.subarray(request.length);
        this.#serve(request, whole, receivedUs);
      }
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      this.#answer('400 Bad Request', { error: { message: `relay: ${thrown.message}` } });
      this.#close();
    }
  }

  #serve(request: WholeRequest, bytes: Buffer, receivedUs: number): void {
    if (request.path === PLANTED_PATH) {
      this.#answer('200 OK', {
        ...this.#dispatcher.planted(),
        ...(this.#burner === null ? {} : { burntUs: this.#burner.burntUs }),
        sins: this.#policy.sins,
      });
      return;
    }
    if (request.method !== 'POST') {
      this.#upstream.write(bytes);
      return;
    }
    const treatment = this.#policy.treat(bytes.subarray(request.bodyStart), receivedUs);
    if (treatment === 'reject') {
      this.#answer('429 Too Many Requests', { error: { message: 'rate limit reached', type: 'rate_limit_error' } });
      return;
    }
    this.#editor = treatment.edit === null ? null : new AnswerEditor(treatment.edit);
    this.#burner?.burn();
    this.#dispatch = this.#dispatcher.dispatch(this.#upstream, bytes, receivedUs, treatment.delayUs);
  }

  #takeAnswer(bytes: Buffer): void {
    if (this.#dispatch !== null) {
      this.#dispatcher.settle(this.#dispatch);
      this.#dispatch = null;
    }
    const editor = this.#editor;
    if (editor === null) {
      this.#client.write(bytes);
      return;
    }
    const before = editor.spoilt;
    let passed: Buffer;
    try {
      passed = editor.push(bytes);
    } catch (thrown) {
      if (!(thrown instanceof RangeError)) throw thrown;
      this.#answer('502 Bad Gateway', { error: { message: `relay: ${thrown.message}` } });
      this.#close();
      return;
    }
    if (passed.length > 0) this.#client.write(passed);
    if (editor.spoilt && !before) this.#policy.noteSpoilt(editor.edit);
  }

  #answer(status: string, body: unknown): void {
    const text = JSON.stringify(body);
    this.#client.write(
      `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
    );
  }

  #close(): void {
    if (this.#dispatch !== null) {
      this.#dispatcher.cancel(this.#dispatch);
      this.#dispatch = null;
    }
    this.#upstream.destroy();
    this.#client.destroySoon();
  }
}
