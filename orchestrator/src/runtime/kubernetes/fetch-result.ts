import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { BenchError, messageOf } from '../../errors.js';
import { pause } from '../../pause.js';
import { waitBefore } from './back-off.js';
import type { Executed } from './cluster.js';
import type { Result } from './result.js';

/** Connections that bring nothing, one after another, before it is given up. */
const MOST_VAIN = 8;
/** And for how long none can be opened: the result is kept for as long. */
const AWAY_MS = 900_000;

/**
 * Fetches the archive of a run, over as many connections as it takes: each goes on where the one before was cut.
 * @param read runs the command that prints the archive from this byte on
 * @throws BenchError `result-lost` when it does not come, or not as it was made
 */
export async function fetchArchive(
  { bytes, sha256 }: Pick<Result, 'bytes' | 'sha256'>,
  read: (from: number) => Promise<Executed>,
  signal: AbortSignal,
): Promise<Buffer> {
  const parts: Buffer[] = [];
  let had = 0;
  let why = 'nothing came';
  let hadAt = performance.now();
  for (let [vain, away] = [0, 0]; had < bytes && vain < MOST_VAIN && performance.now() - hadAt < AWAY_MS; ) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- each goes on where the one before ended
      const { stdout, stderr } = await read(had);
      const part = stdout.subarray(0, bytes - had);
      parts.push(part);
      had += part.length;
      vain = part.length > 0 ? 0 : vain + 1;
      away = 0;
      hadAt = performance.now();
      if (part.length === 0 && stderr !== '') why = stderr.trim();
    } catch (thrown) {
      away += 1;
      why = messageOf(thrown);
    }
    const tries = Math.max(vain, away);
    // oxlint-disable-next-line no-await-in-loop -- back-off
    if (tries > 0 && vain < MOST_VAIN) await pause(waitBefore(tries, null, Math.random()), signal);
  }
  const whole = Buffer.concat(parts);
  if (had < bytes) throw lost(`${had} of its ${bytes} bytes came: ${why}`);
  if (createHash('sha256').update(whole).digest('hex') !== sha256) throw lost('what came is not what was sent');
  return whole;
}

function lost(why: string): BenchError {
  return new BenchError({
    code: 'result-lost',
    message: `the result of the run could not be fetched from the cluster: ${why}`,
  });
}

/** Unpacks an archive into a directory. @returns how many files it held. @throws BenchError `result-lost` for one that leads out of it */
export async function unpack(archive: Uint8Array, directory: string): Promise<number> {
  const entries = extract();
  Readable.from([archive]).pipe(entries);
  let files = 0;
  for await (const entry of entries) {
    const { name, type } = entry.header;
    const content = await buffer(entry);
    if (type !== 'file') continue;
    const path = normalize(name);
    if (isAbsolute(path) || path.startsWith('..'))
      throw lost(`it holds a file ${name}, which leads out of its directory`);
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), content);
    files += 1;
  }
  return files;
}
