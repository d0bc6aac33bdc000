import { request } from 'node:http';

/** An answer as it came. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Asks as nobody's browser would: with any path, method and header as they are given. */
export function ask(
  address: string,
  {
    path = '',
    method = 'GET',
    headers = {},
  }: { path?: string; method?: string; headers?: Record<string, string> } = {},
): Promise<Answered> {
  const { hostname, port, pathname } = new URL(address);
  return new Promise((resolve, reject) => {
    const sent = request(
      { hostname, port, path: path.startsWith('/') ? path : pathname + path, method, headers },
      (got) => {
        const parts: Buffer[] = [];
        got.on('data', (part: Buffer) => parts.push(part));
        got.on('end', () =>
          resolve({ status: got.statusCode ?? 0, headers: got.headers, text: Buffer.concat(parts).toString('utf8') }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}
