import { join } from 'node:path';
import { conductSummary } from '../analyse/conduct/summary.js';
import { holdLimits, type LimitOutcome } from '../analyse/conduct/limits.js';
import { readCatalogue } from '../catalogue/catalogue.js';
import { COMPOSE_FILE } from '../catalogue/compose-file.js';
import { conductRulerLine, keepCertificate } from '../certificate/with-run.js';
import { EXIT, type ExitCode } from '../errors.js';
import { measureConduct } from '../measure/conduct.js';
import { describeConductPlan } from '../measure/conduct-plan-text.js';
import { newRunId } from '../measure/describe-run.js';
import { chooseEquipment } from '../measure/equipment.js';
import { conductCandidates } from '../measure/conduct-targets.js';
import { atWorkbench } from '../measure/workbench.js';
import { CONDUCT_FILE, type ConductRun } from '../record/conduct.js';
import { RunWriter } from '../record/run-directory.js';
import { conductCard } from '../report/conduct-card.js';
import { measureSeen } from './measure-seen.js';
import { writeConductPage } from './show-conduct.js';
import type { ConductOptions } from './options/conduct.js';

/**
 * `--group conduct`: what gateways do while providers fail.
 * @returns exit code 1 where a limit is broken; 3 where one cannot be told, something that was asked for by name could not be had, or a case was
 *   not played
 * @throws BenchError everything a person can do something about
 */
export async function benchConduct(options: ConductOptions): Promise<ExitCode> {
  const choice = { runtime: options.runtime, driver: options.driver, externals: [] };
  const id = newRunId();
  const composeFiles = [COMPOSE_FILE, ...options.composeFiles];
  const catalogue = readCatalogue(composeFiles);
  return atWorkbench(
    (tell) => chooseEquipment(choice, id, composeFiles, tell),
    async (bench) => {
      if (options.dryRun) {
        const { runtime, external } = bench.equipment;
        const candidates = conductCandidates(options, catalogue, runtime, external);
        const available = { state: 'available', version: null, digest: null, limitsEnforced: false } as const;
        const assumed = candidates.map((candidate) => ({ ...candidate, availability: available }));
        process.stdout.write(`${describeConductPlan(options, assumed)}\n`);
        return EXIT.ok;
      }
      const seen = { runId: id, port: options.servePort, rests: 'visit' } as const;
      const { run, failure } = await measureSeen(bench, seen, async (means) => ({
        ...(await measureConduct(options, id, catalogue, means)),
        directory: options.output,
      }));
      const writer = new RunWriter(options.output);
      keepCertificate(writer, conductSummary(run));
      const card = `${conductCard(run)}\n${conductRulerLine(options.output, run)}\n`;
      writer.writeFile('conduct.md', card);
      bench.progress.tell(`wrote ${join(options.output, CONDUCT_FILE)}, summary.json and conduct.md`);
      process.stdout.write(options.json ? `${JSON.stringify(run, null, 2)}\n` : card);
      if (options.html) bench.progress.tell(`wrote ${await writeConductPage(options.output, run)}`);
      const held = holdLimits(options.limits, run.conduct);
      for (const { limit, target, case: name, outcome, found } of held)
        if (outcome !== 'held')
          process.stderr.write(
            `${target}, ${name}: ${limit} ${outcome === 'broken' ? 'is broken' : 'cannot be told'} (${found})\n`,
          );
      if (failure === null) return codeOf(run, options, held);
      process.stderr.write(`${failure.message}\n  ${failure.hint ?? 'What was played until then is written.'}\n`);
      return failure.exitCode;
    },
  );
}

/** A limit that is broken is the answer; without one, a gap is. */
function codeOf(run: ConductRun, { gateways, limits }: ConductOptions, held: readonly LimitOutcome[]): ExitCode {
  if (held.some(({ outcome }) => outcome === 'broken')) return EXIT.refuted;
  const areTold = limits.every(({ text }) => held.some(({ limit }) => limit === text));
  const isTold = areTold && held.every(({ outcome }) => outcome === 'held');
  return isTold && isWhole(run, gateways) ? EXIT.ok : EXIT.incomplete;
}

function isWhole({ targets, played }: ConductRun, named: readonly string[] | null): boolean {
  const missing = targets.some(({ name, absent }) => absent !== null && named?.includes(name) === true);
  return (
    !missing &&
    played.some((each) => 'files' in each) &&
    played.every((each) => !('reason' in each) || each.reason.code === 'not-offered')
  );
}
