/** Exit codes of the command, as documented in the README. */
export const EXIT = {
  /** Every cell has a result: a saturated one is a result, and a gateway that nobody named may be missing. */
  ok: 0,
  /** A fault of this program itself. */
  bug: 1,
  /** The answer is no: a run is not what was measured (`verify`), a gateway has become worse (`compare --fail-on`). */
  refuted: 1,
  /** Bad input: an option, a file or a URL that cannot be used. Nothing was measured. */
  usage: 2,
  /**
   * The run ended, and its table has gaps that it names: a gateway failed or could not be judged at some level, whether or not it was
   * named, one that was asked for by name could not be had, or `direct` itself could not be judged, and then no gateway is to blame.
   */
  incomplete: 3,
  /** The surroundings gave way (engine gone, disk full, a port taken meanwhile): the run could not go on. */
  environment: 4,
  /** Ended by Ctrl-C or SIGTERM; what was measured by then is written. */
  interrupted: 130,
} as const;

/** The value with which the process ends. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What {@link BenchError} is made of. */
export interface BenchErrorDetails {
  /** A stable, documented word in kebab-case; code judges errors by it, never by the message. */
  readonly code: string;
  /** One sentence that names the offending value. */
  readonly message: string;
  /** What is allowed and what to do about it. */
  readonly hint?: string;
  /** Defaults to {@link EXIT.environment}. */
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
}

/** The one error type of the orchestrator: everything a person can do something about. */
export class BenchError extends Error {
  override readonly name = 'BenchError';
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;

  constructor(details: BenchErrorDetails) {
    super(details.message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = details.code;
    this.hint = details.hint;
    this.exitCode = details.exitCode ?? EXIT.environment;
  }
}

/** Bad input by a person: one clear error, exit code 2. */
export function usageError(code: string, message: string, hint?: string): BenchError {
  return new BenchError({ code, message, exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}

/** The text of anything thrown, for a reason that is shown to a person. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
