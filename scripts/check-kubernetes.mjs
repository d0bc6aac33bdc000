#!/usr/bin/env node
// Holds --runtime kubernetes against a real cluster: a small run is measured, fetched and joined with the ledger; one that is interrupted
// ends with what it has; and nothing stays in the namespace.
//
//   KUBECONFIG=… npm run check:kubernetes -- [--image IMAGE] [--gateways crabllm,portkey] [--namespace NAME]
//
// The images have to be on the nodes, or --image-registry is given as well: every option goes to the runs unchanged.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const RUN = 'orchestrator/dist/run.js';
const given = process.argv.slice(2);
const at = given.indexOf('--namespace');
const namespace = at === -1 ? 'crabllm-bench' : given[at + 1];
const work = mkdtempSync(join(tmpdir(), 'check-kubernetes-'));
const faults = [];

function check(what, holds, seen = '') {
  process.stdout.write(`${holds ? 'ok  ' : 'NOT '} ${what}${holds || seen === '' ? '' : `: ${seen}`}\n`);
  if (!holds) faults.push(what);
}

/** Runs the benchmark; `whenSaid` is called once when its log says so. */
function bench(output, words, said = null, whenSaid = (_child) => {}) {
  const line = [RUN, '--runtime', 'kubernetes', '--output', output, ...words, ...given];
  const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  let told = false;
  const take = (chunk) => {
    log += chunk;
    if (said !== null && !told && said.test(log)) {
      told = true;
      whenSaid(child);
    }
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, log })));
}

function left() {
  const kinds = 'jobs,pods,services,secrets,configmaps';
  const words = ['get', kinds, '-n', namespace, '-l', 'app.kubernetes.io/managed-by=crabllm-bench', '-o', 'name'];
  const { stdout, stderr, status } = spawnSync('kubectl', words, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : `kubectl failed: ${stderr.trim()}`;
}

const small = ['--scenarios', 'chat-minimal', '--rps', '25', '--duration', '3', '--blocks', '1', '--warmup', '0.5'];
const whole = join(work, 'whole');
const { code, log } = await bench(whole, small);
// 3: a machine that is shared may void a trial, and then says so.
check('a small run ends with a result', code === 0 || code === 3, `exit ${code}\n${log}`);
try {
  const manifest = JSON.parse(readFileSync(join(whole, 'run.json'), 'utf8'));
  const trials = readFileSync(join(whole, 'trials.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const sent = trials.filter(({ load }) => load !== null && load !== undefined);
  check('it is of the runtime kubernetes, and whole', manifest.runtime === 'kubernetes' && manifest.complete === true);
  check(
    'places and network are recorded',
    /driver on/.test(manifest.versions.places ?? ''),
    JSON.stringify(manifest.versions),
  );
  check(
    'trials were sent, and joined with the ledger',
    sent.length > 0 && sent.every(({ ledger }) => ledger !== null),
    log,
  );
  check(
    'what the Pods used is known, and what the quota cost them',
    sent.some(({ resources }) => (resources?.cpuUs ?? null) !== null && (resources?.throttledMs ?? null) !== null),
    JSON.stringify(sent.map(({ resources }) => resources?.unknown)),
  );
} catch (error) {
  check('its directory can be read', false, `${error.message}\n${log}`);
}
check('nothing is left of it', left() === '', left());

const cut = await bench(join(work, 'cut'), [...small, '--blocks', '3'], /\[1\//, (child) => child.kill('SIGINT'));
check('one that is interrupted ends with 130', cut.code === 130, `exit ${cut.code}\n${cut.log}`);
check('nothing is left of it either', left() === '', left());

const killed = await bench(join(work, 'killed'), [...small, '--blocks', '3'], /submitted as job/, (child) =>
  child.kill('SIGKILL'),
);
check('one whose command was killed goes on', killed.code === null && left() !== '', left());
const down = spawnSync(process.execPath, [RUN, 'down', '--runtime', 'kubernetes', '--namespace', namespace], {
  encoding: 'utf8',
});
check('down removes it', down.status === 0 && left() === '', `${down.stdout}${down.stderr}${left()}`);

rmSync(work, { recursive: true, force: true });
process.stdout.write(faults.length === 0 ? 'all holds\n' : `${faults.length} do not hold\n`);
process.exit(faults.length === 0 ? 0 : 1);
