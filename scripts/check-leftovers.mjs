#!/usr/bin/env node
// Whether anything of a measurement outlives its command: processes, control groups, programs that keep cores awake. Prints a table, and ends
// with 1 where something was left. Linux, process runtime.
//
//   npm run check:leftovers
//   npm run check:leftovers -- --only killed --port 9999     one case: ended, interrupted-twice, killed; the mock's port
//
// ended              a run that comes to its end
// interrupted-twice  Ctrl-C, and once more at once, in the middle of a trial
// killed             kill -9 in the middle of a trial: what keeps cores awake ends by itself, all else with the next run
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { whyNotAwake } from '../orchestrator/dist/load/native/keep-awake.js';
import { refuse, scriptOptions, someOf } from './support/script-options.mjs';

const RUN = fileURLToPath(new URL('../orchestrator/dist/run.js', import.meta.url));
const LOOK_MS = 100;
/** For a process to end that was told to, or that looks now and then whether it is still needed. */
const GONE_WITHIN_MS = 5000;
if (process.platform !== 'linux') refuse('only Linux tells which processes a run has started');

const CASES = {
  ended: async (run) => void (await run.exited),
  'interrupted-twice': async (run) => {
    await run.measuring();
    run.child.kill('SIGINT');
    await sleep(300);
    run.child.kill('SIGINT');
    await run.exited;
  },
  killed: async (run) => {
    await run.measuring();
    run.child.kill('SIGKILL');
    await run.exited;
    const idle = await leftOf(
      run.started.filter(({ words }) => words.includes('awake-worker')),
      [],
    );
    if (idle.length > 0) return idle;
    const next = startRun('next', 1);
    await next.exited;
    return [];
  },
};
const { port, only, gateways } = scriptOptions({ port: 9999, only: undefined, gateways: 'nginx' });
const work = mkdtempSync(join(tmpdir(), 'check-leftovers-'));
const awake = whyNotAwake({ way: 'spin' }) === null ? ['--awake', 'spin'] : [];
let failures = 0;
console.log('| case | processes seen | control groups seen | left behind |\n| --- | ---: | ---: | --- |');
try {
  for (const name of someOf('only', only, Object.keys(CASES))) {
    const run = startRun(name, 6);
    const early = (await CASES[name](run)) ?? [];
    const left = [...early, ...(await leftOf(run.started, [...run.groups]))];
    if (left.length > 0) failures += 1;
    console.log(`| ${name} | ${run.started.length} | ${run.groups.size} | ${left.join(', ') || 'nothing'} |`);
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
process.exitCode = failures === 0 ? 0 : 1;

/** A run, of which every process that it ever starts is taken down. */
function startRun(name, seconds) {
  const plan = {
    runtime: 'process',
    driver: 'native',
    gateways,
    scenarios: 'chat-minimal',
    rps: 100,
    blocks: 1,
    duration: seconds,
    'second-chances': 0,
    'mock-port': port,
    output: join(work, name),
  };
  const words = Object.entries(plan).flatMap(([option, value]) => [`--${option}`, String(value)]);
  const child = spawn(process.execPath, [RUN, 'bench', '--no-config', ...words, ...awake], { stdio: 'ignore' });
  const seen = new Map();
  const groups = new Set();
  const look = () => {
    const all = processes();
    const own = new Set([child.pid, ...[...seen.values()].map(({ pid }) => pid)]);
    for (let before = 0; before < own.size; ) {
      before = own.size;
      for (const { pid, parent } of all) if (own.has(parent)) own.add(pid);
    }
    for (const one of all) {
      if (one.pid === child.pid || !own.has(one.pid)) continue;
      seen.set(`${one.pid} ${one.startedAt}`, one);
      for (const group of groupsOf(one.pid)) groups.add(group);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  const exited = once(child, 'exit').then(([code, signal]) => {
    clearInterval(timer);
    return code ?? signal;
  });
  return {
    child,
    exited,
    groups,
    get started() {
      return [...seen.values()];
    },
    /** Until a target runs and is loaded: a trial has been written by then, so that all that takes part is there. */
    async measuring() {
      const trials = join(work, name, 'trials.jsonl');
      while (child.exitCode === null && !(existsSync(trials) && readFileSync(trials).length > 0)) await sleep(LOOK_MS);
      if (child.exitCode !== null) refuse(`the run of ${name} ended before it measured, with ${child.exitCode}`);
      await sleep(3000);
      look();
    },
  };
}

/** What is still there after a while. */
async function leftOf(started, groups) {
  const still = () => [
    ...started
      .filter(({ pid, startedAt }) => processes().some((one) => one.pid === pid && one.startedAt === startedAt))
      .map(({ pid, words }) => `process ${pid} (${words.slice(0, 60)})`),
    ...groups.filter((group) => existsSync(group)).map((group) => `control group ${group}`),
  ];
  const until = performance.now() + GONE_WITHIN_MS;
  while (still().length > 0 && performance.now() < until) await sleep(LOOK_MS);
  return still();
}

/** All that live; what has ended and was not waited for is gone. */
function processes() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        if (fields[0] === 'Z' || fields[0] === 'X') return [];
        const words = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
        return [{ pid: Number(name), parent: Number(fields[1]), startedAt: fields[19], words }];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

/** The groups of ours that a process is in, where the kernel shows them. */
function groupsOf(pid) {
  try {
    return [...readFileSync(`/proc/${pid}/cgroup`, 'utf8').matchAll(/^\d+:([^:]*):(.*crabllm-bench-.*)$/gm)].map(
      ([, controllers, path]) => join('/sys/fs/cgroup', controllers, path),
    );
  } catch {
    return [];
  }
}
