import { isPortInUse } from '#src/runtime/port.js';

/** Below what the kernel hands out by itself (32768 and up on Linux): there, a connection of another test could take the port at any time. */
const [LOWEST, HIGHEST] = [20_000, 32_000];

/** A port that nobody has, and that nobody is given without asking for it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (!(await isPortInUse(port))) return port;
  }
}
