import { fileURLToPath } from 'node:url';

/**
 * A file or folder of this program itself: of a clone, or of an installed package, which have the same shape. It may belong to another
 * user and be shared by several: read it, and never write there.
 * @param path relative to its top, for example `compose/docker-compose.yml`
 */
export function installed(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/** The command of this program. */
export const OWN_PROGRAM = installed('orchestrator/dist/run.js');

/** The program of what gateways send to beside their provider. */
export const SINK_PROGRAM = fileURLToPath(new URL('./sink/main.js', import.meta.url));

/** The mock's program. */
export const MOCK_PROGRAM = installed('mock/dist/main.js');
