import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { readCatalogue } from '../../orchestrator/build/catalogue/catalogue.js';
import { refuse } from './script-options.mjs';

const at = (path) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/**
 * What `crabllm-bench fidelity` finds now.
 * @param gateways by commas; left out: every one that is built in and runs without a container engine
 */
export function askedFidelity({ gateways, mockPort }) {
  const entries = readCatalogue([at('compose/docker-compose.yml')]).gateways;
  const asPrograms = entries.flatMap(({ name, variant, process: program }) =>
    variant === undefined && program !== null ? name : [],
  );
  const words = ['fidelity', '--json', '--runtime', 'process', '--mock-port', String(mockPort)];
  const { status, stdout } = spawnSync(
    process.execPath,
    [at('orchestrator/dist/run.js'), ...words, '--gateways', gateways ?? asPrograms.join(',')],
    { encoding: 'utf8', maxBuffer: 2 ** 28, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // 3: one of them could not be had, which is in what was found.
  if (status !== 0 && status !== 3) refuse(`crabllm-bench fidelity ended with ${status}`);
  return JSON.parse(stdout);
}
