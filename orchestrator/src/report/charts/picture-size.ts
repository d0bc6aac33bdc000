/** The size of a chart that is taken away from a page, in pixels; the lines of its heading come on top. */
export const PICTURE = { width: 1000, height: 480, lineHeight: 20 } as const;
/** Small letters that fit the width. */
export const LETTERS = 150;
