import { readFileSync } from 'node:fs';
import type { CpuTopology } from '#src/plan/core-layout.js';
import { readTopology } from '#src/resources/cpu-topology.js';

const FOLDER = new URL('../../test/fixtures/topologies/', import.meta.url);

/** The topology of a machine as its files say it: a recording has the lines of `grep -s . FILE …`, each file of one line. */
export function recordedTopology(name: string): CpuTopology {
  const files = new Map(
    readFileSync(new URL(`${name}.txt`, FOLDER), 'utf8')
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
  );
  return readTopology((path) => files.get(path) ?? null) as CpuTopology;
}
