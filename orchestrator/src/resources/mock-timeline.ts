import { request } from 'undici';
import { z } from 'zod';
import { BenchError } from '../errors.js';
import { ownRequests } from '../own-requests.js';

const startedSchema = z.object({
  /** Workers that did not report in time to be in it. */
  missingWorkers: z.number(),
  /** Microseconds of the mock's host's monotonic clock. */
  phases: z.array(z.object({ name: z.string(), fromUs: z.number().nullable(), untilUs: z.number().nullable() })),
});

/** A phase that the mock plays, microseconds of its host's monotonic clock; null: it does not end. */
export interface PlayedPhase {
  readonly name: string;
  readonly fromUs: number;
  readonly untilUs: number | null;
}

/** Gives the mock a timeline, which waits to be started. @param timeline as docs/mock-timeline.md has it @throws BenchError `mock-timeline` */
export async function loadTimeline(mockUrl: string, timeline: object): Promise<void> {
  await ask('PUT', `${mockUrl}/__bench/timeline`, JSON.stringify(timeline));
}

/**
 * Starts the timeline that the mock holds.
 * @returns when its phases are to begin and end
 * @throws BenchError `mock-timeline` where it does not start in all workers
 */
export async function startTimeline(mockUrl: string): Promise<PlayedPhase[]> {
  const started = startedSchema.parse(JSON.parse(await ask('POST', `${mockUrl}/__bench/timeline/start`)));
  if (started.missingWorkers > 0)
    throw refused(`${started.missingWorkers} of its workers did not say in time that they play it`);
  return started.phases.map(({ name, fromUs, untilUs }) => ({ name, fromUs: fromUs ?? 0, untilUs }));
}

/** Ends whatever timeline the mock plays, and forgets it. @throws BenchError `mock-timeline` */
export async function dropTimeline(mockUrl: string): Promise<void> {
  await ask('DELETE', `${mockUrl}/__bench/timeline`);
}

async function ask(method: 'PUT' | 'POST' | 'DELETE', url: string, body?: string): Promise<string> {
  const answer = await request(url, { method, body: body ?? null, dispatcher: ownRequests });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw refused(`status ${answer.statusCode}: ${text.slice(0, 200)}`);
  return text;
}

function refused(why: string): BenchError {
  return new BenchError({
    code: 'mock-timeline',
    message: `The mock does not play the timeline of a case: ${why}.`,
    hint: 'A case needs the mock of this version, with a port of its own for the control endpoint (--control-port).',
  });
}
