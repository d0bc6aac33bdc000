import { BenchError, EXIT, messageOf } from '../../errors.js';

/** An answer of the API server that says no. */
export interface Refusal {
  readonly statusCode: number;
  /** In the cluster's own words. */
  readonly reason: string;
  /** What it asks for in `Retry-After`; null: nothing. */
  readonly retryAfterMs: number | null;
}

/** The refusal in something that the client library has thrown; null when the server did not answer at all. Judge by its status alone. */
export function refusalOf(thrown: unknown): Refusal | null {
  if (!(thrown instanceof Error) || !('code' in thrown) || typeof thrown.code !== 'number') return null;
  const { body, headers } = thrown as { readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> };
  const seconds = Number(headers?.['retry-after'] ?? Number.NaN);
  return {
    statusCode: thrown.code,
    reason: saidIn(body) ?? `status ${thrown.code}`,
    retryAfterMs: Number.isFinite(seconds) ? 1000 * seconds : null,
  };
}

/** Whether the server answered with one of these status codes. */
export function isRefusal(thrown: unknown, ...statusCodes: readonly number[]): boolean {
  return statusCodes.includes(refusalOf(thrown)?.statusCode ?? 0);
}

/** The member `message` of a `Status`, which comes as an object or as its text. */
function saidIn(body: unknown): string | null {
  if (typeof body === 'string') {
    try {
      return saidIn(JSON.parse(body)) ?? body.trim();
    } catch {
      return body.trim() === '' ? null : body.trim();
    }
  }
  if (typeof body !== 'object' || body === null || !('message' in body)) return null;
  return typeof body.message === 'string' ? body.message.trim() : null;
}

/** The API server has not answered for as long as was waited for it. */
export function clusterGone(cluster: string, action: string, cause: unknown): BenchError {
  return new BenchError({
    code: 'engine-gone',
    message: `the cluster ${cluster} is gone: it was asked to ${action}: ${refusalOf(cause)?.reason ?? messageOf(cause)}`,
    hint: 'What was started there ends by its deadline; crabllm-bench down --runtime kubernetes removes it as soon as the cluster answers.',
    cause,
  });
}

/** The account may not do what is needed. */
export function clusterForbids(action: string, cause: unknown): BenchError {
  return new BenchError({
    code: 'cluster-forbids',
    message: `the cluster forbids to ${action}: ${refusalOf(cause)?.reason ?? messageOf(cause)}`,
    hint: 'What a run needs is in deploy/kubernetes/; somebody who may do it applies that once: see docs/kubernetes.md.',
    exitCode: EXIT.environment,
    cause,
  });
}

/** The API server answered, but what was to be started did not come up. */
export function startFailed(
  name: string,
  { code, message }: { readonly code: string; readonly message: string },
): BenchError {
  return new BenchError({ code, message: `${name} could not be started: ${message}` });
}
