// Whether what this side lacks, and what stands where nobody looks, is told as that: by real runs in front of gateways that do one thing
// wrong. Prints the exit code and the sentences of each case; ends with 1 where one is not what it has to be.
//
//   npm run check:blame                                  every case that can be had here
//   npm run check:blame -- --only stale,ports            these
//   npm run check:blame -- --port 9999                   the mock's port; the ones behind it are used too
//
// Cases with oha need it on PATH, the one of the ports root and unshare(1); else they are named as not tried.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { spawnMine } from './support/child-of-mine.mjs';
import { scriptOptions, someOf } from './support/script-options.mjs';
import { answerWith, passOn, startStub } from './support/stub-gateways.mjs';

const RUN = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
const LONGEST_MS = 180_000;
const MOCK_START_MS = 10_000;
const given = scriptOptions({ only: undefined, port: 9999 });
const mockPort = given.port;
const [stubPort, otherPort] = [mockPort + 1, mockPort + 2];
const stub = ['--target', `stub=http://127.0.0.1:${stubPort}`];
const short = ['--rps', '50', '--duration', '2', '--blocks', '1', '--warmup', '0.5', '--second-chances', '0'];
const minimal = ['--scenarios', 'chat-minimal', ...short];
// Behind readiness and attestation, before the window: the warm-up alone has more.
const FROM = 25;
/** On a busy machine trials of direct are void, which is a gap of the table and nothing against the stub. */
const MEASURED = [0, 3];
const work = mkdtempSync(join(tmpdir(), 'check-blame-'));

/** Two bursts of ten, and six seconds between them. */
const bursts = join(work, 'bursts.jsonl');
writeFileSync(
  bursts,
  [0, 6000, 12_000]
    .flatMap((at) => Array.from({ length: 10 }, (_, i) => ({ timestamp: at + i, input_length: 20, output_length: 8 })))
    .map((row) => `${JSON.stringify(row)}\n`)
    .join(''),
);

const hasOha = spawnSync('oha', ['--version']).status === 0;
const hasNamespaces = spawnSync('unshare', ['-n', 'true']).status === 0;
const needsOha = hasOha ? null : 'oha is not on PATH';

const under = (limit) => ['/bin/sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh'];
/** A network of its own with a hundred ports. @param first what a shell does before */
const inNamespace = (first) => [
  'unshare',
  '-n',
  '/bin/sh',
  '-c',
  `ip link set lo up; echo 40000 40099 >/proc/sys/net/ipv4/ip_local_port_range; ${first} exec "$@"`,
  'sh',
];
const NO_NAMESPACE = 'no network namespace can be made here (it takes root and unshare)';
const HOLD_PORTS = fileURLToPath(new URL('support/hold-ports.mjs', import.meta.url));
const anew = ['--driver', 'native', '--connections', 'new', '--scenarios', 'chat-minimal'];
const emptyAnswer = (driver, why, words = []) => ({
  why,
  stub: () => [answerWith(mockPort, '{}', { from: FROM })],
  words: ['--driver', driver, ...stub, ...(words.length > 0 ? words : minimal)],
  code: 3,
});

/**
 * Name to case: what is tried, with which stub behind its port, which words, in front of what, and what has to come out.
 * `says`: what the run has to print; `never`: what it must not.
 */
const CASES = {
  'descriptors-planned': {
    about: 'ulimit -n 256, 500 streams',
    prefix: under(256),
    words: ['--driver', 'native', '--group', 'concurrent', '--streams', '500', ...short.slice(2)],
    code: 4,
    says: /256/,
  },
  'descriptors-tiny': {
    about: 'ulimit -n 100',
    prefix: under(100),
    words: ['--driver', 'native', ...minimal],
    code: 4,
    says: /100 file descriptors/,
  },
  'descriptors-enough': {
    about: 'ulimit -n 256, 50/s',
    prefix: under(256),
    words: ['--driver', 'native', ...stub, ...minimal],
    stub: () => [passOn(mockPort)],
    code: MEASURED,
    says: /file descriptors are few \(ulimit -n 256\)/,
    never: /trial of stub: failed/,
  },
  'ports-planned': {
    about: 'a port range of 100, a connection for each of 400 requests a second',
    without: hasNamespaces ? null : NO_NAMESPACE,
    prefix: inNamespace(''),
    words: [...anew, '--rps', '400', ...short.slice(2)],
    code: 4,
    says: /100\.\n.*ip_local_port_range/,
  },
  'ports-gone': {
    about: 'a port range of 100 of which somebody else holds 97, a connection for each of 20 requests a second',
    without: hasNamespaces ? null : NO_NAMESPACE,
    prefix: inNamespace(`"${process.execPath}" "${HOLD_PORTS}" 40000 97 $$ >&2 & sleep 2;`),
    words: [...anew, '--rps', '20', ...short.slice(2)],
    code: 3,
    says: /no local port left/,
  },
  stale: {
    about: 'a server that closes a connection idle for 5 s as its next request arrives, bursts every 6 s',
    stub: () => [passOn(mockPort), { staleAfterMs: 5000 }],
    words: [
      '--driver',
      'native',
      ...stub,
      '--trace',
      bursts,
      '--blocks',
      '1',
      '--warmup',
      '0.5',
      '--second-chances',
      '0',
    ],
    code: MEASURED,
    says: /[1-9]\d* stale\)/,
    never: /trial of stub: failed/,
  },
  'stale-oha': {
    about:
      'a server that closes a connection idle for 1 s as its next request arrives, oha: errors, of which it says what they may be',
    without: needsOha,
    stub: () => [passOn(mockPort), { staleAfterMs: 1000 }],
    words: ['--driver', 'oha', ...stub, ...minimal],
    code: 3,
    says: /lost with their connection/,
  },
  'empty-native': {
    about: 'a server that answers {} from the 26th request on, native',
    ...emptyAnswer('native'),
    says: /content|malformed/,
  },
  'empty-oha': {
    about: 'the same, oha',
    without: needsOha,
    ...emptyAnswer('oha'),
    says: /by their length|answers otherwise/,
  },
  'done-oha': {
    about: 'streams that are [DONE] alone from the 26th request on, oha',
    without: needsOha,
    stub: () => [answerWith(mockPort, 'data: [DONE]\n\n', { from: FROM, type: 'text/event-stream' })],
    words: ['--driver', 'oha', ...stub, '--scenarios', 'chat-stream', ...short],
    code: 3,
    says: /by their length|answers otherwise/,
  },
  'error-body-oha': {
    about: 'an error body with status 200 from the 26th request on, oha',
    without: needsOha,
    stub: () => [answerWith(mockPort, '{"error":{"message":"upstream failed"}}', { from: FROM })],
    words: ['--driver', 'oha', ...stub, ...minimal],
    code: 3,
    says: /by their length|answers otherwise/,
  },
  'empty-at-once': {
    about: 'a server that answers {} to everything',
    stub: () => [answerWith(mockPort, '{}', { from: 0 })],
    words: ['--driver', 'native', ...stub, ...minimal],
    code: 3,
  },
  'foreign-upstream': {
    about: 'a gateway in front of another mock',
    mocks: [otherPort],
    stub: () => [passOn(otherPort)],
    words: ['--driver', 'native', ...stub, ...minimal],
    code: 3,
    says: /never saw that request/,
  },
  'foreign-later': {
    about: 'a gateway that goes over to another mock from the 26th request on',
    mocks: [otherPort],
    stub: () => [passOn((asked) => (asked < FROM ? mockPort : otherPort))],
    words: ['--driver', 'native', ...stub, ...minimal],
    code: 3,
    says: /never saw/,
  },
  'foreign-later-oha': {
    about: 'the same, oha',
    without: needsOha,
    mocks: [otherPort],
    stub: () => [passOn((asked) => (asked < FROM ? mockPort : otherPort))],
    words: ['--driver', 'oha', ...stub, ...minimal],
    code: 3,
    says: /never saw/,
  },
  'port-held': {
    about: "a foreign server on the mock's port",
    mocks: [],
    stub: () => [answerWith(0, '{}', { from: 0 })],
    stubPort: mockPort,
    words: ['--driver', 'native', ...minimal],
    code: 2,
    says: new RegExp(`port ${mockPort} is in use on 127\\.0\\.0\\.1`),
  },
};

const names = someOf('only', given.only, Object.keys(CASES));
let failures = 0;
try {
  for (const name of names) {
    const each = CASES[name];
    console.log(`\n## ${name}: ${each.about}`);
    if (each.without) {
      console.log(`not tried: ${each.without}`);
      continue;
    }
    const { code, lines, wrong } = await tried(name, each);
    console.log(`exit ${code}`);
    for (const line of lines) console.log(`    ${line}`);
    for (const what of wrong) console.log(`WRONG: ${what}`);
    if (wrong.length > 0) failures += 1;
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
console.log(
  failures === 0 ? '\nEvery case came out as it has to.' : `\n${failures} cases did not come out as they have to.`,
);
process.exitCode = failures === 0 ? 0 : 1;

async function tried(
  name,
  { prefix = [], words, mocks = [], stub: make, stubPort: at = stubPort, code: due, says, never },
) {
  const output = join(work, name);
  const others = await Promise.all(mocks.map(startMock));
  const server = make === undefined ? null : await startStub(at, ...make());
  try {
    const command = [
      ...prefix,
      process.execPath,
      RUN,
      'bench',
      '--runtime',
      'process',
      '--mock-port',
      String(mockPort),
    ];
    const [program, ...rest] = [
      ...command,
      '--output',
      output,
      ...(words.includes('--target') ? [] : ['--gateways', 'direct']),
      ...words,
    ];
    const child = spawnMine(program, rest, { stdio: ['ignore', 'pipe', 'pipe'], timeout: LONGEST_MS });
    const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    const lines = [...sentences(`${out}\n${err}`), ...reasons(output)];
    const said = lines.join('\n');
    const wrong = [
      ...([due].flat().includes(code) ? [] : [`it ended with ${code ?? signal}, not ${[due].flat().join(' or ')}`]),
      ...(says === undefined || says.test(said) ? [] : [`nothing says ${says}`]),
      ...(never?.test(said) ? [`it says ${never}`] : []),
    ];
    return { code: code ?? signal, lines, wrong };
  } finally {
    await server?.stop();
    // The next case may start one at the same port.
    await Promise.all(others.map(ended));
  }
}

/** What a person is told beside the tables: sentences, each once. */
function sentences(printed) {
  const lines = printed.split('\n').map((line) => line.trim());
  const told = lines.filter((line) => /[a-z] [a-z]/.test(line) && !/^[│┌├└─|]/.test(line));
  return [...new Set(told)];
}

/** What became of the trials of the stub, where there are any. */
function reasons(output) {
  let trials;
  try {
    trials = readFileSync(join(output, 'trials.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
  return trials
    .filter(({ target, state, reason }) => target === 'stub' || state !== 'valid' || reason !== null)
    .map(({ target, state, reason, load }) => {
      const stale = load?.staleConnections ? `, ${load.staleConnections} stale` : '';
      return `trial of ${target}: ${state}${reason === null ? '' : `: ${reason.message}`} (${load?.ok ?? 0} of ${load?.scheduled ?? 0} ok${stale})`;
    });
}

/** A mock that listens. That something answers at its port is not enough: it may be somebody else. */
async function startMock(port) {
  const child = spawnMine(process.execPath, [RUN, 'mock', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let late;
  try {
    await new Promise((resolve, reject) => {
      const read = (bytes) => {
        printed += bytes;
        if (printed.includes('listening on ')) resolve(null);
      };
      for (const stream of [child.stdout, child.stderr]) stream.on('data', read);
      child.once('close', (code, signal) =>
        reject(new Error(`the mock at port ${port} ended (${code ?? signal}): ${printed}`)),
      );
      late = setTimeout(() => reject(new Error(`no mock came up at port ${port}: ${printed}`)), MOCK_START_MS);
    });
  } catch (error) {
    await ended(child);
    throw error;
  } finally {
    clearTimeout(late);
  }
  return child;
}

/** Ends a mock and waits until it is gone. */
async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill();
  await gone;
}
