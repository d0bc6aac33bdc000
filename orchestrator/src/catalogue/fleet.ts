import type { Service } from './service.js';

/** A mock that plays several providers. */
export interface Fleet {
  readonly service: Service;
  /** Where its control endpoint answers, also while providers are down. */
  readonly controlUrl: string;
  /** Where its providers answer, in their order. */
  readonly providerUrls: readonly string[];
}

/**
 * The mock as a fleet: the first provider on its own port, the others on those behind it, and the control endpoint on the one behind them.
 * @param providers their names
 * @param models that it has beside its own
 */
export function asFleet(mock: Service, providers: readonly string[], models: readonly string[] = []): Fleet {
  const control = mock.port + providers.length;
  const listed = providers.map((name, i) => `${name}:${mock.port + i}`).join(',');
  const further = models.flatMap((model) => ['--model', model]);
  const rewritten = (words: readonly string[]): string[] => {
    const at = words.indexOf('--port');
    const own = ['--providers', listed, '--control-port', String(control), ...further];
    return [...words.slice(0, at), ...own, ...words.slice(at + 2)];
  };
  const { command, process } = mock;
  return {
    service: {
      ...mock,
      command: command === null ? null : rewritten(command),
      process: process === null ? null : { ...process, command: rewritten(process.command) },
    },
    controlUrl: `http://127.0.0.1:${control}`,
    providerUrls: providers.map((_, i) => `http://127.0.0.1:${mock.port + i}`),
  };
}
