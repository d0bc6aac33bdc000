import type { Summary } from '../record/summary.js';
import type { TrialRecord } from '../record/trial.js';

/** What watching took of one core within the windows of all trials together; nothing where no trial counted it. */
export function observerOf(trials: readonly TrialRecord[]): Pick<Summary, 'observer'> {
  const counted = trials.flatMap(({ observer }) => observer ?? []);
  const ofUs = 1000 * counted.reduce((sum, { ofMs }) => sum + ofMs, 0);
  if (ofUs === 0) return {};
  const share = (of: 'cpuUs' | 'samplingUs' | 'besideCpuUs'): number =>
    Math.round((1e5 * counted.reduce((sum, record) => sum + (record[of] ?? 0), 0)) / ofUs) / 1e5;
  const beside = counted.some(({ besideCpuUs }) => besideCpuUs !== undefined);
  return {
    observer: {
      cpuShare: share('cpuUs'),
      samplingShare: share('samplingUs'),
      ...(beside ? { besideShare: share('besideCpuUs') } : {}),
    },
  };
}
