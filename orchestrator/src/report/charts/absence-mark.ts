import { type Drawn, shapeAt } from './draw.js';
import { stroke } from './lanes.js';

/** Why nothing stands in a place, by what is drawn there. */
export type Absence = 'not-offered' | 'not-proven' | 'absent' | 'failed' | 'none' | 'unsettled';

/** What each is called beside its mark. */
export const ABSENCE_WORDS: Readonly<Record<Absence, string>> = {
  'not-offered': 'not offered',
  'not-proven': 'not proven',
  absent: 'absent',
  failed: 'failed',
  none: 'none holds',
  unsettled: 'not settled',
};

/** The mark of an absence about (x, y): no gateway has one of these, and none is filled. */
export function absenceMark(absence: Absence, x: number, y: number, colour: string): Drawn[] {
  const style = { stroke: colour, lineWidth: 1.6 };
  if (absence === 'not-offered') return [stroke([x - 5, y], [x + 5, y], style)];
  if (absence === 'failed' || absence === 'none')
    return [stroke([x - 4, y - 4], [x + 4, y + 4], style), stroke([x - 4, y + 4], [x + 4, y - 4], style)];
  const shape = { absent: 'circle', 'not-proven': 'diamond', unsettled: 'square' } as const;
  return [shapeAt(shape[absence], x, y, 4.5, { fill: 'none', ...style })];
}
