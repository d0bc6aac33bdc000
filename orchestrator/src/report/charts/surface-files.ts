import type { Capacity } from '../../record/capacity.js';
import { capacityTitle } from '../capacity-rows.js';
import { SURFACE_TITLE, surfacePictureName } from '../surface-rows.js';
import { inLooks, type Pictures, type ReportFile } from './files.js';
import { surfacePicture } from './surface-picture.js';
import { drawn } from './svg.js';

/** A search over limits as pictures, one a scenario: `charts/surface-SCENARIO.svg`. None of a search at the limits of the compose file. */
export function surfacePictures(capacity: Capacity, pictures: Pictures): ReportFile[] {
  const scenarios = [...new Set(capacity.surface.map(({ scenario }) => scenario))];
  return scenarios.flatMap((scenario) => {
    const name = surfacePictureName(scenario);
    const points = capacity.surface.filter((point) => point.scenario === scenario);
    const heading = {
      title: `${SURFACE_TITLE} · ${scenario}`,
      of: `${capacityTitle(capacity)} · run ${capacity.run}`,
    };
    return inLooks(name, pictures, (theme) =>
      drawn(surfacePicture(points, capacity.answers, heading, theme), `${name}-${theme.name}`),
    );
  });
}
