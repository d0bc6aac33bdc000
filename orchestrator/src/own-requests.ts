import { Agent, type Dispatcher } from 'undici';

/** Where the mock answers about itself. */
const CONTROL = '/__bench/';

/** A mock on another host answers about itself only to those who send this, see its `--control token`. */
const controlToken = process.env['CRABLLM_BENCH_CONTROL_TOKEN'];

/**
 * Carries this program's own requests to services (readiness, attestation, the mock's account of itself): over connections
 * of its own, and never through a proxy. undici shares its global dispatcher with Node's own, which takes proxies from the environment
 * (`NODE_USE_ENV_PROXY`, `--use-env-proxy`), also for loopback.
 */
export const ownRequests: Dispatcher =
  controlToken === undefined ? new Agent() : new Agent().compose(withControlToken(controlToken));

/** Adds the token to what asks the mock about itself, and to nothing that a target sees. @internal exported for tests */
export function withControlToken(token: string): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(
      options.path.startsWith(CONTROL)
        ? {
            ...options,
            headers: { ...(options.headers as Record<string, string> | undefined), 'x-bench-token': token },
          }
        : options,
      handler,
    );
}
