import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

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

/**
 * What makes a service's folder its home, so that nothing that an earlier start left there, nor the user's own settings, is part of what is
 * measured. Python alone is told where the user's packages are: a program that `pip install --user` brought would not start without them.
 */
export function privateHome(directory: string): Record<string, string> {
  const home = process.env['HOME'];
  return { HOME: directory, ...(home === undefined ? {} : { PYTHONUSERBASE: join(home, '.local') }) };
}
