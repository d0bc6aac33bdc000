import { Agent } from 'undici';

/**
 * Carries this program's own requests to services of this host (readiness, attestation, the mock's account of itself): over connections
 * of its own, and never through a proxy. undici shares its global dispatcher with Node's own, which takes proxies from the environment
 * (`NODE_USE_ENV_PROXY`, `--use-env-proxy`), also for loopback.
 */
export const ownRequests = new Agent();
