import { type Catalogue, onMockPort } from './catalogue.js';
import { rewrittenService } from './rewritten-service.js';
import { filledTemplate } from './template.js';

/**
 * The catalogue with the mock on another port. Every mention of the mock's address (`127.0.0.1:9999`) in commands,
 * environment, headers and config files is rewritten; changed config files are copies in `directory`, the originals stay.
 * @param beside further providers that the mock plays, on the ports behind its own: mentions of theirs move along
 */
export function withMockPort(catalogue: Catalogue, port: number, directory: string, beside = 0): Catalogue {
  const { mock } = catalogue;
  if (port === mock.port) return catalogue;
  const moved = new Map(
    Array.from({ length: 1 + beside }, (_, i) => [`127.0.0.1:${mock.port + i}`, `127.0.0.1:${port + i}`]),
  );
  // All at once: the new address of one may be the old one of another.
  const mention = new RegExp([...moved.keys()].map((text) => text.replaceAll('.', '\\.')).join('|'), 'g');
  const ownPort = (word: string): string => (word === String(mock.port) ? String(port) : word);
  const rewriting = {
    text: (text: string): string => text.replaceAll(mention, (found) => moved.get(found) ?? found),
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
