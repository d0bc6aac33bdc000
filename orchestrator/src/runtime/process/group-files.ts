import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readKernelFile } from '../../kernel-file.js';

/** Makes a control group; null where it cannot be made. */
export function makeGroup(directory: string): string | null {
  try {
    mkdirSync(directory);
    return directory;
  } catch {
    return null;
  }
}

/** Removes a control group, unless it is gone already or not empty yet. */
export function removeGroup(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // As said: a later sweep finds it.
  }
}

/** Writes a setting of a group; false where the kernel does not take it, or does not know it. */
export function writeSetting(directory: string, name: string, value: string): boolean {
  try {
    writeFileSync(join(directory, name), value);
    return true;
  } catch {
    return false;
  }
}

/** The processes in a group. */
export function pidsIn(directory: string): number[] {
  return (readKernelFile(join(directory, 'cgroup.procs')) ?? '')
    .split('\n')
    .filter((line) => line !== '')
    .map(Number);
}

/** A number after a key, as in `throttled_time 5`; null where it is not there. */
export function fieldIn(directory: string, name: string, key: string): number | null {
  const value = new RegExp(`^${key} (\\d+)$`, 'm').exec(readKernelFile(join(directory, name)) ?? '')?.[1];
  return value === undefined ? null : Number(value);
}

/** Names in a folder; none where it cannot be read. */
export function listed(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
