import type { Options } from 'yargs';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { connectCluster } from '../runtime/kubernetes/cluster.js';
import { removeRun, runsIn } from '../runtime/kubernetes/runs.js';
import { PLACE_OPTIONS, readClusterPlace } from './options/cluster.js';
import { type Command, type RawOptions, textOption, valueOf } from './options/command.js';
import { parseChoice } from './options/values.js';

const DOWN_OPTIONS: Readonly<Record<string, Options>> = {
  runtime: textOption('What', 'Whose runs: kubernetes'),
  ...PLACE_OPTIONS,
};

/** Ends what runs in a cluster, whoever started it. */
export const downCommand: Command = {
  name: 'down',
  about: 'End all runs in a namespace of a cluster, and remove what they left there',
  words: [],
  options: DOWN_OPTIONS,
  examples: [['--runtime kubernetes', 'in the namespace crabllm-bench of the current context']],
  run: (given) => down(given),
};

async function down(given: RawOptions): Promise<ExitCode> {
  const runtime = valueOf(given, 'runtime');
  if (runtime === undefined)
    throw usageError(
      'bad-value',
      'down wants to be told whose runs: --runtime kubernetes.',
      'Of containers: make down. Programs of --runtime process end with their run, or are swept by the next.',
    );
  parseChoice('runtime', runtime, ['kubernetes']);
  const place = readClusterPlace(given);
  const cluster = await connectCluster(place);
  const runs = await runsIn(cluster, place.namespace);
  await Promise.all(runs.map(async ({ name }) => removeRun(cluster, place.namespace, name)));
  const names = runs.map(({ name }) => name).join(', ');
  process.stdout.write(
    runs.length === 0
      ? `nothing of a run is in the namespace ${place.namespace} of ${cluster.name}\n`
      : `removed ${names} and all that belonged to ${runs.length === 1 ? 'it' : 'them'} from the namespace ${place.namespace} of ${cluster.name}\n`,
  );
  return EXIT.ok;
}
