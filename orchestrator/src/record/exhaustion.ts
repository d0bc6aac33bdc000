import type { Gate } from './surroundings.js';
import type { LoadRecord } from './trial.js';

/** Share of the requests that may have gone without a connection for want of something on this side, as of failures of any kind. */
const MAX_SHARE = 0.001;

/** What this side may lack when a connection is opened, by the system's word, and what helps. */
export const OWN_WANTS: Readonly<Record<string, string>> = {
  EMFILE: 'no file descriptor left in this process: raise the limit (ulimit -n) or use fewer --connections',
  ENFILE: 'no file descriptor left on this host: raise fs.file-max',
  EADDRNOTAVAIL:
    'no local port left: widen net.ipv4.ip_local_port_range, keep connections alive, or use fewer --connections',
  ENOBUFS: 'no buffer left in the kernel: use fewer --connections',
  ENOMEM: 'no memory left in the kernel: use fewer --connections',
  EAGAIN: 'no local port or route left at the moment: use fewer --connections',
};

/** Requests for which this side had no descriptor, port or buffer say nothing of the target, whichever of its answers were missed by it. */
export function exhaustionGates({ errors, scheduled, errorExamples }: LoadRecord): Gate[] {
  const { exhausted = 0 } = errors;
  if (exhausted === 0) return [];
  const share = exhausted / Math.max(1, scheduled);
  const words = Object.keys(errorExamples).filter((text) =>
    Object.values(OWN_WANTS).some((want) => text.includes(want)),
  );
  const what = words[0]?.replace(/^exhausted: /, '') ?? 'no file descriptor, port or buffer left for a connection';
  const message = `this side could not connect for ${exhausted} of ${scheduled} requests: ${what}`;
  const evidence = { share, requests: exhausted, limit: MAX_SHARE };
  return [{ effect: share > MAX_SHARE ? 'void' : 'warning', reason: { code: 'driver-exhausted', message, evidence } }];
}
