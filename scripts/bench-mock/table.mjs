// The result as a person reads it.

/** The middle of the values. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Prints medians with their ranges, then each ratio with its target. */
export function printTable(results, versions) {
  const lines = ['', 'CPU per request or stream of the whole process tree, µs: median [lowest-highest]'];
  for (const { title, samples, targets } of results) {
    lines.push('', title);
    for (const [name, values] of Object.entries(samples)) {
      const range = `[${Math.min(...values).toFixed(2)}-${Math.max(...values).toFixed(2)}]`;
      lines.push(`  ${name.padEnd(8)} ${median(values).toFixed(2).padStart(8)} ${range}`);
    }
    for (const { of, to, most } of targets) lines.push(`  ${ratioLine(samples, of, to, most)}`);
  }
  lines.push('', ...Object.entries(versions).map(([name, version]) => `${name}: ${version}`), '');
  process.stdout.write(lines.join('\n'));
}

function ratioLine(samples, of, to, most) {
  if (samples[to] === undefined) return `${of} / ${to}: ${to} is not there`;
  const ratio = median(samples[of]) / median(samples[to]);
  return `${of} / ${to} = ${ratio.toFixed(2)}, at most ${most}: ${ratio <= most ? 'kept' : 'MISSED'}`;
}
