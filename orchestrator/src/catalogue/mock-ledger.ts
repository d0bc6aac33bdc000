import type { Service } from './service.js';

const OPTION = '--ledger';

/** The mock with room for so many records in the ledger of each worker, unless its command line says itself how many. */
export function withLedger(mock: Service, records: number): Service {
  const sized = (command: readonly string[]): readonly string[] =>
    command.includes(OPTION) ? command : [...command, OPTION, String(records)];
  return {
    ...mock,
    command: sized(mock.command ?? []),
    process: mock.process === null ? null : { ...mock.process, command: sized(mock.process.command) },
  };
}
