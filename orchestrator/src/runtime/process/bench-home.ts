import { accessSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { placeFault } from '../../place-fault.js';

/** What is told of a folder of {@link BenchHome} that cannot be written. */
export function homeFault(thrown: unknown, path: string): unknown {
  return placeFault(
    thrown,
    path,
    'notes on what was started',
    'Give it to this user (chown), or name a folder that is yours: CRABLLM_BENCH_HOME=DIR.',
  );
}

/**
 * The user's cache folder for this program: `$XDG_CACHE_HOME/crabllm-bench`, else `~/.cache/crabllm-bench`, on every system.
 * Source: https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function userCache(environment: NodeJS.ProcessEnv = process.env, home: string = homedir()): string {
  const asked = environment['XDG_CACHE_HOME'] ?? '';
  // The specification has a relative path ignored. A user without a home, as in a container, has what lasts until the next boot.
  const base = isAbsolute(asked) ? asked : isAbsolute(home) ? join(home, '.cache') : tmpdir();
  return join(base, 'crabllm-bench');
}

/** Where this runtime keeps what it installs and remembers; safe to delete between runs. */
export class BenchHome {
  readonly directory: string;

  /** @param directory by default what CRABLLM_BENCH_HOME says, else {@link userCache} */
  constructor(directory = process.env['CRABLLM_BENCH_HOME'] || userCache()) {
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

  /** One folder a gateway that `crabllm-bench gateways` installed: `bin/` and a file `version`. */
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
