import { messageOf } from '../errors.js';

/** Something in a run directory that is not as the program left it. */
export interface Fault {
  /** Relative to the run directory. */
  readonly file: string;
  /** The field, or the trial; null when the whole file is meant. */
  readonly field: string | null;
  readonly message: string;
}

/** What is no JSON differs from everything, and is shown as such. */
export function readJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (thrown) {
    return { unreadable: messageOf(thrown) };
  }
}

/** As it stands in a file of JSON. */
export function asJson(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

/** A value for a person, who need not see all of a long one. */
export function shorten(json: string | undefined): string {
  if (json === undefined) return 'nothing';
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}
