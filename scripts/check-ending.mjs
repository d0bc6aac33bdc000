// Whether every command that asks the container engine ends when that accepts and stays silent, from the start or once it has said who it is,
// cuts its answers off, or talks garbage. Prints a table: command, exit code, seconds behind the last line. Ends with 1 where that is more
// than five, or a command does not end at all.
//
//   npm run check:ending
//   npm run check:ending -- --only silent   one engine: silent, silent-later, cut-off, garbage
//   npm run check:ending -- --port 9999     the mock's port
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnMine } from './support/child-of-mine.mjs';
import { scriptOptions, someOf } from './support/script-options.mjs';

const RUN = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
/** Seconds: behind the last line, and of a whole command. */
const MOST_BEHIND = 5;
const LONGEST = 240;
const work = mkdtempSync(join(tmpdir(), 'check-ending-'));
const socket = join(work, 'engine.sock');

const VERSION = {
  Version: '28.3.3',
  ApiVersion: '1.51',
  MinAPIVersion: '1.24',
  Os: 'linux',
  Arch: 'amd64',
  KernelVersion: '6.8.0',
};
const INFO = {
  OSType: 'linux',
  NCPU: 2,
  MemTotal: 8e9,
  CgroupVersion: '2',
  CgroupDriver: 'systemd',
  OperatingSystem: 'Linux',
  Architecture: 'x86_64',
};
const CUT_OFF = Symbol('cut off');
/** What an engine says to a path, by its name here; undefined: it takes the request and never answers. */
const ENGINES = {
  silent: () => undefined,
  'silent-later': (path) => (path.endsWith('/version') ? VERSION : path.endsWith('/info') ? INFO : undefined),
  'cut-off': () => CUT_OFF,
  garbage: () => 'no engine at all',
};
const { port, only } = scriptOptions({ port: 9999, only: undefined });
const engines = someOf('only', only, Object.keys(ENGINES));
const common = ['--mock-port', String(port), '--output', join(work, 'run')];
const quick = [
  '--gateways',
  'crabllm',
  '--scenarios',
  'chat-minimal',
  '--rps',
  '20',
  '--duration',
  '1',
  '--blocks',
  '1',
];
const COMMANDS = [
  ['bench', '--dry-run', '--runtime', 'docker', ...quick, ...common],
  ['bench', '--runtime', 'docker', ...quick, ...common],
  ['bench', '--runtime', 'docker', '--driver', 'oha', ...quick, ...common],
  ['bench', '--dry-run', ...quick, ...common],
  ['calibrate', '--quick', '--runtime', 'docker', ...common],
  ['calibrate', '--drivers', '--quick', '--runtime', 'docker', ...common],
  ['calibrate', '--only', 'blame', '--quick', '--runtime', 'docker', ...common],
  ['doctor', '--skip-self-test'],
  ['chart', join(work, 'nothing')],
];

let failures = 0;
console.log('| engine | command | exit code | seconds | seconds behind the last line | last line |');
console.log('| --- | --- | ---: | ---: | ---: | --- |');
try {
  for (const engine of engines) {
    const server = createServer((request, response) => {
      const said = ENGINES[engine](new URL(request.url, 'http://engine').pathname);
      if (said === CUT_OFF) {
        response.writeHead(200, { 'content-length': 1000 }).write('{"Version":');
        setImmediate(() => response.destroy());
        return;
      }
      if (said !== undefined) response.end(typeof said === 'string' ? said : JSON.stringify(said));
    });
    server.requestTimeout = 0;
    server.listen(socket);
    await once(server, 'listening');
    for (const words of COMMANDS) {
      const { code, seconds, behind, last } = await timed(words);
      if (code === null || behind > MOST_BEHIND) failures += 1;
      const command = words
        .join(' ')
        .replaceAll(work, '…')
        .replace(` ${common.join(' ').replaceAll(work, '…')}`, '');
      const told = last.length > 100 ? `${last.slice(0, 99)}…` : last;
      console.log(
        `| ${engine} | ${command} | ${code ?? '**did not end**'} | ${seconds.toFixed(1)} | ${behind.toFixed(1)} | ${told.replaceAll('|', '\\|')} |`,
      );
    }
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

async function timed(words) {
  const began = performance.now();
  let lastAt = began;
  let last = '';
  const child = spawnMine(process.execPath, [RUN, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DOCKER_HOST: `unix://${socket}` },
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      lastAt = performance.now();
      last = String(chunk).trim().split('\n').at(-1) || last;
    });
  }
  const giveUp = setTimeout(() => child.kill('SIGKILL'), LONGEST * 1000);
  const [code] = await once(child, 'close');
  clearTimeout(giveUp);
  const ended = performance.now();
  return { code, seconds: (ended - began) / 1000, behind: (ended - lastAt) / 1000, last };
}
