import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Catalogue, readCatalogue, selectGateways } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { withMockPort } from '../catalogue/mock-port.js';
import type { Service } from '../catalogue/service.js';
import { BenchError, EXIT, type ExitCode } from '../errors.js';
import type { FidelityCase } from '../fidelity/case.js';
import { FIDELITY_CASES } from '../fidelity/cases.js';
import { examineGateway } from '../fidelity/examine-gateways.js';
import { fidelityMarkdown } from '../fidelity/markdown.js';
import type { Fidelity, GatewayFidelity } from '../fidelity/result.js';
import { renderFidelity } from '../fidelity/terminal.js';
import { Witness } from '../fidelity/witness.js';
import { newRunId } from '../measure/describe-run.js';
import { chooseEquipment } from '../measure/equipment.js';
import { atWorkbench, type Workbench } from '../measure/workbench.js';
import { styleOf } from '../report/terminal-style.js';
import { VERSION } from '../version.js';
import {
  type Command,
  flagOption,
  type RawOptions,
  repeatableOption,
  textOption,
  valueOf,
  valuesOf,
} from './options/command.js';
import { markdownFile } from './options/shown.js';
import { parseChoice, parseMockPort, parseNames } from './options/values.js';
import { writePage } from './write-page.js';

const WHAT = 'What';
const HOW = 'How';
const SHOWN = 'What is shown';
const CASE_NAMES = FIDELITY_CASES.map(({ name }) => name);

/** Says what gateways lose of what goes through them. */
export const fidelityCommand: Command = {
  name: 'fidelity',
  about: 'Say field by field what gateways lose, change or add on the way to the provider and back',
  words: [],
  options: {
    gateways: textOption(WHAT, 'Which gateways, e.g. crabllm,litellm; all: every one that there is', 'those of a run'),
    cases: textOption(WHAT, `Which questions: ${CASE_NAMES.join(', ')}`, 'all'),
    compose: repeatableOption(WHAT, 'A Compose file with gateways of your own'),
    runtime: textOption(HOW, 'auto, docker or process', 'auto'),
    'mock-port': textOption(HOW, 'Port of the provider that the gateways ask', '9999'),
    markdown: textOption(SHOWN, 'Write the tables, field by field, to this file'),
    json: flagOption(SHOWN, 'Print the result as JSON on standard output and nothing else'),
  },
  exitCodes:
    '0: every gateway was seen; 3: one that was named cannot be had, or failed a question that its entry says it serves',
  examples: [
    ['--gateways crabllm,litellm', 'two gateways, every format that they serve'],
    ['--gateways all --markdown fidelity.md', 'everything that can be had, as tables'],
    ['--compose mine.yml --gateways mine --cases messages,messages-stream', 'a gateway of your own, two questions'],
  ],
  run: (given) => examineAloud(given),
};

async function examineAloud(given: RawOptions): Promise<ExitCode> {
  const markdown = markdownFile(given);
  const runtime = parseChoice('runtime', valueOf(given, 'runtime') ?? 'auto', ['auto', 'docker', 'process']);
  const cases = chosenCases(valueOf(given, 'cases'));
  const port = parseMockPort(valueOf(given, 'mock-port'));
  const names = valueOf(given, 'gateways');
  const files = [COMPOSE_FILE, ...valuesOf(given, 'compose').map((file) => resolve(file))];
  const directory = mkdtempSync(join(tmpdir(), 'crabllm-bench-fidelity-'));
  try {
    const read = readCatalogue(files);
    const catalogue = port === null ? read : withMockPort(read, port, directory);
    const gateways = chosenGateways(
      catalogue,
      names === undefined ? null : parseNames('gateways', names, 'crabllm,litellm'),
    );
    const fidelity = await atWorkbench(
      (tell) => chooseEquipment({ runtime, driver: 'native', externals: [] }, newRunId(), files, tell),
      (bench) => examineAll(gateways, cases, catalogue.mock.port, bench),
    );
    const style = styleOf(process.stdout, process.env);
    process.stdout.write(
      given['json'] === true ? `${JSON.stringify(fidelity, null, 2)}\n` : renderFidelity(fidelity, style),
    );
    if (markdown !== null) {
      writePage(markdown, fidelityMarkdown(fidelity));
      process.stderr.write(`wrote ${markdown}\n`);
    }
    const isAnswerOwed = names !== undefined && !/\ball\b/.test(names);
    return fidelity.gateways.every((one) => isWhole(one, isAnswerOwed)) ? EXIT.ok : EXIT.incomplete;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function examineAll(
  gateways: readonly Service[],
  cases: readonly FidelityCase[],
  port: number,
  bench: Workbench,
): Promise<Fidelity> {
  const { runtime } = bench.equipment;
  if (!runtime.sharesHost)
    throw new BenchError({
      code: 'engine-elsewhere',
      message: `The runtime ${runtime.kind} starts gateways where they cannot reach a provider of this machine.`,
      hint: 'Use --runtime process, or an engine of this host.',
      exitCode: EXIT.usage,
    });
  const witness = await Witness.start(port);
  try {
    const seen: GatewayFidelity[] = [];
    for (const gateway of gateways) seen.push(await examineGateway(gateway, cases, witness, bench));
    const takenAt = new Date().toISOString();
    return { schemaVersion: 1, version: VERSION, takenAt, runtime: runtime.kind, gateways: seen };
  } finally {
    await witness.close();
  }
}

function chosenCases(text: string | undefined): FidelityCase[] {
  if (text === undefined) return [...FIDELITY_CASES];
  const names = parseNames('cases', text, 'chat,messages').map((name) => parseChoice('cases', name, CASE_NAMES));
  return FIDELITY_CASES.filter(({ name }) => names.includes(name));
}

/** @param names null: those that take part in a run by themselves */
function chosenGateways(catalogue: Catalogue, names: readonly string[] | null): Service[] {
  const bare = catalogue.gateways.filter(({ variant }) => variant === undefined);
  if (names === null) return bare.filter(({ isActive }) => isActive);
  const all = bare.map(({ name }) => name);
  return selectGateways(
    catalogue,
    names.flatMap((name) => (name === 'all' ? all : name)),
  );
}

function isWhole(one: GatewayFidelity, isNamed: boolean): boolean {
  if ('absent' in one) return !isNamed;
  return one.cases.every(({ state }) => state !== 'failed');
}
