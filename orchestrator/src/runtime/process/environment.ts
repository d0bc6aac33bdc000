import { tmpdir } from 'node:os';
import { delimiter, dirname } from 'node:path';

/**
 * What a started program sees of this process's environment: not a developer's own API keys, proxies or NODE_OPTIONS, which
 * would change what is measured from one machine to the next.
 */
export function scrubbedEnvironment(own: Readonly<Record<string, string>>): Record<string, string> {
  return {
    // This Node.js first, for scripts that begin with `#!/usr/bin/env node`.
    PATH: [dirname(process.execPath), process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
    HOME: process.env['HOME'] ?? '/',
    LANG: process.env['LANG'] ?? 'C.UTF-8',
    TMPDIR: tmpdir(),
    ...own,
  };
}
