/**
 * CPU numbers out of a list as the kernel writes it: `0-3,8` (cpuset(7), "List format"). Ascending, each once; null for what is no such list.
 */
export function parseCpuList(text: string): number[] | null {
  const words = text.trim().split(',');
  const cpus = new Set<number>();
  for (const word of words) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(word.trim()) ?? [];
    if (first === undefined || Number(last) < Number(first)) return null;
    for (let cpu = Number(first); cpu <= Number(last); cpu++) cpus.add(cpu);
  }
  return [...cpus].sort((a, b) => a - b);
}

/** CPU numbers as such a list; empty for none. */
export function formatCpuList(cpus: readonly number[]): string {
  const ascending = [...new Set(cpus)].sort((a, b) => a - b);
  const ranges: [first: number, last: number][] = [];
  for (const cpu of ascending) {
    const range = ranges.at(-1);
    if (range !== undefined && cpu === range[1] + 1) range[1] = cpu;
    else ranges.push([cpu, cpu]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}
