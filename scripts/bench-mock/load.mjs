// Load with wrk, and what it cost the server: CPU time of its whole process tree.
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The program's path; undefined when it is not there. */
export function findProgram(name) {
  try {
    return execFileSync('sh', ['-c', 'command -v "$1"', 'sh', name], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/** What a program says of its version, in one line. */
export function versionOf(program, flag) {
  try {
    return execFileSync('sh', ['-c', '"$1" "$2" 2>&1 | head -1', 'sh', program, flag], { encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

/** wrk's script of each row's request, by row and, where a contender sends another body, by `row/body`. */
export function bodyFiles(rows) {
  const folder = mkdtempSync(join(tmpdir(), 'bench-mock-'));
  const files = new Map();
  for (const row of rows) {
    for (const [name, body] of Object.entries({ '': row.body, ...row.bodies })) {
      const file = join(folder, `${row.name}${name}.lua`);
      const lines = [
        'wrk.method = "POST"',
        `wrk.path = ${JSON.stringify(row.path)}`,
        'wrk.headers["Content-Type"] = "application/json"',
        `wrk.body = ${JSON.stringify(body)}`,
      ];
      writeFileSync(file, lines.join('\n'));
      files.set(name === '' ? row.name : `${row.name}/${name}`, file);
    }
  }
  return files;
}

/** CPU microseconds of the server for each request, under full load. */
export async function measure(wrk, peer, script, connections, seconds) {
  const before = cpuNs(peer.pid);
  const args = [
    '-t1',
    `-c${connections}`,
    `-d${seconds}`,
    '--timeout',
    '15s',
    '-s',
    script,
    `http://127.0.0.1:${peer.port}/`,
  ];
  const { stdout } = await run(wrk, args);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const failed = /Non-2xx or 3xx responses: \d+|Socket errors: .*/.exec(stdout)?.[0];
  if (!(requests > 0) || failed !== undefined)
    throw new Error(`${peer.name} did not answer as it should: ${failed ?? stdout}`);
  return (cpuNs(peer.pid) - before) / 1000 / requests;
}

/** CPU time of a process, its threads and its children, in nanoseconds (the scheduler's own count, not clock ticks). */
function cpuNs(pid) {
  let sum = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    sum += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim();
    for (const child of children.split(' ').filter(Boolean)) sum += cpuNs(child);
  }
  return sum;
}
