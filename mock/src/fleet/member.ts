import { EndpointTable, providerEndpoints } from '../api/table.js';
import type { MockConfig } from '../config.js';
import type { CurrentSettings } from '../control/current.js';
import { benchControl, type AskAll } from '../control/endpoints.js';
import type { Listening, Question, StoredResponse, WorkerReport } from '../control/messages.js';
import { behaviourOf } from '../faults/behaviour.js';
import { FaultPlan } from '../faults/plan.js';
import { Counters, LoopWatch } from '../health/counters.js';
import { NO_PHASE, placeOf } from '../ledger/layout.js';
import { Ledger } from '../ledger/ledger.js';
import { requestsByPeer } from '../ledger/peers.js';
import { Received } from '../request/received.js';
import { type Crowd, MockServer } from '../request/server.js';
import { ResponseStore } from '../store/response-store.js';
import { StoredResponses } from '../store/stored-responses.js';
import { Service, type Conduct, type ServiceParts } from '../request/service.js';
import { Wheel } from '../stream/wheel.js';
import { seedAnswerIds } from '../wire/answer-id.js';
import { Door } from './door.js';
import { EventLog } from './event-log.js';
import { Provider, type Count, type Place } from './provider.js';

/** What a member of the fleet is given. */
export interface MemberStart {
  readonly config: MockConfig;
  readonly place: Place;
  /** The ports of the providers, and behind them that of the control endpoint when there is one. */
  readonly ports: readonly number[];
  readonly listening: Listening;
  readonly startedSeconds: number;
  readonly current: CurrentSettings;
  /** Asks all members, this one included. */
  readonly ask: AskAll;
  readonly count: Count;
  /** How many connections a provider may have; left out: as many as come. */
  readonly crowdOf?: (counters: Counters) => Crowd | undefined;
}

/** All that one worker does: every provider on its port, one ledger, one clock, one control endpoint. */
export class Member {
  readonly #place: Place;
  readonly #ledger: Ledger;
  readonly #received = new Received();
  readonly #events: EventLog;
  readonly #loop = new LoopWatch();
  readonly #counters: readonly Counters[];
  readonly #providers: readonly Provider[];
  readonly #doors: readonly Door[];
  readonly #controlDoor: Door | undefined;
  /** One for each provider; none when nothing is kept. */
  readonly #stores: readonly ResponseStore[];

  constructor(start: MemberStart) {
    const { config, place, ports, listening, current } = start;
    this.#place = place;
    const number = config.firstWorker + place.worker;
    this.#ledger = new Ledger(config.ledgerRecords, number, seedAnswerIds(number));
    this.#events = new EventLog(number);
    this.#counters = config.providers.map(() => new Counters());
    const parts = this.#commonParts(start);
    const table = new EndpointTable(
      providerEndpoints({ ...config, createdSeconds: start.startedSeconds }),
      config.cors,
    );
    this.#stores = config.store === 0 ? [] : config.providers.map(() => new ResponseStore(config.store));
    const seats = config.providers.map(({ name }, index) => {
      const counters = this.#counters[index] as Counters;
      const service = new Service(UNBORN, { ...parts, table, counters });
      const store = this.#stores[index];
      const { apiKey, cors } = config;
      const front =
        store === undefined
          ? service
          : new StoredResponses({
              service,
              store,
              counters,
              ask: start.ask,
              worker: place.worker,
              provider: index,
              apiKey,
              cors,
            });
      const server = new MockServer(front, config.maxBodyBytes, undefined, undefined, start.crowdOf?.(counters));
      const door = new Door(server, config.host, ports[index] ?? 0, listening);
      const { count } = start;
      return { name, index, service, counters, door, events: this.#events, place, count };
    });
    this.#doors = seats.map(({ door }) => door);
    this.#providers = seats.map((seat) => new Provider(seat, current));
    if (config.controlPort !== undefined) {
      const service = new Service(UNBORN, { ...parts, table: new EndpointTable([]), counters: new Counters() });
      const server = new MockServer(service, config.maxBodyBytes);
      this.#controlDoor = new Door(server, config.host, ports[config.providers.length] ?? 0, listening);
    }
  }

  #commonParts({ config, place, ask }: MemberStart): Omit<ServiceParts, 'table' | 'counters' | 'capacity'> {
    const names = config.providers.map(({ name }) => name);
    const control = benchControl(ask, {
      reach: config.control,
      workers: place.workers,
      names,
      keepsPort: config.controlPort !== undefined,
    });
    return { wheel: new Wheel(), ledger: this.#ledger, received: this.#received, control, ...place };
  }

  /**
   * Opens all ports.
   * @returns their numbers, in the order of `MemberStart.ports`
   * @throws {DoorError}
   */
  async open(): Promise<readonly number[]> {
    const control = this.#controlDoor;
    await control?.begin();
    for (const provider of this.#providers) await provider.open();
    return [...this.#doors, ...(control === undefined ? [] : [control])].map(({ port }) => port);
  }

  /** Does what is asked of all members, and reports. */
  obey(question: Question): WorkerReport {
    const { about } = question;
    if (about === 'mark') for (const each of [this.#loop, ...this.#counters]) each.mark();
    if (about === 'clear-ledger') {
      this.#ledger.clear();
      this.#events.clear();
    }
    if (about === 'change' && question.current !== undefined) {
      for (const provider of this.#providers) provider.obey(question.current);
    }
    const stored = about === 'stored' ? this.#stored(question) : undefined;
    const providers = this.#providers.map((provider) => provider.report());
    const connections = providers.reduce((sum, each) => sum + each.connections, 0);
    return {
      worker: this.#place.worker,
      pid: process.pid,
      health: this.#loop.health(this.#counters, connections),
      dropped: this.#ledger.dropped,
      providers,
      ...(about === 'ledger' ? { records: this.#ledger.records() } : {}),
      ...(about === 'ledger' || about === 'events' ? { events: this.#events.all() } : {}),
      ...(about === 'peers' ? { peers: requestsByPeer(this.#ledger.records()) } : {}),
      ...(about === 'received' ? { received: this.#received.all().filter(({ id }) => id === question.id) } : {}),
      ...(stored === undefined ? {} : { stored }),
    };
  }

  #stored({ provider, id, what }: Extract<Question, { about: 'stored' }>): StoredResponse | undefined {
    const store = this.#stores[provider];
    const found = store?.find(id);
    if (what === 'delete') store?.delete(id);
    return found;
  }

  /** Takes no more connections, and ends when those that are open have their answers. */
  async drain(): Promise<void> {
    this.#end();
    const doors = [...this.#doors, ...(this.#controlDoor === undefined ? [] : [this.#controlDoor])];
    await Promise.all(doors.map(({ server }) => server.drain()));
  }

  /** Ends everything now; resolves when every connection is closed. */
  async destroy(): Promise<void> {
    this.#end();
    const doors = [...this.#doors, ...(this.#controlDoor === undefined ? [] : [this.#controlDoor])];
    await Promise.all(doors.map(({ server }) => server.destroy()));
  }

  #end(): void {
    this.#loop.stop();
    for (const provider of this.#providers) provider.stop();
  }
}

/** What a service does before it is told what to do. */
const UNBORN: Conduct = {
  behaviour: behaviourOf({}),
  plan: new FaultPlan(0, () => Promise.resolve(1)),
  limits: undefined,
  capacity: undefined,
  place: placeOf(0, NO_PHASE),
};
