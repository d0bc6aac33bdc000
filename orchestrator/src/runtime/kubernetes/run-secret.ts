import type { V1EnvVar } from '@kubernetes/client-node';

/** Where the mock and its askers have the token from. */
export const TOKEN_VARIABLE = 'CRABLLM_BENCH_CONTROL_TOKEN';
/** Where those who watch and who ask them have the token from. */
export const WATCH_TOKEN_VARIABLE = 'CRABLLM_BENCH_WATCH_TOKEN';

/** The token of the mock's control endpoint, from its Secret. */
export function tokenVariable(controlSecret: string): V1EnvVar {
  return secretVariable(TOKEN_VARIABLE, controlSecret, 'token');
}

/** A variable from a Secret. */
export function secretVariable(name: string, secret: string, key: string): V1EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}
