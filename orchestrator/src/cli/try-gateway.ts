import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { waitReady } from '../attest/readiness.js';
import { type Catalogue, readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { readCompose } from '../catalogue/compose.js';
import { gatewayTable } from '../catalogue/gateway-table.js';
import { withMockPort } from '../catalogue/mock-port.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import type { Service } from '../catalogue/service.js';
import { BenchError, EXIT, type ExitCode, messageOf, usageError } from '../errors.js';
import { newRunId } from '../measure/describe-run.js';
import { chooseEquipment } from '../measure/equipment.js';
import { type EntryTried, type ScenarioTried, tryEntry } from '../measure/try-entry.js';
import { atWorkbench, type Workbench } from '../measure/workbench.js';
import type { Scenario } from '../catalogue/scenario.js';
import type { RunningService } from '../runtime/runtime.js';
import { type Command, textOption, valueOf } from './options/command.js';
import { parseChoice, parseMockPort } from './options/values.js';
import { tellOn } from '../measure/tell-on.js';

const HOW = 'How';
const LAST_LINES = 12;

/** Tries a Compose file of one's own before anything is measured with it. */
export const tryGatewayCommand: Command = {
  name: 'try-gateway',
  about: 'Start the gateways of a Compose file of your own, ask each scenario once, and say what is wrong',
  words: ['file'],
  options: {
    runtime: textOption(HOW, 'auto, docker or process', 'auto'),
    'mock-port': textOption(HOW, 'Port of the mock', '9999'),
  },
  exitCodes: '0: every gateway of the file answers what its entry says that it serves; 3: one does not',
  examples: [['mine.yml --runtime process', 'the gateways of mine.yml, as programs of this machine']],
  run: (given, [file = '']) =>
    tryFile(
      resolve(file),
      parseChoice('runtime', valueOf(given, 'runtime') ?? 'auto', ['auto', 'docker', 'process']),
      parseMockPort(valueOf(given, 'mock-port')),
    ),
};

async function tryFile(
  file: string,
  runtime: 'auto' | 'docker' | 'process',
  mockPort: number | null,
): Promise<ExitCode> {
  const files = [COMPOSE_FILE, file];
  const directory = mkdtempSync(join(tmpdir(), 'crabllm-bench-try-'));
  try {
    const read = readCatalogue(files);
    const catalogue = mockPort === null ? read : withMockPort(read, mockPort, directory);
    const own = ownOf(catalogue, file);
    return await atWorkbench(
      (tell) => chooseEquipment({ runtime, driver: 'native', externals: [] }, newRunId(), files, tell),
      async (bench) => tryAll(own, catalogue, bench),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** The gateways that the file itself describes. */
function ownOf({ gateways, mock }: Catalogue, file: string): Service[] {
  const described = readCompose(file, process.env, [mock.name, ...gateways.map(({ name }) => name)]);
  const names = new Set(described.filter(({ role }) => role === 'gateway').map(({ name }) => name));
  if (names.size === 0)
    throw usageError('bad-value', `${file} describes no gateway.`, 'Give one of its services x-bench: {port: …}.');
  return gateways.filter(({ name }) => names.has(name));
}

async function tryAll(gateways: readonly Service[], catalogue: Catalogue, bench: Workbench): Promise<ExitCode> {
  const mock = await startMock(catalogue.mock, bench);
  let isSound = true;
  try {
    for (const gateway of gateways) {
      bench.progress.doing(`${gateway.name}: starting and asking`);
      const tried = await tryOne(gateway, mock, bench);
      const passed = isPassed(tried);
      process.stdout.write(`${linesOf(gateway.name, tried).join('\n')}\n`);
      if (passed) process.stdout.write(`\n${gatewayTable({ ...catalogue, gateways: [gateway] })}\n`);
      isSound &&= passed;
    }
  } finally {
    await mock.stop();
  }
  return isSound ? EXIT.ok : EXIT.incomplete;
}

/** What a runtime cannot start is the entry's to hear of, and the next one's turn; what ends everything is thrown. */
async function tryOne(gateway: Service, mock: RunningService, bench: Workbench): Promise<EntryTried> {
  try {
    return await tryEntry(gateway, mock, bench);
  } catch (thrown) {
    bench.interrupt.signal.throwIfAborted();
    if (!(thrown instanceof BenchError) || thrown.code === 'engine-gone') throw thrown;
    return { reason: { code: thrown.code, message: messageOf(thrown) }, log: '' };
  }
}

async function startMock(mock: Service, { equipment, progress, interrupt }: Workbench): Promise<RunningService> {
  const { runtime } = equipment;
  const { signal } = interrupt;
  const fault = (why: string): BenchError =>
    new BenchError({
      code: 'mock-absent',
      message: `The mock cannot be had: ${why}.`,
      hint: 'Choose another port with --mock-port N, or --runtime process.',
    });
  const found = await runtime.prepare(mock, tellOn(progress), signal);
  if (found.state === 'absent') throw fault(found.reason.message);
  const running = await runtime.start(mock, signal);
  const awaited = { ...mock, url: running.url, alreadyRuns: false, mock: null };
  const reason = await waitReady(running, awaited, SCENARIOS[0] as Scenario, signal);
  if (reason === null) return running;
  await running.stop();
  throw fault(reason.message);
}

function isPassed(tried: EntryTried): boolean {
  return 'scenarios' in tried && tried.scenarios.every(({ state }) => state === 'passed' || state === 'not-offered');
}

/** @internal exported for tests */
export function linesOf(name: string, tried: EntryTried): string[] {
  if ('reason' in tried) {
    const said = tried.log.trim().split('\n').slice(-LAST_LINES);
    return [
      `${name}: ${tried.reason.message}`,
      ...(tried.log.trim() === '' ? [] : ['  its last words:', ...said.map((line) => `    ${line}`)]),
    ];
  }
  const { version, readyAfterMs, scenarios } = tried;
  const ready = `ready after ${(readyAfterMs / 1000).toFixed(1)} s`;
  return [`${name} ${version ?? '(names no version)'}: ${ready}`, ...scenarios.flatMap(scenarioLines)];
}

function scenarioLines(tried: ScenarioTried): string[] {
  const head = `  ${tried.scenario}: ${tried.state === 'passed' ? 'as the mock answers' : tried.state.replace('-', ' ')}`;
  if (tried.state !== 'passed') return [`${head}: ${tried.reason.message}`];
  return [head, ...tried.notes.map(({ message }) => `    ${message}`)];
}
