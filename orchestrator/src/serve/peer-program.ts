import { readdirSync, readlinkSync } from 'node:fs';
import { readKernelFile } from '../kernel-file.js';

/**
 * The program of this machine that holds the other end of a connection over the loopback: a browser's, or that of a tunnel behind which the
 * browser is elsewhere. Null where the kernel does not say, or not to this user.
 * @param port of the other end
 */
export function peerProgram(port: number, directory = '/proc'): string | null {
  const inode = inodeOf(port, readKernelFile(`${directory}/net/tcp`) ?? '');
  if (inode === null) return null;
  for (const pid of numbersIn(directory)) {
    if (!holdsSocket(`${directory}/${pid}/fd`, inode)) continue;
    return readKernelFile(`${directory}/${pid}/comm`)?.trim() ?? null;
  }
  return null;
}

/** See proc_net_tcp in the kernel's documentation (networking/proc_net_tcp): addresses in hexadecimal, the inode in the tenth column. */
function inodeOf(port: number, table: string): string | null {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n').slice(1)) {
    const columns = line.trim().split(/\s+/);
    if (columns[1]?.startsWith('0100007F') === true && columns[1].endsWith(local) && columns[9] !== '0')
      return columns[9] ?? null;
  }
  return null;
}

function holdsSocket(directory: string, inode: string): boolean {
  return entriesOf(directory).some((descriptor) => {
    try {
      return readlinkSync(`${directory}/${descriptor}`) === `socket:[${inode}]`;
    } catch {
      return false;
    }
  });
}

function numbersIn(directory: string): string[] {
  return entriesOf(directory).filter((name) => /^\d+$/.test(name));
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
