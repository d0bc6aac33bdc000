import { type Check, good, note } from '../check.js';
import { roleChecks, WAY_TO } from '../diagnosis.js';
import type { Findings } from '../host-facts.js';
import type { NodeFigures } from './figures.js';
import { joined, type Judged, seen } from './judged.js';

/** Figures that are told whatever they are; of the others only what is not as it should be. */
const ALWAYS: readonly string[] = ['timer', 'loopback'];

/** What was measured on each node, and what of it is a node's that another would do better. @param rolesOf by node, for a person */
export function judgeFigures(figures: readonly NodeFigures[], rolesOf: (node: string) => string): Judged {
  return joined(
    figures.map((figure): Judged => {
      const { node } = figure;
      if (figure.state === 'absent')
        return seen(note(`${node} figures`, 'not measured', `${figure.reason.message} (${figure.reason.code}).`));
      const checks = shownOf(figure.findings).map((check) => ({ ...check, name: `${node} ${check.name}` }));
      const warnings = checks.filter(({ state }) => state === 'warning');
      if (warnings.length === 0) return seen(...checks);
      return {
        checks,
        advice: [
          {
            change: `Quieten ${node}, or give another node its role (${rolesOf(node)})`,
            because: warnings.map(({ name, found }) => `${name.slice(node.length + 1)}: ${found}`).join('; '),
            gives: 'a lower noise floor: smaller differences between gateways can be told, with fewer blocks',
          },
        ],
      };
    }),
  );
}

function shownOf(findings: Findings): Check[] {
  const floors = (findings.selfTest?.levels ?? []).map(({ scenario, level }) => `${scenario}, ${level}`);
  const always = [...ALWAYS, ...floors];
  return [
    ...roleChecks(findings).filter(
      ({ name, state }) => state !== 'good' || always.includes(name) || name.startsWith(WAY_TO),
    ),
    ...(findings.selfTest === null ? [good('noise floor', 'left out')] : []),
  ];
}
