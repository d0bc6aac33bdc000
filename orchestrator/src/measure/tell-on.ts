import type { RunProgress } from '../execute/stage.js';
import type { Tell } from '../runtime/runtime.js';

/** Tells a person who watches: what passes stands in the line that says what is going on, and leaves none behind. */
export function tellOn(progress: Pick<RunProgress, 'tell' | 'doing'>): Tell {
  return (line, how) => (how === 'passing' ? progress.doing(line) : progress.tell(line));
}
