import { startCluster, StartError } from './cluster.js';
import { HELP, parseConfig } from './command-line.js';
import { UsageError } from './config.js';
import { WORKER_START, type WorkerStart } from './control/messages.js';
import { runWorker } from './worker.js';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;

const started = process.env[WORKER_START];
if (started === undefined) await runPrimary(process.argv.slice(2));
else runWorker(JSON.parse(started) as WorkerStart);

async function runPrimary(argv: readonly string[]): Promise<void> {
  try {
    const config = parseConfig(argv);
    if (config === 'help') process.stdout.write(HELP);
    else process.stdout.write(`${await startCluster(config)}\n`);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) throw error;
    process.stderr.write(`crabllm-bench mock: ${error.message}\n`);
    process.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILED);
  }
}
