import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of all files below a path, links not followed; what goes meanwhile counts nothing. */
export async function installedBytes(path: string): Promise<number> {
  try {
    const own = await lstat(path);
    if (!own.isDirectory()) return own.size;
    const names = await readdir(path);
    let bytes = 0;
    for (const name of names) bytes += await installedBytes(join(path, name));
    return bytes;
  } catch {
    return 0;
  }
}
