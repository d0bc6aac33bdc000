import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CellId } from '#src/record/cell.js';
import { parseOriginalName } from '#src/record/original-name.js';

function rps(target: string, scenario: string, value: number): CellId {
  return { target, scenario, level: { kind: 'rps', value } };
}

describe('parseOriginalName', () => {
  it('finds gateway, scenario and level, both of which may hold hyphens', () => {
    const cases = {
      'crabllm-chat-minimal-500rps.json': rps('crabllm', 'chat-minimal', 500),
      'crabllm-embeddings-1000rps.json': rps('crabllm', 'embeddings', 1000),
      'crabllm-chat-long-stream-100rps.json': rps('crabllm', 'chat-long-stream', 100),
      'my-own-gateway-chat-stream-5000rps.json': rps('my-own-gateway', 'chat-stream', 5000),
      'chat-stream-chat-tools-100rps.json': rps('chat-stream', 'chat-tools', 100),
      'my-gw-concurrent-250.json': {
        target: 'my-gw',
        scenario: 'concurrent-streams',
        level: { kind: 'streams', value: 250 },
      },
    };
    for (const [file, cell] of Object.entries(cases)) assert.deepEqual(parseOriginalName(file), cell, file);
  });

  it('knows no other names', () => {
    for (const file of [
      'summary.json',
      'crabllm-unheard-of-100rps.json',
      '-chat-stream-100rps.json',
      'crabllm-chat-stream-0rps.json',
      'crabllm-chat-stream-rps.json',
      'crabllm-chat-stream-100rps.mem.json',
      'chat-stream-100rps.json',
    ]) {
      assert.equal(parseOriginalName(file), null, file);
    }
  });
});
