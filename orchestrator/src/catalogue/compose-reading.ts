import { statSync } from 'node:fs';
import type { ComposeFaults } from './compose-faults.js';
import type { Lookup } from './interpolate.js';

/** What the parts of a compose file are read with. */
export interface Reading {
  /** Of the file, absolute. */
  readonly path: string;
  readonly faults: ComposeFaults;
  readonly lookup: Lookup;
}

/** Whether a folder is there. @param path absolute */
export function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
