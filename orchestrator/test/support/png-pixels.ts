import assert from 'node:assert/strict';
import { inflateSync } from 'node:zlib';

/** A decoded picture: four bytes a pixel, red, green, blue, alpha. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Buffer;
}

/** Decodes a PNG of 8-bit RGBA without interlacing, which is what resvg writes (https://www.w3.org/TR/png-3/). */
export function decodePng(png: Uint8Array): Pixels {
  const bytes = Buffer.from(png);
  assert.deepEqual([...bytes.subarray(1, 4)].map((code) => String.fromCharCode(code)).join(''), 'PNG');
  const [width, height] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  assert.deepEqual([...bytes.subarray(24, 29)], [8, 6, 0, 0, 0], '8-bit RGBA, not interlaced');
  const raw = inflateSync(Buffer.concat(chunksOf(bytes, 'IDAT')));
  const stride = width * 4;
  const data = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y += 1) {
    const filter = raw[y * (stride + 1)] as number;
    for (let x = 0; x < stride; x += 1) {
      const left = x < 4 ? 0 : (data[y * stride + x - 4] as number);
      const up = y === 0 ? 0 : (data[(y - 1) * stride + x] as number);
      const corner = x < 4 || y === 0 ? 0 : (data[(y - 1) * stride + x - 4] as number);
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] as number;
      data[y * stride + x] = (raw[y * (stride + 1) + 1 + x] as number) + predicted;
    }
  }
  return { width, height, data };
}

/** How many pixels of a rectangle are not of the colour of the picture's first pixel. */
export function inkIn(pixels: Pixels, area: { x: number; y: number; width: number; height: number }): number {
  const background = pixels.data.readUInt32BE(0);
  let ink = 0;
  for (let y = area.y; y < area.y + area.height; y += 1) {
    for (let x = area.x; x < area.x + area.width; x += 1) {
      if (pixels.data.readUInt32BE((y * pixels.width + x) * 4) !== background) ink += 1;
    }
  }
  return ink;
}

function chunksOf(png: Buffer, type: string): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString('latin1', at + 4, at + 8) === type) found.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  return found;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const distances = [left, up, corner].map((value) => Math.abs(estimate - value)) as [number, number, number];
  if (distances[0] <= distances[1] && distances[0] <= distances[2]) return left;
  return distances[1] <= distances[2] ? up : corner;
}
