import { quote } from 'shlex';

/**
 * The command that asks for what a run was asked for, quoted for a POSIX shell. Where it wrote its results is left out: they would be among
 * its own.
 */
export function commandOf(options: Readonly<Record<string, unknown>>): string {
  const words = Object.entries(options).flatMap(([name, value]) => {
    if (name === 'output' || value === null || value === undefined) return [];
    if (value === true) return [`--${name}`];
    if (value === false) return [`--no-${name}`];
    return (Array.isArray(value) ? value : [value]).map((one) => asOption(name, String(one)));
  });
  return ['crabllm-bench', ...words].join(' ');
}

/** A value that begins with a dash would be taken for an option of its own. */
function asOption(name: string, value: string): string {
  return value.startsWith('-') ? `--${name}=${quote(value)}` : `--${name} ${quote(value)}`;
}

/** The command that prints all that is told of the run in a directory. */
export function commandOfWhole(directory: string): string {
  return `crabllm-bench chart ${quote(directory)} --full`;
}
