import { Buffer } from 'node:buffer';

/** Width and height, in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/** What an image is taken for whose size cannot be found out. */
const UNKNOWN: Size = { width: 1024, height: 1024 };

/** Of an image, as many characters of base64 as can hold its size: a JPEG may have 64 KB of something else before it. */
const HEAD_CHARACTERS = 96 * 1024;

const LARGEST_SIDE = 2048;
const SHORTER_SIDE = 768;
const TILE = 512;
const BASE_TOKENS = 85;
const TILE_TOKENS = 170;

/**
 * Tokens of an image as OpenAI counts them: scaled to fit a square of 2048 pixels, then to 768 at the shorter side, 85 and 170 for each
 * tile of 512 pixels; 85 in all with the detail `low`.
 * @see https://platform.openai.com/docs/guides/images-vision
 */
export function openAiImageTokens(base64: string, low: boolean): number {
  if (low) return BASE_TOKENS;
  const { width, height } = sizeOf(base64);
  const fitting = Math.min(1, LARGEST_SIDE / Math.max(width, height));
  const scale = fitting * Math.min(1, SHORTER_SIDE / (fitting * Math.min(width, height)));
  return BASE_TOKENS + TILE_TOKENS * Math.ceil((width * scale) / TILE) * Math.ceil((height * scale) / TILE);
}

const LONGEST_EDGE = 1568;
const PIXELS_A_TOKEN = 750;
const MOST_TOKENS = 1600;

/**
 * Tokens of an image as Anthropic counts them: one for 750 pixels, scaled to 1568 at the longer edge, about 1600 at most.
 * @see https://docs.anthropic.com/en/docs/build-with-claude/vision
 */
export function anthropicImageTokens(base64: string): number {
  const { width, height } = sizeOf(base64);
  const scale = Math.min(1, LONGEST_EDGE / Math.max(width, height));
  return Math.min(MOST_TOKENS, Math.ceil((width * scale * height * scale) / PIXELS_A_TOKEN));
}

/** The size that an image's first bytes tell: PNG, GIF, WebP or JPEG. */
export function sizeOf(base64: string): Size {
  const bytes = Buffer.from(base64.slice(0, HEAD_CHARACTERS), 'base64');
  const size = pngSize(bytes) ?? gifSize(bytes) ?? webpSize(bytes) ?? jpegSize(bytes);
  return size !== undefined && size.width > 0 && size.height > 0 ? size : UNKNOWN;
}

function startsWith(bytes: Buffer, text: string, at: number, least: number): boolean {
  return bytes.length >= least && bytes.toString('latin1', at, at + text.length) === text;
}

function pngSize(bytes: Buffer): Size | undefined {
  if (!startsWith(bytes, 'PNG', 1, 24)) return undefined;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function gifSize(bytes: Buffer): Size | undefined {
  if (!startsWith(bytes, 'GIF8', 0, 10)) return undefined;
  return { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

function webpSize(bytes: Buffer): Size | undefined {
  if (!startsWith(bytes, 'WEBPVP8', 8, 30)) return undefined;
  switch (bytes.toString('latin1', 15, 16)) {
    case 'X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    case 'L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    default:
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  }
}

/** In the segment that begins a frame (SOF0 to SOF15, without the three of these numbers that are something else). */
function jpegSize(bytes: Buffer): Size | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] as number;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
    }
  }
  return undefined;
}
