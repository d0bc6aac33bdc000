/** What `--runtime` may be. */
export const RUNTIMES = ['auto', 'docker', 'process', 'external', 'kubernetes'] as const;
/** What `--driver` may be. */
export const DRIVERS = ['oha', 'native'] as const;
