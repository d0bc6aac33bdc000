import { BenchError, EXIT } from '../errors.js';
import type { Driver } from '../load/driver.js';
import type { HelperRecord } from '../record/manifest.js';
import type { Reason } from '../record/reason.js';
import type { RunProgress } from '../execute/stage.js';
import { portInUse } from '../runtime/port.js';
import type { Runtime } from '../runtime/runtime.js';
import { describeOngoing, type OngoingRun } from './ongoing-runs.js';
import { tellOn } from './tell-on.js';
import type { Candidate, Contestant } from './targets.js';

/**
 * Makes ready what was asked for: pulls, builds, installs. A gateway that cannot be had is absent with its reason; without the
 * mock or the driver there is no run.
 * @param others runs that measure on this host, for the message about a port that one of them holds
 * @throws BenchError `mock-absent`, `driver-absent`, `port-in-use`, `engine-gone`, `interrupted`
 */
export async function prepareAll(
  candidates: readonly Candidate[],
  driver: Driver,
  progress: RunProgress,
  signal: AbortSignal,
  others: readonly OngoingRun[] = [],
): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const candidate of candidates) {
    progress.doing(`${candidate.target.name}: getting it ready`);
    const { availability, helpers } = await prepareWithHelpers(candidate, progress, signal, others);
    if (availability.state === 'absent' && candidate.target.kind === 'direct')
      throw absentError('mock-absent', 'The mock', availability.reason);
    const { notOffered: _said, ...contestant } = candidate;
    contestants.push({ ...contestant, availability, ...(helpers.length === 0 ? {} : { helpers }) });
  }
  const ready = await driver.prepare(tellOn(progress), signal);
  if (ready.state === 'absent') throw absentError('driver-absent', `The driver ${driver.name}`, ready.reason);
  for (const { target, availability } of contestants) {
    const { program } = target.service;
    if (program !== undefined && availability.state === 'available')
      progress.tell(`${target.name} is ${program}, ${versionText(availability)}`);
    if (availability.state === 'absent') progress.tell(`${target.name} is left out: ${availability.reason.message}`);
  }
  return contestants;
}

/** A gateway without one of its helpers is as absent as one that is not there itself. */
async function prepareWithHelpers(
  candidate: Candidate,
  progress: RunProgress,
  signal: AbortSignal,
  others: readonly OngoingRun[],
): Promise<Required<Pick<Contestant, 'availability' | 'helpers'>>> {
  const { target, notOffered } = candidate;
  if (notOffered !== undefined) return { availability: { state: 'absent', reason: notOffered }, helpers: [] };
  const helpers: HelperRecord[] = [];
  for (const helper of target.runtime.kind === 'external' ? [] : (target.service.helpers ?? [])) {
    const inUse = helper.port === 0 || !takesPortsHere(target.runtime) ? null : await portInUse(helper.port);
    const found =
      inUse === null
        ? await target.runtime.prepare(helper, tellOn(progress), signal)
        : { state: 'absent' as const, reason: { code: 'port-in-use', message: `${inUse} by another program` } };
    if (found.state === 'absent') {
      const reason = {
        code: 'helper-missing',
        message: `it needs ${helper.name}, which cannot be had: ${found.reason.message}`,
      };
      return { availability: { state: 'absent', reason }, helpers: [] };
    }
    helpers.push({
      name: helper.name,
      version: found.version,
      digest: found.digest,
      limits: { cpus: helper.cpus, memoryBytes: helper.memoryBytes, enforced: found.limitsEnforced },
    });
  }
  return { availability: await prepareOne(candidate, progress, signal, others), helpers };
}

async function prepareOne(
  { target }: Candidate,
  progress: RunProgress,
  signal: AbortSignal,
  others: readonly OngoingRun[],
): Promise<Contestant['availability']> {
  signal.throwIfAborted();
  const { service, runtime } = target;
  // Whoever holds the port would be measured in the gateway's name.
  const inUse = takesPortsHere(runtime) ? await portInUse(service.port) : null;
  if (inUse !== null) {
    const holder = others.find(({ mockPort }) => target.kind === 'direct' && mockPort === service.port);
    const message = `${inUse}${holder === undefined ? ' by another program' : `: ${describeOngoing(holder)}`}`;
    if (target.kind === 'direct') {
      throw new BenchError({
        code: 'port-in-use',
        message: `The mock's ${message}.`,
        hint:
          holder === undefined
            ? 'Stop that program, or choose another port with --mock-port N.'
            : 'Wait for its end with --wait, or choose another port with --mock-port N: both would then disturb each other.',
        exitCode: EXIT.usage,
      });
    }
    return { state: 'absent', reason: { code: 'port-in-use', message: `${message}; stop it and run again` } };
  }
  return runtime.prepare(service, tellOn(progress), signal);
}

/** Whether what it starts listens on ports of this host. */
function takesPortsHere({ kind }: Pick<Runtime, 'kind'>): boolean {
  return kind !== 'external' && kind !== 'kubernetes';
}

function versionText({
  version,
  digest,
}: Extract<Contestant['availability'], { readonly state: 'available' }>): string {
  return `${version === null ? 'which names no version' : `version ${version}`}, ${digest?.slice(0, 19) ?? 'not readable'}`;
}

function absentError(code: string, what: string, reason: Reason): BenchError {
  return new BenchError({
    code,
    message: `${what} cannot be had: ${reason.message}.`,
    ...hintFor(code, reason),
  });
}

/** What to do about it, where the reason does not say so itself. */
function hintFor(code: string, reason: Reason): { readonly hint?: string } {
  if (code === 'driver-absent') return { hint: 'Without oha: --driver native.' };
  return reason.code === 'image-missing' || reason.code === 'build-failed'
    ? { hint: 'Without the image: --runtime process, which starts the mock as a program.' }
    : {};
}
