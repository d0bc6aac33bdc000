import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { KeptMembers } from '#src/api/kept-members.js';
import { JsonObject } from '#src/wire/json.js';

const NAMES = ['tools', 'n'];

function keyOf(members: KeptMembers, body: string): string {
  const json = new JsonObject();
  assert.equal(json.read(Buffer.from(body)), 'object');
  return members.key(json);
}

describe('KeptMembers', () => {
  it('is empty when none of the members is there', () => {
    assert.equal(keyOf(new KeptMembers(NAMES), '{"model":"m"}'), '');
  });

  it('tells requests apart exactly when a member differs', () => {
    const values = fc.record({ tools: fc.jsonValue(), n: fc.jsonValue() }, { requiredKeys: [] });
    const members = new KeptMembers(NAMES);
    fc.assert(
      fc.property(values, values, (one, other) => {
        const same = NAMES.every((name) => textOf(one, name) === textOf(other, name));
        assert.equal(keyOf(members, JSON.stringify(one)) === keyOf(members, JSON.stringify(other)), same);
      }),
      { numRuns: 1000 },
    );
  });

  it('does not hold on to the bytes it was shown', () => {
    const members = new KeptMembers(NAMES);
    const json = new JsonObject();
    const body = Buffer.from('{"n":1}');
    json.read(body);
    const before = members.key(json);
    body.write('2', 5);
    json.read(body);
    assert.notEqual(members.key(json), before);
  });
});

function textOf(value: Record<string, unknown>, name: string): string | undefined {
  return JSON.stringify(value[name]);
}
