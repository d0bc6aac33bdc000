/** A calibration that somebody wants. */
export interface CalibrationRequest {
  /** Fewer comparisons than a full certificate needs. */
  readonly quick: boolean;
  /** Directory of its runs. */
  readonly output: string;
  readonly mockPort: number | null;
  readonly seed: number;
  /** Runs that lie whole in the output directory are taken as they are. */
  readonly resume: boolean;
}
