import { BenchError, EXIT, type ExitCode, messageOf } from './errors.js';

/** By how a place can be no place to write: no right, read-only, no room, something else in the way. */
const CODES = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EEXIST',
  'ENOENT',
  'EISDIR',
  'EMFILE',
  'ENFILE',
];

/** By how the surroundings have no such place for this user; otherwise its name cannot be one, which is bad input. */
const SURROUNDINGS = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'];

/** How a command ends that was given a place that cannot be written: 4 where it is read-only, full or somebody else's, else 2. */
export function exitOfPlace(thrown: unknown): ExitCode {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  return SURROUNDINGS.includes(code) ? EXIT.environment : EXIT.usage;
}

/**
 * What somebody is told when a folder beside `--output` cannot be written: one line with the path, exit code 4.
 * @param purpose what is kept there, for example `notes on started services`
 * @returns the error to throw; what was thrown where it is no fault of a place
 */
export function placeFault(thrown: unknown, path: string, purpose: string, hint: string): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  if (!CODES.includes(code)) return thrown;
  return new BenchError({
    code: code === 'ENOSPC' || code === 'EDQUOT' ? 'disk-full' : 'place-unwritable',
    message: `${path}, for ${purpose}, cannot be written: ${messageOf(thrown)}`,
    hint,
    cause: thrown,
  });
}
