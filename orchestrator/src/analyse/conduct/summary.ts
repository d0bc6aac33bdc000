import type { ConductRun, ConductSummary } from '../../record/conduct.js';
import type { Summary } from '../../record/summary.js';
import { boundOf, readBound } from './accusations.js';
import { entryOf } from './row-book.js';

/** `summary.json` of `--group conduct`: a run without cells, whose figures are what its targets did while providers failed. */
export function conductSummary(run: ConductRun): Summary {
  const { id, startedAt, finishedAt, complete, blocks, seed, runtime, host, version, pace, targets } = run;
  const versions = targets.flatMap(({ name, version: own }) => (own === null ? [] : [[name, own] as const]));
  return {
    schemaVersion: 3,
    run: {
      id,
      startedAt,
      finishedAt,
      complete,
      blocks,
      seed,
      runtime,
      driver: 'native',
      options: { group: 'conduct', pace },
      versions: { 'crabllm-bench': version, ...Object.fromEntries(versions) },
      host,
    },
    noiseFloor: [],
    cells: [],
    conduct: run.conduct.map((each) => summaryOf(each, run.pace)),
    ranking: [],
    findings: targets.flatMap(({ name, absent }) =>
      absent === null
        ? []
        : [
            {
              code: absent.code,
              severity: 'info' as const,
              target: name,
              scenario: null,
              level: null,
              message: absent.message,
              evidence: {},
            },
          ],
    ),
  };
}

/** @returns times of phases from the beginning of the first one */
function summaryOf(
  { phases, rows, ...more }: ConductRun['conduct'][number],
  { beforeMs }: ConductRun['pace'],
): ConductSummary {
  const faultUs = phases.find(({ name }) => name === 'fault')?.fromUs ?? 0;
  const startUs = faultUs - 1000 * beforeMs;
  return {
    ...more,
    phases: phases.map(({ name, fromUs, untilUs }) => ({
      name,
      fromUs: Math.max(0, Math.round(fromUs - startUs)),
      untilUs: Math.round(untilUs - startUs),
    })),
    rows: Object.fromEntries(
      Object.entries(rows).map(([name, row]) => {
        const { unit = 'times', phase = 'fault' } = entryOf(name) ?? {};
        const reading = { unit, phase } as const;
        if ('state' in row) return [name, { ...row, ...reading }];
        const bound = boundOf(more.case, name);
        return [
          name,
          bound === undefined
            ? { ...row, ...reading }
            : { ...row, ...reading, verdict: readBound(row, bound), bound: bound.bound },
        ];
      }),
    ),
  };
}
