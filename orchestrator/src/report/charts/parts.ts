/** Axes and series of one kind of drawing. */
export interface Parts {
  readonly xAxis: object;
  readonly yAxis: object;
  readonly series: readonly object[];
}
