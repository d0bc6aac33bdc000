import { type BenchError, messageOf } from '../errors.js';
import type { Workbench } from '../measure/workbench.js';
import type { Summary } from '../record/summary.js';
import type { RestsBehind } from '../report/live-model.js';
import { LiveView } from '../serve/live-view.js';
import { servedPage } from '../serve/run-pages.js';

/** How a run is seen. */
export interface Seen {
  readonly runId: string;
  /** Of `--serve`, 0 for any; null: nobody is to see it. */
  readonly port: number | null;
  readonly rests: RestsBehind;
}

/** What came of a run, as far as whoever looked on is told. */
interface Ended {
  readonly directory: string;
  readonly failure: BenchError | null;
  /** Left out: nobody counted what this program took. */
  readonly summary?: Pick<Summary, 'observer'>;
}

/**
 * Measures, seen by whoever looks on.
 * @param run measures with what it is given, which tells those who look on
 * @throws BenchError as `run` does, and `port-taken`
 */
export async function measureSeen<Means extends Workbench, End extends Ended>(
  means: Means,
  { port, ...seen }: Seen,
  run: (means: Means) => Promise<End>,
): Promise<End> {
  if (port === null) return run(means);
  const view = await LiveView.open(port, means, seen);
  try {
    return await measureInto(view, means, run);
  } finally {
    await view.close();
  }
}

async function measureInto<Means extends Workbench, End extends Ended>(
  view: LiveView,
  means: Means,
  run: (means: Means) => Promise<End>,
): Promise<End> {
  try {
    const ended = await run({ ...means, progress: view, onlooker: view });
    const { directory, summary, failure } = ended;
    const cpuShare = summary?.observer?.cpuShare ?? null;
    await view.conclude(await servedPage(directory), failure?.message ?? 'The run has ended.', cpuShare);
    return ended;
  } catch (thrown) {
    await view.conclude(null, messageOf(thrown), null);
    throw thrown;
  }
}
