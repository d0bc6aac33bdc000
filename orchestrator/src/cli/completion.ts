import type { Options } from 'yargs';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import { EXIT } from '../errors.js';
import type { Command } from './options/command.js';
import { DRIVERS, RUNTIMES } from './options/equipment.js';
import { BENCH_GROUPS } from './options/selection.js';
import { parseChoice } from './options/values.js';

/** What a completion knows of a command. */
export interface Completed {
  readonly name: string;
  readonly about: string;
  /** Left out: of a program with options of its own. */
  readonly options?: Readonly<Record<string, Options>>;
}

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/**
 * Prints a script that completes commands, options and the usual values of options. yargs has scripts for bash and zsh that start this
 * program at each press of the key; these know everything beforehand, and there is one for fish.
 * @param commands all commands, asked for when it runs
 */
export function completionCommand(commands: () => readonly Completed[]): Command {
  return {
    name: 'completion',
    about: 'Print a script that completes this command’s words: bash, zsh or fish',
    words: ['shell'],
    options: {},
    examples: [
      ['bash > ~/.local/share/bash-completion/completions/crabllm-bench', 'for bash'],
      ['zsh > "${fpath[1]}/_crabllm-bench"', 'for zsh'],
      ['fish > ~/.config/fish/completions/crabllm-bench.fish', 'for fish'],
    ],
    run: async (_given, [shell = '']) => {
      const known = { commands: commands(), values: usualValues() };
      const render = { bash: bashScript, zsh: zshScript, fish: fishScript }[parseChoice('shell', shell, SHELLS)];
      process.stdout.write(render(known));
      return EXIT.ok;
    },
  };
}

/** What scripts are made of. @internal exported for tests */
export interface Known {
  readonly commands: readonly Completed[];
  /** Of options that take certain words. */
  readonly values: Readonly<Record<string, readonly string[]>>;
}

function usualValues(): Known['values'] {
  const { gateways } = readCatalogue([COMPOSE_FILE]);
  return {
    runtime: RUNTIMES,
    driver: DRIVERS,
    group: BENCH_GROUPS,
    scenarios: SCENARIOS.map(({ name }) => name),
    gateways: gateways.map(({ name }) => name),
    variants: [...new Set(gateways.flatMap(({ variant }) => variant?.name ?? []))],
  };
}

/** @internal exported for tests */
export function bashScript({ commands, values }: Known): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `# crabllm-bench completion for bash
_crabllm_bench() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command=bench words=
  case " ${names} " in *" \${COMP_WORDS[1]} "*) [ "$COMP_CWORD" -gt 1 ] && command=\${COMP_WORDS[1]};; esac
  case $prev in
${Object.entries(values)
  .map(([name, all]) => `    --${name}) words="${all.join(' ')}";;`)
  .join('\n')}
    --*)
      case " ${valueOptions(commands).join(' ')} " in *" $prev "*) return;; esac;;
  esac
  if [ -z "$words" ]; then
    case $command in
${commands.map((command) => `      ${command.name}) words="${optionWords(command).join(' ')}";;`).join('\n')}
    esac
    [ "$COMP_CWORD" -eq 1 ] && words="$words ${names} help"
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _crabllm_bench crabllm-bench
`;
}

/** @internal exported for tests */
export function zshScript({ commands, values }: Known): string {
  const specs = ({ options = {} }: Completed): string =>
    Object.entries(options)
      .map(([name, option]) => {
        const about = zshText(shortOf(option));
        if (option.type === 'boolean') return `        '--${name}[${about}]'`;
        const choices = values[name];
        return `        '--${name}=[${about}]:${name}:${choices === undefined ? '_files' : `(${choices.join(' ')})`}'`;
      })
      .join(' \\\n');
  return `#compdef crabllm-bench
# crabllm-bench completion for zsh
_crabllm_bench() {
  local -a commands
  commands=(
${commands.map(({ name, about }) => `    '${name}:${zshText(about)}'`).join('\n')}
  )
  local command=bench
  if (( CURRENT > 2 )) && (( \${commands[(I)\${words[2]}:*]} )); then
    command=\${words[2]}
    shift words
    (( CURRENT-- ))
  elif (( CURRENT == 2 )) && [[ \${words[2]} != -* ]]; then
    _describe command commands
    return
  fi
  case $command in
${commands
  .filter(({ options }) => Object.keys(options ?? {}).length > 0)
  .map((command) => `    ${command.name})\n      _arguments \\\n${specs(command)} \\\n        '*:file:_files';;`)
  .join('\n')}
    *) _files;;
  esac
}
_crabllm_bench "$@"
`;
}

/** @internal exported for tests */
export function fishScript({ commands, values }: Known): string {
  const names = commands.map(({ name }) => name).join(' ');
  const others = commands
    .filter(({ name }) => name !== 'bench')
    .map(({ name }) => name)
    .join(' ');
  const lines = commands.flatMap(({ name, options = {} }) => {
    // Without a command's name it is bench.
    const when = name === 'bench' ? `not __fish_seen_subcommand_from ${others}` : `__fish_seen_subcommand_from ${name}`;
    return Object.entries(options).map(([option, said]) => {
      const choices = values[option];
      const takes = said.type === 'boolean' ? '' : choices === undefined ? ' -r' : ` -x -a '${choices.join(' ')}'`;
      return `complete -c crabllm-bench -n '${when}' -l ${option}${takes} -d '${quoted(shortOf(said))}'`;
    });
  });
  return [
    '# crabllm-bench completion for fish',
    ...commands.map(
      ({ name, about }) =>
        `complete -c crabllm-bench -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d '${quoted(about)}'`,
    ),
    ...lines,
    '',
  ].join('\n');
}

function optionWords({ options = {} }: Completed): string[] {
  return [...Object.keys(options).map((name) => `--${name}`), '--help'];
}

/** Those behind which any text may stand, mostly a file. */
function valueOptions(commands: readonly Completed[]): string[] {
  const all = commands.flatMap(({ options = {} }) => Object.entries(options));
  return [...new Set(all.filter(([, { type }]) => type !== 'boolean').map(([name]) => `--${name}`))];
}

/** The first clause of a description. */
function shortOf({ describe = '' }: Options): string {
  return describe.split(/[;:(]/, 1)[0]?.trim() ?? '';
}

/** Within single quotes of fish. */
function quoted(text: string): string {
  return text.replaceAll(/['\\]/g, String.raw`\$&`);
}

/** Within single quotes of zsh and the brackets of a specification. */
function zshText(text: string): string {
  return text.replaceAll("'", '’').replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}
