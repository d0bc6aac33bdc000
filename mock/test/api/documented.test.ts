import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startMock, type StartedMock } from '../support/started-mock.js';

const DOCUMENT = new URL('../../../docs/mock-api.md', import.meta.url);
/** A command, and the answer that is shown below it. */
const EXAMPLE = /```sh\n(?<command>[^]*?)```\n\n```(?<language>json|text)\n(?<shown>[^]*?)```/g;

const skip = spawnSync('curl', ['--version']).error === undefined ? false : 'curl is not installed';

describe('docs/mock-api.md', { skip }, () => {
  let mock: StartedMock;
  let document = readFileSync(DOCUMENT, 'utf8');
  before(async () => {
    mock = await startMock();
  });
  after(async () => {
    if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(DOCUMENT, document);
    await mock.stop();
  });

  const examples = Array.from(document.matchAll(EXAMPLE), (found) => ({
    whole: found[0],
    command: found.groups?.['command'] ?? '',
    language: found.groups?.['language'] ?? '',
    shown: found.groups?.['shown'] ?? '',
  }));

  it('shows an answer to every command', () => {
    assert.equal(examples.length, document.match(/```sh\n/g)?.length);
    assert.ok(examples.length >= 15);
  });

  for (const { whole, command, language, shown } of examples) {
    it(command.replaceAll(/\s+/g, ' ').slice(0, 100), async () => {
      const env = { ...process.env, MOCK: mock.url };
      const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], { env });
      const answer = settled(language === 'json' ? `${JSON.stringify(JSON.parse(stdout), null, 2)}\n` : stdout);
      if (process.env['UPDATE_GOLDEN'] === '1') {
        document = document.replace(whole, () => `\`\`\`sh\n${command}\`\`\`\n\n\`\`\`${language}\n${answer}\`\`\``);
      } else assert.equal(answer, shown);
    });
  }
});

/** With what differs from run to run replaced: times and request ids. */
function settled(answer: string): string {
  return answer
    .replaceAll(/("(?:created|created_at|completed_at)": ?)\d{10}/g, '$11700000000')
    .replaceAll(/req_[0-9a-f]{24}/g, 'req_000000000000000000000001')
    .trimEnd()
    .concat('\n');
}
