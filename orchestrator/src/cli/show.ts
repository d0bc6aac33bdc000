import type { ExitCode } from '../errors.js';
import type { ShowOptions } from './bench-options.js';
export async function showDirectory(_d: string, _o: ShowOptions): Promise<ExitCode> {
  return 0;
}
