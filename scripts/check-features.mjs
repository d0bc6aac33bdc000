// Whether every feature's proof tells a feature that works from one that is misspelt: each is visited as its entry has it, and once more with
// the key misspelt that switches it on (x-bench.attest.misspelt in compose/docker-compose.yml). As it is it has to be seen to work; misspelt it has
// to be absent with the reason, or not even start. Prints a table; ends with 1 where that is not so.
//
//   npm run check:features                              every gateway that has features and can be had
//   npm run check:features -- crabllm litellm           these
//   npm run check:features -- --variants auth,otel      these features
//   npm run check:features -- --mock-port 9000 --runtime docker
//
// Two runs by the ordinary way, of a second a cell: no figure of them means anything. Their directories are printed.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readCatalogue } from '../orchestrator/build/catalogue/catalogue.js';
import { COMPOSE_FILE } from '../orchestrator/build/catalogue/compose-file.js';
import { FEATURES } from '../orchestrator/build/catalogue/feature.js';
import { altered } from '../orchestrator/build/execute/altered.js';
import { readBenchOptions } from '../orchestrator/build/cli/options/bench.js';
import { choiceOf, requestOf } from '../orchestrator/build/cli/options/bench-request.js';
import { newRunId } from '../orchestrator/build/measure/describe-run.js';
import { chooseEquipment } from '../orchestrator/build/measure/equipment.js';
import { measure } from '../orchestrator/build/measure/measure.js';
import { atWorkbench } from '../orchestrator/build/measure/workbench.js';
import { readRun } from '../orchestrator/build/record/run-directory.js';
import { markdownTable } from '../orchestrator/build/report/markdown-table.js';

const { values: options, positionals } = parseArgs({
  options: {
    'mock-port': { type: 'string', default: '9999' },
    runtime: { type: 'string', default: 'auto' },
    variants: { type: 'string', default: FEATURES.map(({ name }) => name).join(',') },
  },
  allowPositionals: true,
});
const work = mkdtempSync(join(tmpdir(), 'check-features-'));
const catalogue = readCatalogue([COMPOSE_FILE]);
const features = catalogue.gateways.filter(({ attest, variant }) => attest !== undefined && variant !== undefined);
const gateways = positionals.length > 0 ? positionals : [...new Set(features.map(({ variant }) => variant.of))];
const asked = features.filter(
  ({ variant }) => gateways.includes(variant.of) && options.variants.split(',').includes(variant.name),
);

/** With a text of it changed that its entry says is its key. */
function misspell(service) {
  const { misspelt } = service.attest ?? {};
  if (misspelt === undefined || !asked.includes(service)) return service;
  const { name, variant } = service;
  const changed = altered({ name, kind: 'gateway', service, runtime: null }, misspelt, join(work, 'keys', variant.of));
  if (changed === null) throw new Error(`${name}: nothing of it has the text ${JSON.stringify(misspelt.from)}`);
  return changed.service;
}

/** What the trial of each feature says, by target. */
async function visit(name, gatewaysAsTheyAre) {
  const output = join(work, name);
  const raw = {
    group: 'features',
    gateways: gateways.join(','),
    variants: options.variants,
    runtime: options.runtime,
    driver: 'native',
    rps: '20',
    duration: '1',
    blocks: '1',
    warmup: '0',
    'second-chances': '0',
    'mock-port': options['mock-port'],
    output,
  };
  const bench = readBenchOptions(raw);
  const runId = newRunId();
  console.error(`${name}: ${output}`);
  await atWorkbench(
    (tell) => chooseEquipment(choiceOf(bench), runId, [COMPOSE_FILE], tell, null),
    (workbench) =>
      measure({
        ...workbench,
        request: requestOf(bench, raw, null),
        runId,
        catalogue: { ...catalogue, gateways: gatewaysAsTheyAre },
        stored: null,
      }),
  );
  const { manifest, trials } = readRun(output);
  return (target) => {
    const record = manifest.targets.find((one) => one.name === target);
    if (record === undefined || record.absent !== null)
      return { seen: false, why: `left out: ${record?.absent?.message ?? 'not in the run'}`, isOut: true };
    const own = trials.filter((trial) => trial.target === target);
    const attested = own.flatMap(({ warnings }) => warnings.filter(({ code }) => code === 'feature-attested'));
    if (attested.length > 0) return { seen: true, why: attested.map(({ message }) => message).join('; ') };
    return { seen: false, why: own.map(({ state, reason }) => `${state}: ${reason?.message ?? ''}`).join('; ') };
  };
}

const asItIs = await visit('as-it-is', catalogue.gateways);
const misspelt = await visit('misspelt', catalogue.gateways.map(misspell));

const heads = ['gateway', 'feature', 'key', 'misspelt', 'as its entry has it', 'with the key misspelt', ''];
const rows = [];
let faults = 0;
for (const { name, variant, attest } of asked) {
  const [right, wrong] = [asItIs(name), misspelt(name)];
  const { from = 'none is named', to = '' } = attest.misspelt ?? {};
  const isRight = right.isOut === true || (attest.misspelt !== undefined && right.seen && !wrong.seen);
  if (!isRight) faults += 1;
  const verdict = right.isOut === true ? 'not there' : isRight ? 'told apart' : 'NOT TOLD APART';
  rows.push([variant.of, variant.name, from, to, right.why, right.isOut === true ? '' : wrong.why, verdict]);
}
console.log(
  markdownTable(
    heads.map((head) => ({ head, words: true })),
    rows,
  ),
);
console.log(`${asked.length} features, ${faults} of them not told from a misspelt one`);
process.exitCode = faults === 0 ? 0 : 1;
