import { Buffer } from 'node:buffer';
import { crc32, deflateSync } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const RGB = 2;
const BYTES_PER_PIXEL = 3;

const made = new Map<number, string>();

/**
 * A square image without any order in it, so that nothing on the way can make it smaller, as a data URL: a valid PNG (W3C PNG, third
 * edition), the same each time.
 * @param side in pixels; the URL has about 4 · side² characters
 */
export function noiseImage(side: number): string {
  const known = made.get(side);
  if (known !== undefined) return known;
  const url = `data:image/png;base64,${png(side).toString('base64')}`;
  made.set(side, url);
  return url;
}

function png(side: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, RGB, 0, 0, 0], 8);
  const row = side * BYTES_PER_PIXEL + 1;
  const pixels = Buffer.alloc(side * row);
  let state = 1;
  for (let at = 0; at < pixels.length; at += 1) {
    // Park and Miller's minimal generator; the first byte of a row says that the row is not filtered.
    state = (state * 48_271) % 2_147_483_647;
    pixels[at] = at % row === 0 ? 0 : state >>> 8;
  }
  // Level 0: compressing noise would take time and save nothing.
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels, { level: 0 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
