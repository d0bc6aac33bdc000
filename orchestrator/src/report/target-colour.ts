/** The colours that targets may have, by what they look like; each way of showing has its own shade of them. */
export const COLOURS = [
  'grey',
  'sienna',
  'cyan',
  'blue',
  'violet',
  'green',
  'rose',
  'mustard',
  'olive',
  'crimson',
  'teal',
  'brown',
  'magenta',
] as const;
export type Colour = (typeof COLOURS)[number];

/** What people know these by, from other charts of them above all. */
const OWN: Readonly<Record<string, Colour>> = {
  direct: 'grey',
  crabllm: 'sienna',
  bifrost: 'cyan',
  litellm: 'blue',
  portkey: 'violet',
};

/** For all others; those above are left out, so that none is taken for one of them. */
const FREE = COLOURS.filter((colour) => !Object.values(OWN).includes(colour));

/**
 * The colour of a target in every picture of every run: its name alone decides, never its place. Two of like colour are told apart by
 * their marks and labels.
 */
export function colourOf(target: string): Colour {
  return OWN[target] ?? (FREE[hashOf(target) % FREE.length] as Colour);
}

/** FNV-1a over UTF-16 units, 32 bits (http://www.isthe.com/chongo/tech/comp/fnv/), with a last mixing of the high bits into the low. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
