#!/usr/bin/env node
// Compares the mock's CPU per request with other servers that answer the same, in one run, pass by pass in turn.
// Ratios are what counts: absolute figures belong to the machine and its mood.
import { parseArgs } from 'node:util';
import { ROWS } from './bench-mock/rows.mjs';
import { bodyFiles, findProgram, measure, versionOf } from './bench-mock/load.mjs';
import { startPeers, stopPeers } from './bench-mock/peers.mjs';
import { median, printTable } from './bench-mock/table.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3' },
    passes: { type: 'string', default: '3' },
    only: { type: 'string' },
    rust: { type: 'string', default: 'crabllm-bench' },
    nginx: { type: 'string', default: 'nginx' },
    wrk: { type: 'string', default: 'wrk' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) {
  process.stdout.write(`Usage: npm run bench:mock -- [options]

  --seconds N     length of one measurement (default 3)
  --passes N      interleaved passes over all servers (default 3)
  --only NAMES    ${ROWS.map((row) => row.name).join(', ')}
  --rust PROGRAM  the original mock (cargo install crabllm-bench)
  --nginx PROGRAM nginx (apt-get install nginx-light)
  --wrk PROGRAM   the load (apt-get install wrk)
  --json          figures instead of a table
`);
  process.exit(0);
}

const wrk = findProgram(options.wrk);
if (wrk === undefined) {
  process.stderr.write(`${options.wrk} is not there: apt-get install wrk, or give its path with --wrk\n`);
  process.exit(3);
}

const names = options.only?.split(',');
const rows = ROWS.filter((row) => names === undefined || names.includes(row.name));
const peers = await startPeers({ rust: findProgram(options.rust), nginx: findProgram(options.nginx) }, rows);
const scripts = bodyFiles(rows);
try {
  const results = [];
  for (const row of rows) {
    const samples = new Map();
    for (let pass = 0; pass < Number(options.passes); pass++) {
      for (const contender of row.contenders) {
        const peer = peers.get(contender.peer);
        if (peer === undefined) continue;
        const sample = await measure(
          wrk,
          peer,
          scripts.get(contender.body ? `${row.name}/${contender.body}` : row.name),
          contender.connections,
          Number(options.seconds),
        );
        samples.set(contender.name, [...(samples.get(contender.name) ?? []), sample]);
        if (!options.json)
          process.stderr.write(`${row.name} ${contender.name} pass ${pass + 1}: ${sample.toFixed(2)} µs\n`);
      }
    }
    results.push({ row: row.name, title: row.title, samples: Object.fromEntries(samples), targets: row.targets });
  }
  const versions = {
    mock: `node ${process.version}`,
    rust: options.rust,
    nginx: versionOf(options.nginx, '-v'),
    wrk: versionOf(wrk, '-v'),
  };
  if (options.json) process.stdout.write(`${JSON.stringify({ versions, results }, null, 2)}\n`);
  else printTable(results, versions);
  const missed = results.flatMap(({ samples, targets }) =>
    targets.filter(({ of, to, most }) => samples[to] && median(samples[of]) / median(samples[to]) > most),
  );
  process.exitCode = missed.length > 0 ? 1 : 0;
} finally {
  await stopPeers(peers);
}
