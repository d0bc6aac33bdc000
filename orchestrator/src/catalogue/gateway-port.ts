import { usageError } from '../errors.js';
import { rewrittenService } from './rewritten-service.js';
import type { Service } from './service.js';

/**
 * A gateway on another port, so that two of one kind can be up together. Started as a process whose command says `{port}`, it is told that,
 * and nothing else changes; else every mention of the port's number in commands, environment, headers and config files is rewritten, in
 * copies in `directory`.
 * @param runtime what starts it: each reads another part of the service
 * @throws BenchError `port-shared` where nothing that it is started with mentions the port, so that it could not be told to use another
 */
export function withGatewayPort(
  service: Service,
  port: number,
  runtime: 'docker' | 'process' | 'external' | 'kubernetes',
  directory: string,
): Service {
  if (runtime === 'process' && service.process?.command.some((word) => word.includes('{port}')) === true)
    return { ...service, port };
  // Not within a longer number, nor behind the dot of one.
  const mention = new RegExp(`(?<![\\d.])${service.port}(?!\\d)`, 'g');
  const moved = rewrittenService(service, {
    text: (text) => text.replaceAll(mention, String(port)),
    directory,
    copies: 'copies of config files with another port of a gateway',
  });
  const startedWith = (one: Service): string => {
    const { command, environment } = (runtime === 'process' ? one.process : null) ?? one;
    return JSON.stringify([command, environment, one.mounts]);
  };
  if (startedWith(moved) === startedWith(service))
    throw usageError(
      'port-shared',
      `${service.name} listens on port ${service.port}, as the other one does, and nothing in its description says so that it could be changed.`,
      'Describe it in a Compose file of your own on another port and give that with --compose FILE, or start it yourself: --target NAME=URL.',
    );
  // What a helper listens on has nothing to do with it.
  return { ...moved, port, ...(service.helpers === undefined ? {} : { helpers: service.helpers }) };
}
