/**
 * Puts a log together that is asked for again and again from a little before where it ended: lines carry the time at which they were printed,
 * to the nanosecond, and each is handed on once, whatever was cut off in between.
 */
export class LogTail {
  /** Time stamp of the last line that was handed on; they grow, and have one form, so that they compare as text. */
  #last = '';
  /** How many lines with that time stamp were. */
  #seen = 0;

  /** @param text with a time stamp before each line. @returns the lines that are new, without it */
  take(text: string): string[] {
    const fresh: string[] = [];
    let same = 0;
    for (const line of text.split('\n')) {
      const [stamp = '', ...words] = line.split(' ');
      if (!/^\d{4}-\d\d-\d\dT/.test(stamp)) continue;
      const at = comparable(stamp);
      if (at < this.#last) continue;
      if (at === this.#last) {
        same += 1;
        if (same <= this.#seen) continue;
        this.#seen = same;
      } else {
        this.#last = at;
        this.#seen = same = 1;
      }
      fresh.push(words.join(' '));
    }
    return fresh;
  }
}

/** RFC 3339 with nine digits behind the second: a container runtime leaves zeros at the end out. */
function comparable(stamp: string): string {
  const [, whole = stamp, fraction = ''] = /^([^.Z+]+)(?:\.(\d+))?/.exec(stamp) ?? [];
  return `${whole}.${fraction.padEnd(9, '0')}`;
}
