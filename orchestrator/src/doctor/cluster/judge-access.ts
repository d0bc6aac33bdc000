import { rightText, type ReviewedRight } from '../../runtime/kubernetes/rights.js';
import { type Check, good, note, warn } from '../check.js';
import type { ClusterLook, WantedImage } from './findings.js';
import { listed } from '../../report/listed.js';
import { joined, type Judged, seen } from './judged.js';

/** What a run is allowed here, and whether what it is made of is there. */
export function judgeAccess(look: ClusterLook): Judged {
  return joined([judgeRights(look), judgeAccount(look), judgeLevel(look), judgeImages(look)]);
}

function withheld(rights: readonly ReviewedRight[]): string[] {
  return rights.filter(({ allowed }) => allowed !== true).map(rightText);
}

function judgeRights({ rights, namespace }: ClusterLook): Judged {
  const missing = withheld(rights);
  if (missing.length === 0)
    return seen(good('rights', `all ${rights.length} that a run takes (deploy/kubernetes/submitter.yaml)`));
  const words = [...new Set(rights.flatMap(({ allowed, reason }) => (allowed === true ? [] : (reason ?? []))))];
  const said = words.length === 0 ? '' : ` The cluster says: ${words.join('; ')}.`;
  return {
    checks: [
      warn(
        'rights',
        `${missing.length} of ${rights.length} are missing: ${missing.join(', ')}`,
        `A run is refused (cluster-forbids).${said}`,
      ),
    ],
    advice: [
      {
        change: `Have somebody who may run kubectl -n ${namespace} apply -f deploy/kubernetes/submitter.yaml, bound to this user`,
        because: `this account may not ${listed(missing)}`,
        gives: 'runs, with the least rights that they need',
      },
    ],
  };
}

function judgeAccount({ account, namespace }: ClusterLook): Judged {
  if (account.state === 'there') return seen(good('account', `crabllm-bench is in ${namespace}`));
  if (account.state === 'unknown')
    return seen(note('account', 'not known', `Whether ${namespace} has the orchestrator’s: ${account.reason}.`));
  const missing = withheld(account.rights);
  if (missing.length === 0) return seen(good('account', `none in ${namespace}; the first run creates it`));
  return {
    checks: [
      warn(
        'account',
        `none in ${namespace}, and this account may not create it: ${missing.join(', ')}`,
        'A run is refused (cluster-forbids): its orchestrator has nothing to work by.',
      ),
    ],
    advice: [
      {
        change: `Have somebody who may run kubectl create namespace ${namespace}; kubectl -n ${namespace} apply -f deploy/kubernetes/orchestrator.yaml`,
        because: 'the namespace has no account for the orchestrator',
        gives: 'runs, by an account that may do nothing outside of its namespace',
      },
    ],
  };
}

/** How strict levels are: what is made for one is admitted under those before it. */
const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted'];

function judgeLevel({ level, namespace, manner: { security, network } }: ClusterLook): Judged {
  const made = `Pods are made for ${security}`;
  if (level.state === 'missing')
    return seen(good('Pod Security', `${namespace} is not there yet, and is created without a level; ${made}`));
  if (level.state === 'unknown') return seen(note('Pod Security', 'not known', `${level.reason}; ${made}.`));
  if (level.level === null)
    return seen(good('Pod Security', `${namespace} has no level of its own (the cluster’s default holds); ${made}`));
  const enforced = `${namespace} enforces ${level.level}`;
  if (network === 'host' && level.level !== 'privileged')
    return {
      checks: [
        warn(
          'Pod Security',
          `${enforced}, and --network host is beyond it`,
          'Every Pod of such a run is refused (pod-refused).',
        ),
      ],
      advice: [
        {
          change: `Leave --network host out, or kubectl label --overwrite namespace ${namespace} pod-security.kubernetes.io/enforce=privileged`,
          because: `${level.level} admits no Pod on its node’s network`,
          gives: 'Pods that are admitted',
        },
      ],
    };
  if (LEVELS.indexOf(level.level) <= LEVELS.indexOf(security))
    return seen(good('Pod Security', `${enforced}; ${made}`));
  return {
    checks: [warn('Pod Security', `${enforced}; ${made}`, 'Pods of such a run are refused (pod-refused).')],
    advice: [
      {
        change: `Leave --pod-security ${security} out, or lower the level of ${namespace}`,
        because: `${level.level} admits fewer Pods than ${security}`,
        gives: 'Pods that are admitted',
      },
    ],
  };
}

function judgeImages({ images, manner: { imageRegistry } }: ClusterLook): Judged {
  const there = images.filter(({ lacks }) => lacks.length === 0);
  const unlisted = images.filter(({ lacks, mayHave }) => lacks.length > 0 && mayHave.length === lacks.length);
  const absent = images.filter((image) => !there.includes(image) && !unlisted.includes(image));
  const pulled = absent.filter(({ isHomeMade }) => !isHomeMade || imageRegistry !== null);
  return joined([
    seen(
      ...(there.length === 0
        ? []
        : [good('images', there.map(({ image, has }) => `${image} on ${listed(has)}`).join(', '))]),
      ...notes(unlisted, 'not listed', 'They may be there all the same: those nodes list only their largest images.'),
      ...notes(
        pulled,
        'to be pulled',
        'They come when a Pod first wants them, which takes time, and a registry that answers.',
      ),
    ),
    ...absent.filter((image) => !pulled.includes(image)).map(judgeMissing),
  ]);
}

function notes(images: readonly WantedImage[], name: string, meaning: string): Check[] {
  if (images.length === 0) return [];
  return [note(name, images.map(({ image, lacks }) => `${image} on ${listed(lacks)}`).join(', '), meaning)];
}

/** Of an image that this project builds, and that not every node has which wants it. */
function judgeMissing({ image, of, has, lacks }: WantedImage): Judged {
  const found = `${image} (${listed(of)}) is not on ${listed(lacks)}${has.length === 0 ? '' : `, but on ${listed(has)}`}`;
  return {
    checks: [
      warn(
        'image',
        found,
        'It is in no registry by itself: what wants it there is missing from a run (image-missing).',
      ),
    ],
    advice: [
      {
        change: `Load ${image} onto ${listed(lacks)}, or push it to a registry of yours and give --image-registry (docs/kubernetes.md says how)`,
        because: `${listed(lacks)} ${lacks.length === 1 ? 'lacks' : 'lack'} it, and no registry has it by itself`,
        gives: `${listed(of)} in a run, in the place of image-missing`,
      },
    ],
  };
}
