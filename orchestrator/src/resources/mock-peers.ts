import { request } from 'undici';
import { z } from 'zod';
import { messageOf } from '../errors.js';
import { ownRequests } from '../own-requests.js';
import { askEach, type MockAddress } from './mock-address.js';

const ANSWER_TIMEOUT_MS = 10_000;
const answerSchema = z.object({ peers: z.record(z.string(), z.number().int().nonnegative()) });

/** Requests in the mock's ledger by the address that they came from, or why that is not known, for a person. */
export type PeersAnswer = { readonly peers: Readonly<Record<string, number>> } | { readonly problem: string };

/** Asks a mock from where the requests in its ledger came. */
export async function requestsByPeer(mock: MockAddress): Promise<PeersAnswer> {
  const peers: Record<string, number> = {};
  for (const answer of await askEach(mock, peersOf)) {
    if ('problem' in answer) return answer;
    for (const [peer, requests] of Object.entries(answer.peers)) peers[peer] = (peers[peer] ?? 0) + requests;
  }
  return { peers };
}

async function peersOf(controlUrl: string): Promise<PeersAnswer> {
  try {
    const { statusCode, body } = await request(`${controlUrl}/__bench/peers`, {
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
      dispatcher: ownRequests,
    });
    const text = await body.text();
    return statusCode === 200 ? answerSchema.parse(JSON.parse(text)) : { problem: `status ${statusCode}` };
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}
