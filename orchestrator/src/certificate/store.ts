import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Certificate, certificateSchema } from './certificate.js';
import { isSameRuler, type Ruler } from './line.js';

/** The certificates that were made on this machine, one file each. */
export class CertificateStore {
  readonly #directory: string;

  /** @param directory made when the first certificate is kept */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @throws the file system's error when it cannot be kept */
  keep(certificate: Certificate): void {
    mkdirSync(this.#directory, { recursive: true });
    const name = `${certificate.madeAt.replaceAll(/[^0-9]/g, '').slice(0, 14)}-${certificate.runtime}-${certificate.driver}.json`;
    writeFileSync(join(this.#directory, name), `${JSON.stringify(certificate, null, 2)}\n`);
  }

  /** The newest certificate of a ruler, else the newest of any; null when there is none. One that cannot be read is none. */
  newestFor(ruler: Ruler): Certificate | null {
    const newestFirst = this.#names()
      .flatMap((name) => read(join(this.#directory, name)) ?? [])
      .sort((a, b) => b.madeAt.localeCompare(a.madeAt));
    return newestFirst.find((certificate) => isSameRuler(certificate, ruler)) ?? newestFirst[0] ?? null;
  }

  #names(): string[] {
    try {
      return readdirSync(this.#directory).filter((name) => name.endsWith('.json'));
    } catch {
      return [];
    }
  }
}

function read(path: string): Certificate | null {
  try {
    return certificateSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
