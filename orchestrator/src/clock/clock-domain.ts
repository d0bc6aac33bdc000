import { readlinkSync } from 'node:fs';
import { z } from 'zod';
import { readKernelFile } from '../kernel-file.js';

/**
 * Which monotonic clock a process reads. CLOCK_MONOTONIC counts from the boot of its kernel, shifted by the time namespace that the
 * process lives in (time_namespaces(7)), so two processes whose domains are equal read one clock, whatever containers they are in.
 */
export const clockDomainSchema = z.strictObject({
  /** `/proc/sys/kernel/random/boot_id`: drawn anew at each boot, and the same in all containers of a kernel. */
  bootId: z.string().min(1),
  /** What `/proc/self/ns/time` points at, for example `time:[4026531834]`; `none` where the kernel knows no time namespaces. */
  timeNamespace: z.string().min(1),
});
export type ClockDomain = z.infer<typeof clockDomainSchema>;

/** The domain of this process's clock; null where the system does not tell (it is no Linux, or hides it). */
export function clockDomain(): ClockDomain | null {
  const bootId = readKernelFile('/proc/sys/kernel/random/boot_id')?.trim();
  const timeNamespace = ownTimeNamespace();
  return bootId === undefined || bootId === '' || timeNamespace === null ? null : { bootId, timeNamespace };
}

/**
 * Whether moments of both domains may be subtracted from each other. Of a domain that is not known nothing is supposed: what the moments
 * themselves look like decides nothing, since the clocks of two hosts may lie closer together than a request is long.
 */
export function isOneClock(one: ClockDomain | null, other: ClockDomain | null): boolean {
  if (one === null || other === null) return false;
  return one.bootId === other.bootId && one.timeNamespace === other.timeNamespace;
}

function ownTimeNamespace(): string | null {
  try {
    return readlinkSync('/proc/self/ns/time');
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? 'none' : null;
  }
}
