import { readFileSync } from 'node:fs';

/**
 * The text of a small file, as the kernel shows them below `/proc` and `/sys`; null where it is not there or may not be read.
 * Synchronous: the kernel answers from memory, and a detour over the thread pool would wake more than the read takes.
 */
export function readKernelFile(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}
