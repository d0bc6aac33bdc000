import { readFileSync, readlinkSync } from 'node:fs';

/**
 * Which monotonic clock the ledger's moments are of: that of a kernel since its boot, shifted by a time namespace (time_namespaces(7)).
 * Who has the same two words reads the same clock.
 */
export interface ClockDomain {
  readonly bootId: string;
  /** What `/proc/self/ns/time` points at; `none` where the kernel knows no time namespaces. */
  readonly timeNamespace: string;
}

/** The domain of this process's clock; null where the system does not tell. */
export function clockDomain(): ClockDomain | null {
  try {
    const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
    return bootId === '' ? null : { bootId, timeNamespace: ownTimeNamespace() };
  } catch {
    return null;
  }
}

function ownTimeNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/time');
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return 'none';
    throw thrown;
  }
}
