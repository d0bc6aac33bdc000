import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this runtime keeps what it installs and remembers; ignored by git, safe to delete between runs. */
export class BenchHome {
  readonly directory: string;

  /** @param directory by default `.bench` at the top of the project */
  constructor(directory = fileURLToPath(new URL('../../../../.bench', import.meta.url))) {
    this.directory = directory;
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
