// Fails unless every named target has at least one measured cell in a run's summary.json.
import { readFileSync } from 'node:fs';

const [directory, ...targets] = process.argv.slice(2);
const { cells } = JSON.parse(readFileSync(`${directory}/summary.json`, 'utf8'));
for (const target of targets) {
  const own = cells.filter((cell) => cell.target === target);
  const measured = own.filter(({ state, latencyUs }) => state === 'ok' && latencyUs.p50 !== undefined);
  console.log(`${target}: ${measured.length} of ${own.length} cells measured`);
  for (const { scenario, state, reason } of own)
    if (state !== 'ok') console.log(`  ${scenario}: ${state}, ${reason?.message}`);
  if (measured.length === 0) process.exitCode = 1;
}
