import { createAgentsDriver } from '#src/agent/agents-driver.js';
import { AgentRoom, type RoomOptions } from '#src/agent/room.js';
import { type AgentOptions, runAgent } from '#src/agent/run-agent.js';
import { type ClockDomain, clockDomain } from '#src/clock/clock-domain.js';
import type { Driver, TrialLoad } from '#src/load/driver.js';
import { createNativeDriver } from '#src/load/native/driver.js';
import { type MadeUp, madeUpDriver } from './made-up-driver.js';

/** A small load of even arrivals; nothing of it is sent by a made-up driver. */
export const LOAD: TrialLoad = {
  url: 'http://127.0.0.1:1/v1/chat/completions',
  headers: {},
  body: '{}',
  streaming: false,
  level: { kind: 'rps', value: 100 },
  warmupMs: 100,
  measureMs: 300,
  timeoutMs: 1000,
  expectedLatencyMs: 1,
  seed: 1,
};

/** No deadline is met by a test; the lead is long enough for a busy machine. */
export const TIMES = { readyMs: 60_000, leadMs: 500, finishMs: 60_000, deliverMs: 60_000 };

/** The clock of a host of its own. */
export function otherHost(bootId: string): ClockDomain {
  return { bootId, timeNamespace: 'time:[1]' };
}

export const never = (): AbortSignal => new AbortController().signal;

/** An agent of a room, with a made-up driver. */
export function agentOptions(room: AgentRoom, index: number, made: MadeUp = {}): AgentOptions {
  const { aheadUs = 0, domain = clockDomain() } = made;
  return {
    orchestrator: new URL(`http://127.0.0.1:${room.port}`),
    token: room.token,
    duty: 'load',
    index,
    patienceMs: 5000,
    driver: madeUpDriver(made),
    clock: { aheadUs: typeof aheadUs === 'function' ? aheadUs : () => aheadUs, domain },
    tell: () => {},
  };
}

/** A room in which as many agents are as were made up. */
export interface Meeting {
  readonly room: AgentRoom;
  /** Loads by all of them. */
  readonly driver: Driver;
  /** Ends an agent as a signal would. */
  readonly end: (index: number) => void;
  /** Starts another one of a number. */
  readonly start: (index: number, made: MadeUp) => Promise<unknown>;
}

/** Works in a room with agents in this process; all of them end with it. */
export async function meet<T>(
  made: readonly MadeUp[],
  work: (meeting: Meeting) => Promise<T>,
  options: RoomOptions = {},
): Promise<T> {
  const room = await AgentRoom.open({ times: TIMES, ...options });
  const ends = new Map<number, AbortController>();
  const agents: Promise<unknown>[] = [];
  const start = (index: number, own: MadeUp): Promise<unknown> => {
    const end = new AbortController();
    ends.set(index, end);
    const agent = runAgent(agentOptions(room, index, own), end.signal).catch((thrown: unknown) => thrown);
    agents.push(agent);
    return agent;
  };
  const house = { open: async () => room, comingMs: 5000, watchHosts: false, close: async () => {} };
  const driver = createAgentsDriver(house, made.length, {}, createNativeDriver());
  for (const [index, own] of made.entries()) void start(index, own);
  try {
    await room.gather('load', made.length, 5000, never());
    return await work({ room, driver, start, end: (index) => ends.get(index)?.abort() });
  } finally {
    await driver.close();
    await room.close();
    for (const end of ends.values()) end.abort();
    await Promise.all(agents);
  }
}
