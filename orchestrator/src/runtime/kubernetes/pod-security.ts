import type { V1PodSecurityContext } from '@kubernetes/client-node';
import type { SecurityLevel } from './manner.js';

/** Whoever an image runs as where the level `restricted` allows no root: the user `node` of our own image. */
const PLAIN_USER = 1000;

/** What `restricted` wants of a container; it harms none that runs under `baseline`. */
export const CONTAINER_SECURITY = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

/**
 * What `restricted` wants of a Pod. The group is named too, since the watch may look at processes of its own user and group alone; what an image
 * gives to root's group, which is that of a user whom it does not know, stays readable by the supplementary one.
 * @param user `UID` or `UID:GID` as the compose file has it
 */
export function podSecurity(user: string | null, level: SecurityLevel): V1PodSecurityContext {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(user ?? '') ?? [];
  const asked = {
    ...(uid === undefined ? {} : { runAsUser: Number(uid) }),
    ...(gid === undefined ? {} : { runAsGroup: Number(gid) }),
  };
  const seccompProfile = { type: 'RuntimeDefault' };
  if (level === 'baseline') return { ...asked, seccompProfile };
  const plain = uid === undefined ? { runAsGroup: PLAIN_USER, supplementalGroups: [0] } : {};
  return { runAsNonRoot: true, runAsUser: PLAIN_USER, ...plain, ...asked, seccompProfile };
}
