import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { type NodeFigures, measureNodes } from '../doctor/cluster/figures.js';
import type { ClusterLook } from '../doctor/cluster/findings.js';
import { diagnoseCluster } from '../doctor/cluster/diagnosis.js';
import { lookAtCluster } from '../doctor/cluster/look.js';
import { renderClusterDiagnosis } from '../doctor/cluster/text.js';
import { EXIT, type ExitCode } from '../errors.js';
import { newRunId } from '../measure/describe-run.js';
import { type Interrupt, watchInterrupts } from '../measure/interrupt.js';
import { createProgress, type Progress } from '../measure/progress.js';
import { styleOf } from '../report/terminal-style.js';
import { type Cluster, connectCluster } from '../runtime/kubernetes/cluster.js';
import { removeRun, sweepRuns } from '../runtime/kubernetes/runs.js';
import type { ClusterOptions } from './options/cluster.js';

/** How many agents a run has by itself. */
const AGENTS = 1;

/**
 * Says beforehand what a run on a cluster can show.
 * @throws BenchError what {@link connectCluster} and {@link lookAtCluster} throw; `interrupted`
 */
export async function doctorOnCluster(
  { kubeconfig, context, namespace, manner }: ClusterOptions,
  { json, selfTest }: { readonly json: boolean; readonly selfTest: boolean },
): Promise<ExitCode> {
  const progress = createProgress(process.stderr);
  const interrupt = watchInterrupts((line) => progress.tell(line));
  try {
    progress.doing('looking at the cluster');
    const cluster = await connectCluster({ kubeconfig, context });
    const look = await lookAtCluster(cluster, {
      namespace,
      manner,
      agents: AGENTS,
      catalogue: readCatalogue([COMPOSE_FILE]),
    });
    interrupt.signal.throwIfAborted();
    const figures = selfTest ? await measure(cluster, look, progress, interrupt) : [];
    const diagnosis = diagnoseCluster(look, figures);
    progress.end();
    process.stdout.write(
      json
        ? `${JSON.stringify({ schemaVersion: 1, ...diagnosis, findings: { look, figures } }, null, 2)}\n`
        : `${renderClusterDiagnosis(diagnosis, styleOf(process.stdout, process.env))}\n`,
    );
    return EXIT.ok;
  } finally {
    progress.end();
    interrupt.release();
  }
}

async function measure(
  cluster: Cluster,
  look: ClusterLook,
  progress: Progress,
  interrupt: Interrupt,
): Promise<NodeFigures[]> {
  if (look.level.state === 'missing') {
    progress.tell(
      `nothing is measured: the namespace ${look.namespace} is not there (kubectl create namespace ${look.namespace})`,
    );
    return [];
  }
  const swept = await sweepRuns(cluster, look.namespace);
  if (swept > 0) progress.tell(`removed ${swept} runs that were over, and what they had left behind`);
  return measureNodes(
    cluster,
    look,
    newRunId(),
    ({ name, seat: { node } }) => {
      interrupt.onSecond(async () => removeRun(cluster, look.namespace, name, false));
      progress.tell(`measuring in a Pod on ${node}: a minute`);
    },
    interrupt.signal,
  );
}
