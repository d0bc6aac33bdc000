/** How a verdict is shown behind a figure, wherever figures are. */
export const VERDICT_SIGN = { above: '▲', below: '▼', 'within-noise': '≈' } as const;
