import { notServed } from '../catalogue/served.js';
import type { Service } from '../catalogue/service.js';
import { BenchError, messageOf } from '../errors.js';
import { whileStarted } from '../measure/while-started.js';
import type { Workbench } from '../measure/workbench.js';
import type { FidelityCase } from './case.js';
import { examineCase } from './examine-case.js';
import type { CaseFidelity, GatewayFidelity } from './result.js';
import type { Witness } from './witness.js';

/**
 * Starts one gateway in front of the witness and asks it every case; nothing is measured.
 * @throws BenchError `interrupted`, `engine-gone`: what ends everything. Anything else is this gateway's absence.
 */
export async function examineGateway(
  gateway: Service,
  cases: readonly FidelityCase[],
  witness: Witness,
  bench: Workbench,
): Promise<GatewayFidelity> {
  const { signal } = bench.interrupt;
  const { name } = gateway;
  try {
    const found = await whileStarted(gateway, null, bench, async ({ running, version }) => {
      const seen: CaseFidelity[] = [];
      for (const one of cases) {
        bench.progress.doing(`${name}: ${one.name}`);
        seen.push(
          unserved(one, gateway) ?? (await examineCase({ ...gateway, url: running.url }, one, witness, signal)),
        );
      }
      return { gateway: name, version: version ?? gateway.version, cases: seen };
    });
    return 'reason' in found ? { gateway: name, absent: found.reason } : found;
  } catch (thrown) {
    signal.throwIfAborted();
    if (!(thrown instanceof BenchError) || thrown.code === 'engine-gone') throw thrown;
    return { gateway: name, absent: { code: thrown.code, message: messageOf(thrown) } };
  }
}

function unserved({ name, path, streaming, kind }: FidelityCase, { serves }: Service): CaseFidelity | null {
  const answer = kind === 'tools' ? 'tools' : kind === 'vectors' || kind === 'vector-batch' ? 'embeddings' : 'chat';
  const lacking = notServed({ path, streaming, answer }, serves);
  if (lacking === null) return null;
  const reason = { code: 'not-offered', message: `its entry does not serve ${lacking}` };
  return { case: name, state: 'not-offered', reason };
}
