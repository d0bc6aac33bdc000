import { formatLevel } from '../../record/cell.js';
import type { FeatureCost, Summary } from '../../record/summary.js';
import { FEATURE_TITLE, featurePictureName } from '../feature-rows.js';
import { reportModel } from '../model.js';
import { featurePicture } from './feature-picture.js';
import { inLooks, type Pictures, type ReportFile } from './files.js';
import { drawn } from './svg.js';

/** What features cost as pictures, one a scenario and level: `charts/features-SCENARIO-100rps.svg`. None of a run without variants. */
export function featurePictures(summary: Summary, pictures: Pictures): ReportFile[] {
  const { subtitle, plays } = reportModel(summary);
  const places = new Map<string, FeatureCost[]>();
  for (const cost of summary.features ?? []) {
    const name = featurePictureName(cost);
    places.set(name, [...(places.get(name) ?? []), cost]);
  }
  return [...places].flatMap(([name, costs]) => {
    const [first] = costs;
    if (first === undefined) return [];
    const heading = { title: `${FEATURE_TITLE} · ${first.scenario} · ${formatLevel(first.level)}`, of: subtitle };
    return inLooks(name, pictures, (theme) =>
      drawn(featurePicture(costs, plays, heading, theme), `${name}-${theme.name}`),
    );
  });
}
