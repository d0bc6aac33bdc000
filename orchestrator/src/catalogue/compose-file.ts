import { installed } from '../installation.js';
import { IMAGE_TAG, VERSION } from '../version.js';

/** The project's own compose file. */
export const COMPOSE_FILE = installed('compose/docker-compose.yml');

/**
 * The variables that compose files see: those of the shell, and which build of this program reads them, so that the image of the mock is
 * the one of that build.
 */
export function composeShell(shell: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  return { ...shell, CRABLLM_BENCH_VERSION: VERSION, CRABLLM_BENCH_TAG: IMAGE_TAG };
}
