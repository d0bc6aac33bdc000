import { bucketBounds } from './histogram.js';
import type { Distribution, TrialRecord } from './trial.js';

/**
 * The lines of a CSV file of a trial's histograms, head first, without line ends: how many values of a quantity lay in a bucket, for
 * each second of the window by the request's intended time. Null when the driver gave none.
 */
export function secondsToCsv({ load, ledger }: TrialRecord): string[] | null {
  const quantities: readonly (readonly [string, Distribution | null | undefined])[] = [
    ['latencyUs', load?.latencyUs],
    ['ttftUs', load?.ttftUs],
    ['gapUs', load?.gapUs],
    ['latenessUs', load?.latenessUs],
    ['overheadUs', ledger?.overheadUs],
    ['requestPathUs', ledger?.requestPathUs],
    ['responsePathUs', ledger?.responsePathUs],
    ['addedFirstFrameUs', ledger?.addedFirstFrameUs],
    ['addedGapUs', ledger?.addedGapUs],
  ];
  const rows = quantities.flatMap(([name, distribution]) =>
    (distribution?.seconds ?? []).flatMap((sparse, second) => bucketRows(name, second, sparse)),
  );
  return rows.length === 0 ? null : ['quantity,second,lowUs,widthUs,count', ...rows];
}

function bucketRows(name: string, second: number, sparse: readonly number[]): string[] {
  const rows: string[] = [];
  for (let i = 0; i + 1 < sparse.length; i += 2) {
    const { lowUs, widthUs } = bucketBounds(sparse[i] as number);
    rows.push([name, second, lowUs, widthUs, sparse[i + 1]].join(','));
  }
  return rows;
}
