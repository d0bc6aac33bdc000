/** How Pods are reached: by their own address, by the node's, or through a Service (a hop that `direct` then goes, too). */
export const NETWORKS = ['pod', 'host', 'service'] as const;
export type Network = (typeof NETWORKS)[number];

/** Under which level of Pod Security they are to be admitted; `baseline` leaves each image the user that it names. */
export const SECURITY_LEVELS = ['restricted', 'baseline'] as const;
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

/** How services become Pods, the same for all of a run. */
export interface PodManner {
  readonly network: Network;
  /** False: no CPU quota, which can throttle a container that uses a fifth of its share. */
  readonly cpuLimit: boolean;
  readonly security: SecurityLevel;
  /** Whether a container beside each service reads what that uses. */
  readonly watch: boolean;
  /** Stands before the names of images that are in no registry; null: they are on the nodes. */
  readonly imageRegistry: string | null;
  /** In the place of this project's own image, that of the mock and of the orchestrator; null: as the compose file names it. */
  readonly ownImage: string | null;
}
