import { Buffer } from 'node:buffer';

/** What a marker in the words of a request begins and ends with: `[[bench key=value …]]`. */
export const MARKER_OPENING: Buffer = Buffer.from('[[bench ', 'latin1');
export const MARKER_CLOSING: Buffer = Buffer.from(']]', 'latin1');
