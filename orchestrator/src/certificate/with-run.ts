import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateLine, conductLine, describeCertificate, type Ruler } from './line.js';
import { renderCertificate } from './markdown.js';
import { CertificateStore } from './store.js';
import { type Certificate, certificateSchema } from './certificate.js';
import type { ConductRun } from '../record/conduct.js';
import { RunWriter } from '../record/run-directory.js';
import { DEFAULT_RUN_TO_RUN, type RunToRun } from '../record/run-to-run.js';
import type { Summary } from '../record/summary.js';
import { BenchHome } from '../runtime/process/bench-home.js';

const CERTIFICATE = 'certificate.json';

/** Keeps the newest certificate of this machine with a run, so that the run can be read elsewhere and later; none is kept when there is none. */
export function keepCertificate(writer: RunWriter, { run }: Summary): void {
  const certificate = new CertificateStore(new BenchHome().certificatesDirectory).newestFor(run);
  if (certificate !== null) writeCertificate(writer, certificate);
}

/**
 * What runs add to blocks on this machine: from the newest certificate that speaks for the ruler, else the stated default. It is recorded in the run,
 * so that the same directories give the same verdict anywhere.
 * @param at when the run begins, ISO 8601
 */
export function runToRunHere(ruler: Ruler, at: string): RunToRun {
  const certificate = new CertificateStore(new BenchHome().certificatesDirectory).newestFor(ruler);
  const speaks = certificate !== null && describeCertificate(certificate, ruler, at).speaks;
  return (speaks ? certificate.runToRun : undefined) ?? DEFAULT_RUN_TO_RUN;
}

/** The certificate as data and as a page. */
export function writeCertificate(writer: RunWriter, certificate: Certificate): void {
  writer.writeJson(CERTIFICATE, certificate);
  writer.writeFile('certificate.md', renderCertificate(certificate));
}

/** What is said under a scorecard of conduct, from the certificate that lies with the run. */
export function conductRulerLine(directory: string, { runtime, host, startedAt }: ConductRun): string {
  return conductLine(certificateIn(directory), { runtime, host, driver: 'native' }, startedAt);
}

/** What is said at the end of a report about the ruler of a run, from the certificate that lies with it. */
export function rulerLine(directory: string, summary: Summary): string {
  return certificateLine(certificateIn(directory), summary);
}

function certificateIn(directory: string): Certificate | null {
  const path = join(directory, CERTIFICATE);
  const parsed = existsSync(path) ? certificateSchema.safeParse(jsonOrNull(readFileSync(path, 'utf8'))) : null;
  return parsed?.data ?? null;
}

/** The same while the run goes on and no certificate lies with it yet: by the newest of this machine, which is the one that will. */
export function rulerLineHere(summary: Summary): string {
  return certificateLine(new CertificateStore(new BenchHome().certificatesDirectory).newestFor(summary.run), summary);
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
