#!/usr/bin/env node
import { BenchError, EXIT } from '../errors.js';
import { SINK_HELP, readSinkOptions, type SinkOptions } from './options.js';
import { otlp } from './otlp.js';
import { createSink } from './server.js';
import { webhook } from './webhook.js';

try {
  const options = readSinkOptions(process.argv.slice(2));
  if (options === 'help') process.stdout.write(SINK_HELP);
  else listen(options);
} catch (thrown) {
  if (!(thrown instanceof BenchError)) throw thrown;
  process.stderr.write(`crabllm-bench sink: ${thrown.message}\n  ${thrown.hint ?? ''}\n`);
  process.exitCode = thrown.exitCode;
}

function listen(options: SinkOptions): void {
  const { host, port, kind } = options;
  const server = createSink(options.kind === 'otlp' ? otlp() : webhook(options.verdicts), options.delayUs);
  server.once('error', (error) => {
    process.stderr.write(`crabllm-bench sink: cannot listen on ${host}:${port}: ${error.message}\n`);
    process.exit(EXIT.environment);
  });
  server.listen({ host, port, backlog: 1024 }, () => {
    process.stdout.write(`${kind} at http://${host}:${port}\n`);
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(EXIT.ok));
}
