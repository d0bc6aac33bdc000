import { BenchError, EXIT } from '../errors.js';
import type { Driver } from '../load/driver.js';
import type { Reason } from '../record/reason.js';
import type { RunProgress } from '../execute/stage.js';
import { isPortInUse } from '../runtime/port.js';
import type { Candidate, Contestant } from './targets.js';

/**
 * Makes ready what was asked for: pulls, builds, installs. A gateway that cannot be had is absent with its reason; without the
 * mock or the driver there is no run.
 * @throws BenchError `mock-absent`, `driver-absent`, `port-in-use`, `engine-gone`, `interrupted`
 */
export async function prepareAll(
  candidates: readonly Candidate[],
  driver: Driver,
  progress: RunProgress,
  signal: AbortSignal,
): Promise<Contestant[]> {
  const contestants: Contestant[] = [];
  for (const candidate of candidates) {
    progress.doing(`${candidate.target.name}: getting it ready`);
    const availability = await prepareOne(candidate, progress, signal);
    if (availability.state === 'absent' && candidate.target.kind === 'direct')
      throw absentError('mock-absent', 'The mock', availability.reason);
    contestants.push({ ...candidate, availability });
  }
  const ready = await driver.prepare((line) => progress.tell(line), signal);
  if (ready.state === 'absent') throw absentError('driver-absent', `The driver ${driver.name}`, ready.reason);
  for (const { target, availability } of contestants) {
    const { program } = target.service;
    if (program !== undefined && availability.state === 'available')
      progress.tell(`${target.name} is ${program}, ${versionText(availability)}`);
    if (availability.state === 'absent') progress.tell(`${target.name} is left out: ${availability.reason.message}`);
  }
  return contestants;
}

async function prepareOne(
  { target }: Candidate,
  progress: RunProgress,
  signal: AbortSignal,
): Promise<Contestant['availability']> {
  signal.throwIfAborted();
  const { service, runtime } = target;
  // Whoever holds the port would be measured in the gateway's name.
  if (runtime.kind !== 'external' && (await isPortInUse(service.port))) {
    const message = `port ${service.port} is in use by another program`;
    if (target.kind === 'direct') {
      throw new BenchError({
        code: 'port-in-use',
        message: `The mock's ${message}.`,
        hint: 'Stop that program, or choose another port with --mock-port N.',
        exitCode: EXIT.usage,
      });
    }
    return { state: 'absent', reason: { code: 'port-in-use', message: `${message}; stop it and run again` } };
  }
  return runtime.prepare(service, (line) => progress.tell(line), signal);
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
    hint: 'Without Docker: --runtime process. Without oha: --driver native.',
  });
}
