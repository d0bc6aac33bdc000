import { type Catalogue, onMockPort } from './catalogue.js';
import { rewrittenService } from './rewritten-service.js';
import { filledTemplate } from './template.js';

/**
 * The catalogue with the mock on another port. Every mention of the mock's address (`127.0.0.1:9999`) in commands,
 * environment, headers and config files is rewritten; changed config files are copies in `directory`, the originals stay.
 */
export function withMockPort(catalogue: Catalogue, port: number, directory: string): Catalogue {
  const { mock } = catalogue;
  if (port === mock.port) return catalogue;
  const from = `127.0.0.1:${mock.port}`;
  const to = `127.0.0.1:${port}`;
  const ownPort = (word: string): string => (word === String(mock.port) ? String(port) : word);
  const rewriting = {
    text: (text: string): string => text.replaceAll(from, to),
    template: (text: string): string => filledTemplate(text, port),
    directory,
    copies: 'copies of config files with another port of the mock',
  };
  return {
    mock: {
      ...mock,
      port,
      command: mock.command?.map(ownPort) ?? null,
      process: mock.process === null ? null : { ...mock.process, command: mock.process.command.map(ownPort) },
    },
    gateways: catalogue.gateways.map((gateway) => onMockPort(rewrittenService(gateway, rewriting), port)),
  };
}
