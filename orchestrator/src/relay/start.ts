import { createServer, type Socket } from 'node:net';
import { BenchError, EXIT } from '../errors.js';
import { runFirst } from '../clock/thread-scheduling.js';
import { Burner } from './burner.js';
import { Dispatcher } from './dispatcher.js';
import { RELAY_HELP, readRelayOptions, type RelayOptions } from './options.js';
import { Policy } from './policy.js';
import { RelayConnection } from './relay-connection.js';

try {
  const options = readRelayOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(RELAY_HELP);
  else listen(options);
} catch (thrown) {
  if (!(thrown instanceof BenchError)) throw thrown;
  process.stderr.write(`crabllm-bench relay: ${thrown.message}\n  ${thrown.hint ?? ''}\n`);
  process.exitCode = thrown.exitCode;
}

function listen(options: RelayOptions): void {
  runFirst();
  const dispatcher = new Dispatcher();
  const policy = new Policy(options);
  const burner = options.burnUs === 0 ? null : new Burner(options.burnUs);
  const server = createServer((client: Socket) => {
    new RelayConnection(client, options.upstream, dispatcher, policy, burner).begin();
  });
  server.once('error', (error) => {
    process.stderr.write(`crabllm-bench relay: cannot listen on ${options.host}:${options.port}: ${error.message}\n`);
    process.exit(EXIT.environment);
  });
  server.listen({ host: options.host, port: options.port, backlog: 1024 }, () => {
    process.stdout.write(`passing on from http://${options.host}:${options.port}\n`);
  });
  // The holding thread waits without an event loop, so the process does not end by itself.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(EXIT.ok));
}
