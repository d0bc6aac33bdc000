import { accessSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { placeFault } from '../../place-fault.js';

const PROJECT_HOME = fileURLToPath(new URL('../../../../.bench', import.meta.url));

/** What is told of a folder of {@link BenchHome} that cannot be written. */
export function homeFault(thrown: unknown, path: string): unknown {
  return placeFault(
    thrown,
    path,
    'notes on what was started',
    'Give it to this user (chown), or name a folder that is yours: CRABLLM_BENCH_HOME=DIR.',
  );
}

/** Where this runtime keeps what it installs and remembers; ignored by git, safe to delete between runs. */
export class BenchHome {
  readonly directory: string;

  /** @param directory by default what CRABLLM_BENCH_HOME says, else `.bench` at the top of the project */
  constructor(directory = process.env['CRABLLM_BENCH_HOME'] || PROJECT_HOME) {
    this.directory = resolve(directory);
  }

  /**
   * Makes sure that services can be noted here: what a crash leaves could not be found again otherwise.
   * @throws BenchError `place-unwritable`, `disk-full`
   */
  requireWritable(): void {
    try {
      mkdirSync(this.runDirectory, { recursive: true });
      accessSync(this.runDirectory, constants.W_OK);
    } catch (thrown) {
      throw homeFault(thrown, this.runDirectory);
    }
  }

  /** One folder a gateway that `make gateways` installed: `bin/` and a file `version`. */
  get gatewaysDirectory(): string {
    return join(this.directory, 'gateways');
  }

  /** One folder a lock file, filled by `npm ci`. */
  get npmDirectory(): string {
    return join(this.directory, 'npm');
  }

  /** One file a calibration. */
  get certificatesDirectory(): string {
    return join(this.directory, 'certificates');
  }

  /** One file a run that is measuring. */
  get ongoingDirectory(): string {
    return join(this.directory, 'measuring');
  }

  /** One file a running service. */
  get runDirectory(): string {
    return join(this.directory, 'run');
  }

  /** The folder of the programs of one version of a gateway. */
  versionDirectory(folder: string): string {
    return join(this.gatewaysDirectory, folder, 'bin');
  }

  /** Folders of programs that were installed here; those of a certain version (`NAME@VERSION`) are for whoever asks for it alone. */
  programDirectories(): string[] {
    try {
      return readdirSync(this.gatewaysDirectory)
        .filter((name) => !name.includes('@'))
        .map((name) => join(this.gatewaysDirectory, name, 'bin'));
    } catch {
      return [];
    }
  }
}
