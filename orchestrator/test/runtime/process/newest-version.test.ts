import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newestVersion, plainVersion } from '#src/runtime/process/newest-version.js';

const NEVER = new AbortController().signal;

describe('newestVersion', () => {
  const answers = [
    ['pypi:litellm', 'https://pypi.org/pypi/litellm/json', { info: { version: '1.2.3' } }],
    ['npm:@portkey-ai/gateway', 'https://registry.npmjs.org/@portkey-ai%2Fgateway/latest', { version: '1.2.3' }],
    ['crates:crabllm', 'https://crates.io/api/v1/crates/crabllm', { crate: { max_stable_version: '1.2.3' } }],
    ['github:Kong/kong', 'https://api.github.com/repos/Kong/kong/releases/latest', { tag_name: 'v1.2.3' }],
  ] as const;
  for (const [upstream, url, answer] of answers)
    it(`reads what ${upstream} says`, async () => {
      const asked: string[] = [];
      const fetchJson = (address: string) => {
        asked.push(address);
        return Promise.resolve(answer);
      };
      assert.deepEqual(await newestVersion(upstream, NEVER, fetchJson), { version: '1.2.3' });
      assert.deepEqual(asked, [url]);
    });

  it('says why nothing is known', async () => {
    const failing = () => Promise.reject(new Error('getaddrinfo ENOTFOUND pypi.org'));
    assert.deepEqual(await newestVersion('pypi:a', NEVER, failing), { problem: 'getaddrinfo ENOTFOUND pypi.org' });
    assert.deepEqual(await newestVersion('pypi:a', NEVER, () => Promise.resolve({})), {
      problem: 'its answer names no version',
    });
    assert.deepEqual(await newestVersion('gems:a', NEVER), { problem: 'gems:a names no registry that is known' });
  });

  it('ends with the run', async () => {
    const gone = new AbortController();
    gone.abort(new Error('interrupted'));
    await assert.rejects(
      newestVersion('pypi:a', gone.signal, () => Promise.reject(new Error('x'))),
      /interrupted/,
    );
  });
});

describe('plainVersion', () => {
  const tags = {
    'v3.9.1': '3.9.1',
    'transports/v1.4.19': '1.4.19',
    'release-1.28.0': '1.28.0',
    '2026.6.0': '2026.6.0',
  };
  for (const [tag, version] of Object.entries(tags))
    it(`${tag} is ${version}`, () => {
      assert.equal(plainVersion(tag), version);
    });
});
