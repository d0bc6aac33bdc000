import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** What a scripted server does with the k-th request of its life (from 0); it may write, end, destroy, or do nothing. */
export type Play = (socket: Socket, index: number, body: string) => void;

/** A server that reads whole requests and plays a script for each. */
export interface ScriptedServer {
  readonly port: number;
  readonly requests: () => number;
  close(): Promise<void>;
}

/** Listens on a port of the system's choice. */
export async function scriptedServer(play: Play): Promise<ScriptedServer> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      pending = Buffer.concat([pending, bytes]);
      for (;;) {
        const headEnd = pending.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(pending.toString('latin1', 0, headEnd))?.[1] ?? 0);
        const end = headEnd + 4 + length;
        if (pending.length < end) return;
        const body = pending.toString('utf8', headEnd + 4, end);
        pending = pending.subarray(end);
        play(socket, requests++, body);
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** A plain answer with a length. */
export function plain(body: string, status = 200, headers = ''): string {
  return `HTTP/1.1 ${status} X\r\ncontent-type: application/json\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

/** A chat completion that says a text. */
export function chatBody(text: string): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'bench-chat',
    choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  });
}

export const STREAM_HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

/** One HTTP chunk. */
export function chunk(data: string): string {
  return `${Buffer.byteLength(data).toString(16)}\r\n${data}\r\n`;
}

/** One frame of a chat stream. */
export function delta(content: string, finishReason: string | null = null): string {
  const choices = [{ index: 0, delta: content === '' ? {} : { content }, finish_reason: finishReason }];
  return `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm', choices })}\n\n`;
}

/** A whole chat stream in so many chunks as there are words, with its end. */
export function chatStream(words: readonly string[], done = true): string {
  const frames = [...words.map((word) => delta(word)), delta('', 'stop'), ...(done ? ['data: [DONE]\n\n'] : [])];
  return `${STREAM_HEAD}${frames.map(chunk).join('')}0\r\n\r\n`;
}
