/**
 * Compose's variable interpolation: `${VAR}`, `$VAR`, `${VAR:-default}` (unset or empty), `${VAR-default}` (unset), `$$`.
 * Source: https://docs.docker.com/reference/compose-file/interpolation/
 * @param fault makes the error that is thrown for a form that is not supported
 */
export function interpolate(text: string, environment: NodeJS.ProcessEnv, fault: (message: string) => Error): string {
  return text.replaceAll(
    /\$(?:(\$)|(\w+)|\{([^}]*)\}|)/g,
    (whole, dollar: string | undefined, bare: string | undefined, braced: string | undefined) => {
      if (dollar !== undefined) return '$';
      const match = /^(\w+)(?:(:?-)(.*))?$/.exec(bare ?? braced ?? '');
      if (match === null) throw fault(`cannot interpolate "${whole}"`);
      const [, name = '', operator, fallback = ''] = match;
      const value = environment[name];
      const missing = value === undefined || (operator === ':-' && value === '');
      return missing ? fallback : value;
    },
  );
}
