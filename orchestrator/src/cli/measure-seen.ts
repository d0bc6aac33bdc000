import { messageOf } from '../errors.js';
import { type Job, measure, type Measured } from '../measure/measure.js';
import { LiveView } from '../serve/live-view.js';
import { servedPage } from '../serve/run-pages.js';

/**
 * Measures, seen by whoever looks on.
 * @param port of `--serve`, 0 for any; null: nobody is to see it
 * @throws BenchError as {@link measure}, and `port-taken`
 */
export async function measureSeen(job: Job, port: number | null): Promise<Measured> {
  if (port === null) return measure(job);
  const view = await LiveView.open(port, job, job.runId);
  try {
    return await measureInto(job, view);
  } finally {
    await view.close();
  }
}

async function measureInto(job: Job, view: LiveView): Promise<Measured> {
  try {
    const measured = await measure({ ...job, progress: view, onlooker: view });
    const { directory, summary, failure } = measured;
    const cpuShare = summary.observer?.cpuShare ?? null;
    await view.conclude(await servedPage(directory), failure?.message ?? 'The run has ended.', cpuShare);
    return measured;
  } catch (thrown) {
    await view.conclude(null, messageOf(thrown), null);
    throw thrown;
  }
}
