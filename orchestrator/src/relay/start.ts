import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { BenchError, EXIT } from '../errors.js';
import { runFirst } from '../clock/thread-scheduling.js';
import { Burner } from './burner.js';
import { asksForConduct, type ConductPlan, readConductPlan } from './conduct-plan.js';
import { Dispatcher } from './dispatcher.js';
import { RELAY_HELP, readRelayOptions, type RelayOptions } from './options.js';
import { Policy } from './policy.js';
import { RetryingGateway } from './retrying-gateway.js';
import { RelayConnection } from './relay-connection.js';

try {
  const words = process.argv.slice(2);
  if (asksForConduct(words) && !words.includes('--help')) retrying(readConductPlan(words));
  else {
    const options = readRelayOptions(words);
    if (options === 'help') process.stdout.write(RELAY_HELP);
    else passingOn(options);
  }
} catch (thrown) {
  if (!(thrown instanceof BenchError)) throw thrown;
  process.stderr.write(`crabllm-bench relay: ${thrown.message}\n  ${thrown.hint ?? ''}\n`);
  process.exitCode = thrown.exitCode;
}

function passingOn(options: RelayOptions): void {
  runFirst();
  const dispatcher = new Dispatcher();
  const policy = new Policy(options);
  const burner = options.burnUs === 0 ? null : new Burner(options.burnUs);
  listen(
    createServer((client: Socket) => {
      new RelayConnection(client, options.upstream, dispatcher, policy, burner).begin();
    }),
    options,
  );
  // The holding thread waits without an event loop, so the process does not end by itself.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(EXIT.ok));
}

function retrying(plan: ConductPlan): void {
  const gateway = new RetryingGateway(plan);
  listen(
    createHttpServer((request, response) => void gateway.answer(request, response)),
    plan,
  );
}

function listen(server: Server, { host, port }: Pick<RelayOptions, 'host' | 'port'>): void {
  server.once('error', (error) => {
    process.stderr.write(`crabllm-bench relay: cannot listen on ${host}:${port}: ${error.message}\n`);
    process.exit(EXIT.environment);
  });
  server.listen({ host, port, backlog: 1024 }, () => {
    process.stdout.write(`passing on from http://${host}:${port}\n`);
  });
}
