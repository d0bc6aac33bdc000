import { get, type IncomingMessage } from 'node:http';

/** A viewer that reads. */
class Viewer {
  text = '';
  #changed: () => void = () => {};

  constructor(response: IncomingMessage) {
    response.setEncoding('utf8');
    response.on('data', (part: string) => {
      this.text += part;
      this.#changed();
    });
    response.on('error', () => {});
  }

  async until(found: RegExp): Promise<string> {
    while (!found.test(this.text)) await new Promise<void>((resolve) => (this.#changed = resolve));
    return this.text;
  }

  get names(): string[] {
    return [...this.text.matchAll(/event: (\w+)/g)].map(([, name = '']) => name);
  }
}

/** Connects as a browser's EventSource does. */
export function look(address: string): Promise<Viewer> {
  return new Promise((resolve, reject) =>
    get(`${address}events`, (response) => resolve(new Viewer(response))).on('error', reject),
  );
}
