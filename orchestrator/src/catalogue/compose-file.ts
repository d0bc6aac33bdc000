import { fileURLToPath } from 'node:url';

/** The project's own compose file. */
export const COMPOSE_FILE = fileURLToPath(new URL('../../../compose/docker-compose.yml', import.meta.url));
