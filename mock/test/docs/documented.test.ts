import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startMockIn, type StartedMock } from '../support/started-mock.js';

/**
 * What a document has for a reader to do, in its order: start a mock (`console`), define functions for what follows
 * (`bash`), write a file (`yaml` that begins with its name), run a command and see what it prints (`sh`, then `json` or `text`).
 */
const STEP =
  /```console\n\$ crabllm-bench mock(?<options>.*)\n[^]*?```|```bash\n(?<definitions>[^]*?)```|```yaml\n# (?<file>\S+)\n(?<content>[^]*?)```|```sh\n(?<command>[^]*?)```\n\n```(?<language>json|text)\n(?<shown>[^]*?)```/g;
const UPDATES = process.env['UPDATE_GOLDEN'] === '1';

const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'curl is not installed';

for (const [name, least] of [
  ['mock-api.md', 15],
  ['mock.md', 30],
  ['mock-timeline.md', 5],
] as const) {
  describe(`docs/${name}`, { skip }, () => {
    const url = new URL(`../../../docs/${name}`, import.meta.url);
    let document = readFileSync(url, 'utf8');
    const steps: Step[] = Array.from(document.matchAll(STEP), ({ 0: whole, groups = {} }) => ({ whole, ...groups }));
    const directory = mkdtempSync(join(tmpdir(), 'documented-'));
    let mock: StartedMock | undefined;
    let definitions = '';

    after(async () => {
      await mock?.stop();
      rmSync(directory, { recursive: true });
      if (UPDATES) writeFileSync(url, document);
    });

    it('shows an answer to every command', () => {
      const commands = steps.filter(({ command }) => command !== undefined);
      assert.equal(commands.length, document.match(/```sh\n/g)?.length);
      assert.ok(commands.length >= least);
    });

    for (const step of steps) {
      it(step.whole.replaceAll(/[\s`]+/g, ' ').slice(0, 100), async () => {
        if (step.options !== undefined) {
          await mock?.stop();
          const options = step.options.trim().split(/\s+/);
          mock = await startMockIn(directory, ...options.map(withoutPorts));
        } else if (step.file !== undefined) writeFileSync(join(directory, step.file), step.content ?? '');
        else if (step.definitions !== undefined) definitions += step.definitions;
        else await runExample(step);
      });
    }

    async function runExample({ whole, command = '', language, shown = '' }: Step): Promise<void> {
      const [, a, b, control] = FLEET.exec(mock?.line ?? '') ?? [];
      const env = { ...process.env, MOCK: mock?.url, A: a, B: b, BENCH: `${control}/__bench` };
      const script = ['-euo', 'pipefail', '-c', definitions + command];
      const { stdout } = await promisify(execFile)('bash', script, { env, cwd: directory });
      const printed = language === 'json' ? JSON.stringify(JSON.parse(stdout), null, 2) : stdout.replaceAll('\r', '');
      const answer = `${printed.trimEnd()}\n`;
      if (!UPDATES) assert.equal(settled(answer), settled(shown));
      else if (settled(answer) !== settled(shown)) {
        document = document.replace(whole, () => `\`\`\`sh\n${command}\`\`\`\n\n\`\`\`${language}\n${answer}\`\`\``);
      }
    }
  });
}

/** How a fleet says where it listens. */
const FLEET = /^listening on (\S+) \(a\), (\S+) \(b\), control on (\S+) /;

/** Ports are the kernel's choice here. */
function withoutPorts(option: string, at: number, options: readonly string[]): string {
  const before = options[at - 1] ?? '';
  if (['--port', '--control-port'].includes(before)) return '0';
  return before === '--providers' ? option.replaceAll(/:\d+/g, ':0') : option;
}

/** The parts of a step that its kind has. */
interface Step {
  readonly whole: string;
  readonly options?: string;
  readonly definitions?: string;
  readonly file?: string;
  readonly content?: string;
  readonly command?: string;
  readonly language?: string;
  readonly shown?: string;
}

/** With what differs from run to run made equal: times and what comes of them, process ids and the digits of other ids, the judgement. */
function settled(answer: string): string {
  return answer
    .replaceAll(/("(?:created|created_at|completed_at)": ?)\d{10}/g, '$11')
    .replaceAll(/000[0-9a-f]{21}(?=")/g, '')
    .replaceAll(/\d+\.\d{6}/g, '0')
    .replaceAll(/("(?:\w+Us|pid|seconds|\w+PerSecond|\w+Utilization|p50|p90|p99|max|connections)": ?)[\d.]+/g, '$10')
    .replaceAll(/"verdict": "[^"]*",\s+"evidence": \[[^\]]*\]/g, '');
}
