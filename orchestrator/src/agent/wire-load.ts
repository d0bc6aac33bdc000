import { Buffer } from 'node:buffer';
import type { ReplayedTrace, TrialLoad } from '../load/driver.js';
import type { NativeOptions } from '../load/native/plan-lanes.js';
import type { WireLoad, WireOptions } from './wire.js';

/** A trial's load as it is sent to an agent: whose share is whose stands beside it. */
export function encodeLoad({ share: _share, onStart: _onStart, table, ...load }: TrialLoad): WireLoad {
  if (table === undefined) return load as WireLoad;
  const draw =
    'trace' in table.draw
      ? { trace: { atUs: base64Of(table.draw.trace.atUs), kindOf: base64Of(table.draw.trace.kindOf) } }
      : table.draw;
  return { ...load, table: { kinds: table.kinds, draw } } as WireLoad;
}

/** The same on the other side. */
export function decodeLoad({ table, ...load }: WireLoad): TrialLoad {
  if (table === undefined) return load as TrialLoad;
  const draw = 'trace' in table.draw ? { trace: decodeTrace(table.draw.trace) } : table.draw;
  return { ...load, table: { kinds: table.kinds, draw } } as TrialLoad;
}

/** The options of a native driver that a program elsewhere can be told. */
export function encodeOptions({ onStart: _onStart, awake: _awake, ...options }: NativeOptions): WireOptions {
  return options as WireOptions;
}

function decodeTrace({ atUs, kindOf }: { readonly atUs: string; readonly kindOf: string }): ReplayedTrace {
  return { atUs: new Float64Array(bytesOf(atUs)), kindOf: new Uint16Array(bytesOf(kindOf)) };
}

function base64Of({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('base64');
}

/** A copy of its own: a slice of Node's pool need not be aligned. */
function bytesOf(base64: string): ArrayBuffer {
  return new Uint8Array(Buffer.from(base64, 'base64')).buffer;
}
