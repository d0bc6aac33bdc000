import { randomUUID } from 'node:crypto';
import { scrubbedEnvironment } from './environment.js';
import { MARKER } from './process-tree.js';
import type { ProcFs, ProcessId } from './procfs.js';
import { type ProgramGroup, type ProgramOptions, startProgram } from './program-group.js';
import { newRecord, type RunRecords } from './run-record.js';

/** A program that a later run would find again. */
export interface RecordedProgram {
  readonly group: ProgramGroup;
  /** Value of {@link MARKER} in its environment and name of its record. */
  readonly token: string;
  /** Null without `/proc`, or when it has ended already. */
  readonly root: ProcessId | null;
}

/**
 * Starts a program with a mark and a record; the record stands before the process does, so that a run killed at any
 * moment leaves nothing unknown. Whoever ends the program removes the record.
 * @throws BenchError `start-failed`
 */
export async function startRecorded(
  name: string,
  words: readonly string[],
  options: ProgramOptions & { readonly environment: Readonly<Record<string, string>> },
  host: { readonly proc: ProcFs; readonly records: RunRecords },
): Promise<RecordedProgram> {
  const token = randomUUID();
  const record = newRecord(name, options.directory, host.proc);
  if (record !== null) host.records.write(token, record);
  try {
    const environment = scrubbedEnvironment({ ...options.environment, [MARKER]: token });
    const group = await startProgram(words, { ...options, environment });
    const root = host.proc.identity(group.pid);
    if (record !== null) host.records.write(token, { ...record, root });
    return { group, token, root };
  } catch (error) {
    host.records.remove(token);
    throw error;
  }
}
