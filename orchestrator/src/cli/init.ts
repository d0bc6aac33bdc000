import { existsSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { findGateway } from '../catalogue/find-gateway.js';
import { EXIT, type ExitCode, usageError } from '../errors.js';
import { type Command, type RawOptions, textOption, valueOf } from './options/command.js';
import { SETTINGS_FILE } from './options/settings.js';
import { parseNumber } from './options/values.js';

const GATEWAY = 'The gateway';

/** Describes a gateway of one's own for this program. */
export const initCommand: Command = {
  name: 'init',
  about: 'Write a Compose file and settings for the gateway in the working directory, from what lies there',
  words: [],
  optionalWords: ['name'],
  options: {
    command: textOption(GATEWAY, 'What starts it, e.g. "my-gateway --port {port}"', 'as its project file says'),
    port: textOption(GATEWAY, 'Where it listens', 'as its Dockerfile says, else 8080'),
    health: textOption(GATEWAY, 'Path that answers 2xx once it is up', '/health'),
  },
  examples: [
    ['', 'name, program and port are taken from Cargo.toml, go.mod, package.json, pyproject.toml, Dockerfile'],
    ['mygw --port 9000 --command "node server.js"', 'what cannot be found out, or is something else'],
  ],
  run: async (given, [name]) => init(given, name ?? null),
};

function init(given: RawOptions, asked: string | null): ExitCode {
  const found = findGateway(process.cwd());
  const name = asked ?? found.name;
  if (!/^[a-z0-9][a-z0-9_.-]*$/.test(name) || name === 'direct')
    throw usageError(
      'bad-value',
      `${JSON.stringify(name)} cannot be the name of a gateway.`,
      'Use lower-case letters, digits, "-", "_" and "."; "direct" is the mock itself: crabllm-bench init NAME.',
    );
  const port = valueOf(given, 'port');
  const command = valueOf(given, 'command')?.trim().split(/\s+/) ?? found.command;
  const file = `${name}.compose.yml`;
  const compose = composeText({
    name,
    command: command ?? [name],
    port: port === undefined ? (found.port ?? 8080) : parseNumber('port', port, { min: 1, max: 65_535, integer: true }),
    health: valueOf(given, 'health') ?? '/health',
    hasDockerfile: found.hasDockerfile,
  });
  const files = [
    [file, compose],
    [
      SETTINGS_FILE,
      `# What is typed is stronger; --no-config leaves this out.\nbench:\n  compose: ${file}\n  gateways: ${name}\n`,
    ],
  ] as const;
  const there = files.find(([path]) => existsSync(path));
  if (there !== undefined)
    throw usageError(
      'file-exists',
      `${there[0]} is there already.`,
      'Nothing was written. Move it away, or edit it by hand.',
    );
  for (const [path, text] of files) writeFileSync(resolve(path), text, { flag: 'wx' });
  process.stdout.write(
    `${[...found.evidence, `wrote ${file} and ${SETTINGS_FILE}`, ...nextSteps(command)].join('\n')}\n`,
  );
  return EXIT.ok;
}

function nextSteps(command: readonly string[] | null): string[] {
  return [
    ...(command === null
      ? ['no project file says what starts it: its own name is taken; write the command into the Compose file']
      : []),
    'Let your gateway’s configuration point at http://127.0.0.1:9999/v1, where the mock is; any API key will do. Then:',
    '  crabllm-bench --quick',
  ];
}

interface Described {
  readonly name: string;
  readonly command: readonly string[];
  readonly port: number;
  readonly health: string;
  readonly hasDockerfile: boolean;
}

function composeText({ name, command, port, health, hasDockerfile }: Described): string {
  // JSON strings are YAML strings; a dollar sign is Compose's own and doubled.
  const text = (value: string): string => JSON.stringify(value.replaceAll('$', '$$$$'));
  return `# A gateway for crabllm-bench; every key: the README, "Your own gateway".
services:
  ${name}:
    image: ${name}:bench          # only read with Docker
${hasDockerfile ? '    build: .\n' : ''}    network_mode: host
    cpus: 2
    mem_limit: 512m
    # volumes: ["./${name}.toml:/etc/${name}.toml:ro"]     its configuration; {config:/etc/${name}.toml} in the command below
    x-bench:
      port: ${port}
      health: ${text(health)}
      model-prefix: ""            # put before bench-chat and bench-embed
      # headers: { authorization: Bearer anything }
      process:                    # without Docker
        command: [${command.map(text).join(', ')}]
`;
}
