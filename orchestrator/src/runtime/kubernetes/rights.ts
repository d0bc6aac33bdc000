import type { V1PolicyRule } from '@kubernetes/client-node';
import { BenchError } from '../../errors.js';
import { refusalOf } from './api-error.js';
import type { Cluster } from './cluster.js';
import { describedIn } from './deploy-files.js';

/** Something that an account may do, or not. */
interface Right {
  readonly verb: string;
  /** Empty: of the core. */
  readonly group: string;
  /** `pods`, or `pods/exec`. */
  readonly resource: string;
  /** Null: of the whole cluster. */
  readonly namespace: string | null;
}

/** A right that the cluster was asked about. */
export interface ReviewedRight extends Right {
  /** Null: the cluster does not say. */
  readonly allowed: boolean | null;
  /** In the cluster's own words; null: it gives none. */
  readonly reason: string | null;
}

/** What preparing a namespace takes that has no account for the orchestrator. */
export function preparingRights(namespace: string): Right[] {
  const rbac = 'rbac.authorization.k8s.io';
  return [
    { verb: 'create', group: '', resource: 'namespaces', namespace: null },
    { verb: 'create', group: rbac, resource: 'roles', namespace },
    { verb: 'create', group: rbac, resource: 'rolebindings', namespace },
    { verb: 'create', group: '', resource: 'serviceaccounts', namespace },
  ];
}

/** The rights that a file of deploy/kubernetes gives: those of its Roles in the namespace, those of its ClusterRoles in all of the cluster. */
export function rightsIn(file: string, namespace: string): Right[] {
  const of = (kind: string, within: string | null): Right[] =>
    (describedIn(file, kind) as { readonly rules: V1PolicyRule[] }[]).flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource, namespace: within }))),
        ),
      ),
    );
  return [...of('Role', namespace), ...of('ClusterRole', null)];
}

/**
 * Asks the cluster which of these rights whoever asks has (SelfSubjectAccessReview, which every account may create).
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export async function reviewRights(cluster: Cluster, rights: readonly Right[]): Promise<ReviewedRight[]> {
  return Promise.all(rights.map(async (right) => ({ ...right, ...(await review(cluster, right)) })));
}

async function review(
  cluster: Cluster,
  { verb, group, resource, namespace }: Right,
): Promise<Pick<ReviewedRight, 'allowed' | 'reason'>> {
  const [name, subresource] = resource.split('/');
  const resourceAttributes = {
    verb,
    group,
    ...(name === undefined ? {} : { resource: name }),
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === null ? {} : { namespace }),
  };
  const body = { spec: { resourceAttributes } };
  try {
    const { status } = await cluster.call('say what this account may do', async (options) =>
      cluster.authorization.createSelfSubjectAccessReview({ body }, options),
    );
    const reason = status?.reason ?? '';
    return { allowed: status?.allowed === true, reason: reason === '' ? null : reason };
  } catch (thrown) {
    if (thrown instanceof BenchError) throw thrown;
    return { allowed: null, reason: refusalOf(thrown)?.reason ?? 'its answer is not understood' };
  }
}

/** `create jobs`, `get pods/log`, for a person. */
export function rightText({ verb, resource, namespace }: Right): string {
  return `${verb} ${resource}${namespace === null ? ' (of the cluster)' : ''}`;
}
