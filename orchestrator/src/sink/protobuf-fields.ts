import { SinkFault } from './sink.js';

/** Wire types that hold bytes, and those of fixed width, in bytes. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

/** One field of a message that holds bytes: a text, or a message in it. */
export interface ProtobufField {
  readonly number: number;
  readonly bytes: Buffer;
}

/**
 * The fields of a message that hold bytes, in order; numbers are passed over. As much of protobuf as counting messages within messages
 * takes. Source: https://protobuf.dev/programming-guides/encoding/
 * @throws SinkFault when it ends within a field, or has a wire type that nobody writes
 */
export function* protobufFields(message: Buffer): Generator<ProtobufField> {
  let at = 0;
  while (at < message.length) {
    const tag = varint(message, at);
    at = tag.end;
    const [number, wireType] = [tag.value >>> 3, tag.value & 7];
    if (number === 0) throw new SinkFault(`field 0 at byte ${at} is no protobuf`);
    if (wireType === VARINT) {
      at = varint(message, at).end;
      continue;
    }
    const fixed = FIXED_BYTES[wireType];
    if (fixed === undefined && wireType !== LENGTH_DELIMITED)
      throw new SinkFault(`wire type ${wireType} at byte ${at} is no protobuf that is read`);
    const length = fixed === undefined ? varint(message, at) : { value: fixed, end: at };
    const end = length.end + length.value;
    if (end > message.length) throw new SinkFault(`the message ends within field ${number}`);
    if (fixed === undefined) yield { number, bytes: message.subarray(length.end, end) };
    at = end;
  }
}

/** Its low 32 bits, which tags and lengths fit into; higher ones are read and not kept. */
function varint(message: Buffer, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = start; at < start + 10; at += 1) {
    const byte = message[at];
    if (byte === undefined) throw new SinkFault('the message ends within a number');
    const shift = 7 * (at - start);
    if (shift < 32) value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return { value: value >>> 0, end: at + 1 };
  }
  throw new SinkFault(`a number of more than ten bytes at byte ${start} is no protobuf`);
}
