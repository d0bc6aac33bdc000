/** What a container wrote, in the order of the engine's frames. */
export interface Output {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  /** Both, interleaved as written. */
  readonly both: Buffer;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes the engine's multiplexed output apart: each frame has a header of 8 bytes, the stream's number in the first and
 * the length, big-endian, in the last four (Engine API, ContainerAttach). A frame that was cut off counts as far as it
 * goes. Only for containers without a TTY. (docker-modem's demuxStream does the same with a copy of all that is pending
 * for each chunk.)
 */
export function demux(multiplexed: Buffer): Output {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  const both: Buffer[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= multiplexed.length) {
    const end = at + HEADER_BYTES + multiplexed.readUInt32BE(at + 4);
    const frame = multiplexed.subarray(at + HEADER_BYTES, end);
    (multiplexed[at] === STDERR ? stderr : stdout).push(frame);
    both.push(frame);
    at = end;
  }
  return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), both: Buffer.concat(both) };
}

/** The last bytes of a text as a string, begun at a whole line where something was cut off. */
export function tailOf(bytes: Buffer, maxBytes: number): string {
  if (bytes.length <= maxBytes) return bytes.toString('utf8');
  const tail = bytes.subarray(bytes.length - maxBytes);
  return tail.subarray(tail.indexOf('\n') + 1).toString('utf8');
}
