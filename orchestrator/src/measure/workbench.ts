import type { Onlooker } from '../execute/onlooker.js';
import { createProgress, type Progress } from './progress.js';
import type { Equipment } from './equipment.js';
import { type Interrupt, watchInterrupts } from './interrupt.js';

/** What a command measures with. */
export interface Workbench {
  readonly equipment: Equipment;
  readonly progress: Progress;
  readonly interrupt: Interrupt;
  /** Left out: nobody looks on. */
  readonly onlooker?: Onlooker;
}

/**
 * Watches for Ctrl-C, chooses the equipment, works, and puts everything away again however the work ends.
 * @param choose is given where to say what it chose
 * @throws whatever choosing or working throws
 */
export async function atWorkbench<T>(
  choose: (tell: (line: string) => void) => Promise<Equipment>,
  work: (bench: Workbench) => Promise<T>,
): Promise<T> {
  const progress = createProgress(process.stderr);
  const tell = (line: string): void => progress.tell(line);
  const interrupt = watchInterrupts(tell);
  try {
    const equipment = await choose(tell);
    interrupt.onSecond(() => equipment.runtime.close());
    try {
      return await work({ equipment, progress, interrupt });
    } finally {
      // The runtime goes last and goes whatever the driver does: services must not outlive the command.
      try {
        await equipment.driver.close();
      } finally {
        await equipment.runtime.close();
      }
    }
  } finally {
    progress.end();
    interrupt.release();
  }
}
