import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { installed } from '../../installation.js';

/** The account of the orchestrator, and what it may do. */
export const ACCOUNT_FILE = 'deploy/kubernetes/orchestrator.yaml';
/** What whoever submits a run may do. */
export const SUBMITTER_FILE = 'deploy/kubernetes/submitter.yaml';

/** Objects of a kind as a file that people apply by hand describes them. */
export function describedIn(file: string, kind: string): unknown[] {
  return parseAllDocuments(readFileSync(installed(file), 'utf8'))
    .map((document) => document.toJS() as { readonly kind: string })
    .filter((object) => object.kind === kind);
}
