import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { diagnoseCluster } from '../doctor/cluster/diagnosis.js';
import { lookAtCluster } from '../doctor/cluster/look.js';
import { renderClusterDiagnosis } from '../doctor/cluster/text.js';
import { EXIT, type ExitCode } from '../errors.js';
import { watchInterrupts } from '../measure/interrupt.js';
import { createProgress } from '../measure/progress.js';
import { styleOf } from '../report/terminal-style.js';
import { connectCluster } from '../runtime/kubernetes/cluster.js';
import type { ClusterOptions } from './options/cluster.js';

/** How many agents a run has by itself. */
const AGENTS = 1;

/**
 * Says beforehand what a run on a cluster can show.
 * @throws BenchError what {@link connectCluster} and {@link lookAtCluster} throw; `interrupted`
 */
export async function doctorOnCluster(
  { kubeconfig, context, namespace, manner }: ClusterOptions,
  { json }: { readonly json: boolean },
): Promise<ExitCode> {
  const progress = createProgress(process.stderr);
  const interrupt = watchInterrupts((line) => progress.tell(line));
  try {
    progress.doing('looking at the cluster');
    const cluster = await connectCluster({ kubeconfig, context });
    const { look } = await lookAtCluster(cluster, {
      namespace,
      manner,
      agents: AGENTS,
      catalogue: readCatalogue([COMPOSE_FILE]),
    });
    interrupt.signal.throwIfAborted();
    const diagnosis = diagnoseCluster(look);
    progress.end();
    process.stdout.write(
      json
        ? `${JSON.stringify({ schemaVersion: 1, ...diagnosis, findings: { look } }, null, 2)}\n`
        : `${renderClusterDiagnosis(diagnosis, styleOf(process.stdout, process.env))}\n`,
    );
    return EXIT.ok;
  } finally {
    progress.end();
    interrupt.release();
  }
}
