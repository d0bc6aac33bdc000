import type { Lane, Story } from '../analyse/conduct/story.js';

/** Columns of the line of time. */
const COLUMNS = 60;

const FILL: Readonly<Record<Lane['how'], string>> = { well: '=', failed: 'x', left: '-' };

/** A request told for a terminal: what happened when, and then the same as one line of time for the client and each attempt. */
export function renderStory(story: Story): string {
  const { id, phase, lanes, endUs } = story;
  const width = lanes.reduce((most, { who }) => Math.max(most, who.length), 0);
  const told = eventsOf(lanes).map(({ atUs, who, what }) => `${ms(atUs)}  ${who.padEnd(width)}  ${what}`);
  const scale = (us: number): number => Math.round((COLUMNS * Math.max(0, us)) / Math.max(endUs, 1));
  const drawn = lanes.map(({ who, fromUs, untilUs, how }) => {
    const [from, until] = [scale(fromUs), Math.max(scale(fromUs) + 1, scale(untilUs ?? endUs))];
    const line = ' '.repeat(Math.min(from, COLUMNS - 1)) + FILL[how].repeat(Math.max(1, until - from));
    return `${who.padEnd(width)}  |${line.slice(0, COLUMNS).padEnd(COLUMNS)}|`;
  });
  return [
    `request ${id}, in the phase: ${phase}`,
    ...told,
    '',
    ...drawn,
    `${' '.repeat(width)}   0 ms${ms(endUs)
      .trimStart()
      .padStart(COLUMNS - 4)}   (= well, x failed, - left)`,
  ].join('\n');
}

/** Beginnings and ends in the order in which they happened. */
export function eventsOf(lanes: readonly Lane[]): { atUs: number; who: string; what: string }[] {
  let attempt = 0;
  return lanes
    .flatMap(({ who, fromUs, untilUs, end }) => {
      const isClient = who === 'client';
      if (!isClient) attempt += 1;
      const begins = { atUs: fromUs, who, what: isClient ? 'is due to send' : `attempt ${attempt} arrives` };
      const what = isClient ? end : `attempt ${attempt} ends: ${end}`;
      return untilUs === null ? [begins] : [begins, { atUs: untilUs, who, what }];
    })
    .toSorted((one, other) => one.atUs - other.atUs);
}

function ms(us: number): string {
  return `${(us / 1000).toFixed(1).padStart(9)} ms`;
}
