import { fileURLToPath } from 'node:url';

/**
 * A file or folder of this program itself: of a clone, or of an installed package, which have the same shape. It may belong to another
 * user and be shared by several: read it, and never write there.
 * @param path relative to its top, for example `compose/docker-compose.yml`
 */
export function installed(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url));
}

/**
 * A file of the orchestrator's own code, to be run as a worker or a process of its own: from what is built in `dist`, of its neighbours there;
 * from the single files in `build`, which tests run, of those.
 * @param path relative to the sources, for example `relay/main.js`; one of the entries of bundle.mjs
 */
export function programFile(path: string): string {
  return fileURLToPath(new URL(`./${path}`, import.meta.url));
}

/** The command of this program. */
export const OWN_PROGRAM = installed('orchestrator/dist/run.js');

/** The program of what gateways send to beside their provider. */
export const SINK_PROGRAM = programFile('sink/main.js');

/** The mock's program. */
export const MOCK_PROGRAM = installed('mock/dist/main.js');
