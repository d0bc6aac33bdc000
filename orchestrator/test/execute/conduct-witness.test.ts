import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { ID_PLACEHOLDER } from '#src/catalogue/marker.js';
import { readWitnesses, WITNESS_PREFIX } from '#src/record/conduct-witness.js';
import { Witness } from '#src/execute/conduct-witness.js';

/** Long beside a test, and as long as a case's patience may be. */
const PATIENCE_MS = 600_000;
const PACE = { beforeMs: 3000, faultMs: 8000, afterMs: 7000, rps: 1000 };

describe('a witness whose provider is silent', () => {
  let server: Server;
  let asked: Promise<void>;
  before(async () => {
    asked = new Promise((resolve) => {
      server = createServer(() => resolve());
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  it('is not waited for when its case is broken off', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`;
    const witness = new Witness(
      { url, body: '{}', headers: {}, providers: [], addresses: [], keys: [], patienceMs: PATIENCE_MS },
      PACE,
    );
    witness.begin();
    await asked;
    await witness.abandon();
    // Every request is settled by it, so that this does not wait for anybody either.
    const outcomes = readWitnesses(await witness.end()).map(({ outcome }) => outcome);
    assert.deepEqual([...new Set(outcomes)], ['broken']);
  });
});

describe('witnesses of two cases', () => {
  it('have no id in common: a gateway may bring those of the first case late', async () => {
    const idsOf = async (): Promise<string[]> => {
      let all: (ids: string[]) => void = () => {};
      const asked = new Promise<string[]>((resolve) => {
        all = resolve;
      });
      const ids: string[] = [];
      const server = createServer((request, response) => {
        request.setEncoding('utf8').on('data', (body: string) => ids.push(body));
        request.on('end', () => {
          response.end('{}');
          if (ids.length === 3) all(ids);
        });
      }).listen(0, '127.0.0.1');
      await new Promise((resolve) => server.once('listening', resolve));
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const place = { url, headers: {}, providers: [], addresses: [], keys: [], patienceMs: PATIENCE_MS };
      const witness = new Witness({ ...place, body: ID_PLACEHOLDER }, PACE);
      witness.begin();
      const seen = await asked;
      await witness.end();
      server.closeAllConnections();
      server.close();
      return seen;
    };
    const [one, other] = [await idsOf(), await idsOf()];
    for (const id of [...one, ...other]) assert.match(id, new RegExp(`^${WITNESS_PREFIX}[0-9a-z]{9}$`));
    assert.deepEqual(
      one.filter((id) => other.includes(id)),
      [],
    );
  });
});
