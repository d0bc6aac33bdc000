import { randomBytes } from 'node:crypto';

/** Digits that all ids of one answer end with: four of the worker, eight of its process, twelve of a counter. */
const DIGITS = 24;
const COUNTER_DIGITS = 12;

/**
 * Stands for the digits of an answer's id wherever they belong, in a header as in a body; as long as they are, so that nothing moves
 * when they are written. Drawn at random, because a request may make an answer repeat any text but one that nobody has seen.
 */
export const ANSWER_SLOT: string = randomBytes(DIGITS / 2).toString('hex');

const SLOT = Buffer.from(ANSWER_SLOT, 'latin1');
const HEX = Buffer.from('0123456789abcdef', 'latin1');

let count = 0;
/** The digits of the number that was asked for last. */
const digits = Buffer.alloc(DIGITS, '0', 'latin1');
let digitsNumber = 0;

/**
 * Gives the ids of this process digits of its own, so that no two workers make the same one, nor one that takes the place of another.
 * @returns what tells this process from others in the same place, a 32-bit number
 */
export function seedAnswerIds(worker: number): number {
  const mark = randomBytes(4).readUInt32BE();
  count = 0;
  digitsNumber = 0;
  digits.write(answerDigits(worker, mark, 0), 'latin1');
  return mark;
}

/** The number of the next answer, from 1. */
export function nextAnswer(): number {
  return ++count;
}

/** The digits of any worker's answer. */
export function answerDigits(worker: number, mark: number, number: number): string {
  const hex = (value: number, length: number) => value.toString(16).padStart(length, '0');
  return hex(worker & 0xffff, 4) + hex(mark, 8) + hex(number, COUNTER_DIGITS);
}

/** Where slots stand in these bytes. */
export function slotsIn(bytes: Buffer): readonly number[] {
  const slots: number[] = [];
  for (let at = bytes.indexOf(SLOT); at !== -1; at = bytes.indexOf(SLOT, at + DIGITS)) slots.push(at);
  return slots;
}

/**
 * Writes an answer's digits into slots, in place.
 * @param before the number whose digits stand there, of which only those that differ are written; undefined when none do
 */
export function fillSlots(bytes: Buffer, slots: readonly number[], number: number, before?: number): void {
  turnTo(number);
  const from = before === undefined ? 0 : DIGITS - differing(before, number);
  for (const slot of slots) {
    for (let i = from; i < DIGITS; i++) bytes[slot + i] = digits[i] as number;
  }
}

/** The bytes with an answer's digits in their slots: a copy, unless there is nothing to fill. */
export function filled(bytes: Buffer, number: number): Buffer {
  const slots = slotsIn(bytes);
  if (slots.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  fillSlots(copy, slots, number);
  return copy;
}

/** The same of a header's value. */
export function filledText(text: string, number: number): string {
  if (!text.includes(ANSWER_SLOT)) return text;
  turnTo(number);
  return text.replace(ANSWER_SLOT, digits.toString('latin1'));
}

/** Makes `digits` those of this number. */
function turnTo(number: number): void {
  let rest = number;
  const last = DIGITS - differing(digitsNumber, number);
  for (let i = DIGITS - 1; i >= last; i--) {
    digits[i] = HEX[rest % 16] as number;
    rest = Math.floor(rest / 16);
  }
  digitsNumber = number;
}

/** How many digits at the end differ, those between the first and the last that do included: of one number and the next hardly more than one. */
function differing(one: number, other: number): number {
  let [a, b] = [one, other];
  let places = 0;
  for (; a !== b; places++) {
    a = Math.floor(a / 16);
    b = Math.floor(b / 16);
  }
  return places;
}
