import { join } from 'node:path';
import { programFile } from '../installation.js';
import type { CaseResult } from '../analyse/conduct/case-rows.js';
import { asFleet, type Fleet } from '../catalogue/fleet.js';
import { SCENARIOS } from '../catalogue/scenarios.js';
import type { Service } from '../catalogue/service.js';
import { playUntilUsable } from '../execute/conduct.js';
import { lookAt } from '../execute/conduct-look.js';
import type { Workbench } from '../measure/workbench.js';
import { ASIDE_MODEL, CONDUCT_CASES, CONDUCT_PROVIDERS, type ConductPace, paceOf } from '../plan/conduct-cases.js';
import type { ConductLook } from '../record/conduct.js';
import { RunWriter } from '../record/run-directory.js';
import type { RunningService } from '../runtime/runtime.js';
import { casesOf, CONDUCT_POLICIES, type ConductPolicy } from './conduct-policies.js';
import { judgePolicy, type PolicyResult } from './judge-conduct.js';
import type { CalibrationRequest } from './request.js';
import { CHAT, mockOf, startService } from './started-service.js';

/** Well below what two shared cores carry, retries of the stormiest included. */
const PACE: ConductPace = { beforeMs: 2000, faultMs: 5000, afterMs: 3000, rps: 50 };

const STREAM = SCENARIOS.find(({ name }) => name === 'chat-stream') ?? CHAT;

type ConductRequest = Pick<CalibrationRequest, 'mockPort' | 'output' | 'seed'>;

/**
 * Gateways with known policies in front of a fleet of two providers that fail on schedule: every row has to recover what was planted, and an
 * honest gateway is to be accused of nothing. The raw records of each case lie in the output directory.
 * @throws BenchError `calibration-failed`, `conduct-impossible`, `mock-timeline`
 */
export async function runConduct(request: ConductRequest, bench: Workbench): Promise<PolicyResult[]> {
  const mock = mockOf(request);
  const fleet = asFleet(mock, CONDUCT_PROVIDERS, [ASIDE_MODEL]);
  const started = await startService(fleet.service, bench);
  try {
    const results: PolicyResult[] = [];
    for (const policy of CONDUCT_POLICIES) {
      const gateway = await startService(gatewayOf(policy, mock), bench);
      try {
        results.push(
          judgePolicy(policy, await casesWith(policy, gateway, fleet, request, bench), {
            seesProcesses: gateway.standing !== undefined,
          }),
        );
      } finally {
        await gateway.stop();
      }
    }
    return results;
  } finally {
    await started.stop();
  }
}

async function casesWith(
  policy: ConductPolicy,
  gateway: RunningService,
  { controlUrl, providerUrls }: Fleet,
  { output, seed }: ConductRequest,
  { equipment: { driver }, progress, interrupt: { signal } }: Workbench,
): Promise<CaseResult[]> {
  const writer = new RunWriter(join(output, `conduct-${policy.name}`));
  const wanted = casesOf(policy);
  const results: CaseResult[] = [];
  let firstLook: ConductLook | null = null;
  for (const played of CONDUCT_CASES.filter(({ name }) => wanted.has(name))) {
    progress.tell(`conduct: ${policy.name}, ${played.about}`);
    const target = { url: gateway.url, modelPrefix: '', headers: {} };
    const stage = {
      driver,
      target,
      controlUrl,
      providerUrls,
      pace: paceOf(played, PACE),
      seed,
      signal,
      keys: ['relay-key'],
      aside: {},
      look: () => lookAt(gateway),
      firstLook,
    };
    const tell = (line: string): void => progress.tell(`conduct: ${policy.name}, ${line}`);
    const { result, raw, verdict, stoodBefore } = await playUntilUsable(
      played,
      played.streaming ? STREAM : CHAT,
      stage,
      tell,
    );
    firstLook ??= stoodBefore;
    writer.writeTrialFile(`${played.name}.requests.gz`, raw.requests);
    writer.writeTrialFile(`${played.name}.ledger`, raw.ledger);
    if (raw.witnesses !== undefined) writer.writeTrialFile(`${played.name}.witnesses.json`, raw.witnesses);
    // A row that is not there is missed, and the reason stands above it.
    if (verdict.void === null) results.push(result);
    else tell(`${played.name} is void: ${verdict.void.message}`);
  }
  return results;
}

/** Behind the fleet's ports. */
const ABOVE_THE_MOCK = CONDUCT_PROVIDERS.length + 1;

function gatewayOf({ name, words }: ConductPolicy, mock: Service): Service {
  const port = mock.port + ABOVE_THE_MOCK;
  const providers = CONDUCT_PROVIDERS.map((_, i) => `http://127.0.0.1:${mock.port + i}`).join(',');
  const all = ['--port', String(port), '--providers', providers, ...words];
  const program = programFile('relay/main.js');
  return {
    ...mock,
    name: `gateway-${name}`,
    role: 'gateway',
    command: ['relay', '--host', '127.0.0.1', ...all],
    port,
    process: {
      command: ['{node}', program, ...all],
      environment: {},
      versionCommand: null,
      npmDirectory: null,
      versionFolder: null,
      install: null,
    },
  };
}
