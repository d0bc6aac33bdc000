import type { V1ConfigMap, V1Job, V1Secret } from '@kubernetes/client-node';
import { z } from 'zod';
import { AGENTS_KEY } from './agent-pod.js';
import { ORCHESTRATOR_CPUS } from './agent-seats.js';
import { cpuManagerSchema } from './cpu-manager.js';
import { NODE_ROLES } from './node-roles.js';
import { NETWORKS, SECURITY_LEVELS } from './manner.js';
import { CONTAINER_SECURITY, podSecurity } from './pod-security.js';
import { onNode } from './pod-spec.js';
import { metadataOf, RUN_LABEL, ROLE_OF_POD, type RunPlace } from './run-place.js';
import { secretVariable, tokenVariable, WATCH_TOKEN_VARIABLE } from './run-secret.js';
import { cpuQuantity } from './quantity.js';

/** What the orchestrator is told of the run that it is, as JSON in a file. */
export const insideSchema = z.strictObject({
  place: z.strictObject({
    namespace: z.string(),
    runId: z.string(),
    job: z.strictObject({ name: z.string(), uid: z.string() }),
    image: z.string(),
    nodes: z.partialRecord(z.enum(NODE_ROLES), z.string()),
    mocks: z.array(z.string()).min(1),
    orchestrator: z.string(),
    agents: z.array(z.strictObject({ node: z.string(), cpus: z.number().positive() })),
    deadlineSeconds: z.number(),
    controlSecret: z.string(),
  }),
  manner: z.strictObject({
    network: z.enum(NETWORKS),
    cpuLimit: z.boolean(),
    security: z.enum(SECURITY_LEVELS),
    watch: z.boolean(),
    imageRegistry: z.string().nullable(),
    ownImage: z.string().nullable(),
  }),
  facts: z.strictObject({
    version: z.string(),
    software: z.record(z.string(), z.string()),
    cpus: z.record(z.string(), z.number()),
    cpuManager: cpuManagerSchema,
    images: z.array(z.string()).nullable(),
  }),
});
export type Inside = z.infer<typeof insideSchema>;

/** The account by which the orchestrator works in its namespace; deploy/kubernetes/orchestrator.yaml. */
export const ACCOUNT = 'crabllm-bench';
/** Where the orchestrator finds what it is told. */
const TOLD = '/etc/crabllm-bench';
const INSIDE_FILE = 'inside.json';
const WORDS_FILE = 'words.json';
/** Where it finds the interrupted run that goes on, where one does. */
export const STORED = '/etc/crabllm-bench-stored';
/** Where it works, and where its result lies. */
export const WORK = '/bench-run';
/** Names the file of {@link Inside} to whoever runs inside. */
export const INSIDE_VARIABLE = 'CRABLLM_BENCH_INSIDE';
/** Names the file with the command line to whoever runs it. */
export const WORDS_VARIABLE = 'CRABLLM_BENCH_WORDS';
/** Tells the orchestrator its Pod's own address, where its agents find it. */
export const ADDRESS_VARIABLE = 'CRABLLM_BENCH_ADDRESS';
/** From which it has the token that its agents have to bring. */
export const AGENTS_TOKEN_VARIABLE = 'CRABLLM_BENCH_AGENTS_TOKEN';
/** The role of the Pod in which the orchestrator runs. */
export const ORCHESTRATOR = 'orchestrator';
/** The label that says which run a Job measures, by the id in its manifest: one that goes on has that of the run that was interrupted. */
export const MEASURES = 'crabllm-bench/measures';
/** The API server takes an object of 1 MiB, in which bytes are written by four characters for three. */
const PART_BYTES = 700 * 1024;
/** How long the cluster keeps a run that ended and was fetched by nobody. */
const KEPT_SECONDS = 3600;

/** A run as it is submitted. */
export interface Submitted {
  /** Of the kubeconfig's user, as far as it is known; for whoever sees the Job. */
  readonly inside: Omit<Inside, 'place'> & { readonly place: Omit<RunPlace, 'job'> };
  /** The command line behind the program's name. */
  readonly words: readonly string[];
  readonly token: string;
  /** Of the agents. */
  readonly agentsToken: string;
  /** For those who watch beside services: what they share their processes with could read it, so it opens nothing else. */
  readonly watchToken: string;
  /** The interrupted run that goes on; null: a new one. */
  readonly stored: StoredArchive | null;
}

/** An interrupted run on its way to the orchestrator. */
export interface StoredArchive {
  /** The id in its manifest. */
  readonly runId: string;
  /** Its manifest and its records, as an archive that was compressed. */
  readonly archive: Buffer;
}

/**
 * The Job that is the run. It is created suspended: what belongs to it needs its uid, and its Pod needs what belongs to it. It is never tried
 * again: a second orchestrator would measure a second run.
 */
export function runJob({ inside: { place, manner }, stored }: Submitted, name: string): V1Job {
  const labels = {
    'app.kubernetes.io/name': 'crabllm-bench',
    'app.kubernetes.io/managed-by': 'crabllm-bench',
    [RUN_LABEL]: place.runId,
    [ROLE_OF_POD]: ORCHESTRATOR,
    [MEASURES]: stored?.runId ?? place.runId,
  };
  const parts = storedParts(stored);
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: place.namespace, labels },
    spec: {
      suspend: true,
      backoffLimit: 0,
      activeDeadlineSeconds: place.deadlineSeconds,
      ttlSecondsAfterFinished: KEPT_SECONDS,
      template: {
        metadata: { labels },
        spec: {
          restartPolicy: 'Never',
          // To end a trial, to write what there is, and to have it fetched.
          terminationGracePeriodSeconds: 60,
          serviceAccountName: ACCOUNT,
          enableServiceLinks: false,
          ...onNode(place.orchestrator, manner.network),
          securityContext: podSecurity(null, manner.security),
          containers: [
            {
              name: ORCHESTRATOR,
              image: place.image,
              imagePullPolicy: 'IfNotPresent',
              args: ['cluster-job'],
              env: [
                { name: INSIDE_VARIABLE, value: `${TOLD}/${INSIDE_FILE}` },
                { name: WORDS_VARIABLE, value: `${TOLD}/${WORDS_FILE}` },
                { name: 'CRABLLM_BENCH_HOME', value: `${WORK}/home` },
                { name: ADDRESS_VARIABLE, valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
                tokenVariable(place.controlSecret),
                secretVariable(AGENTS_TOKEN_VARIABLE, place.controlSecret, AGENTS_KEY),
                secretVariable(WATCH_TOKEN_VARIABLE, place.controlSecret, 'watch'),
              ],
              // No limits: a quota on whoever makes the load would be found in every latency.
              resources: {
                requests: { cpu: place.agents.length === 0 ? '1' : cpuQuantity(ORCHESTRATOR_CPUS), memory: '512Mi' },
              },
              securityContext: CONTAINER_SECURITY,
              volumeMounts: [
                { name: 'told', mountPath: TOLD, readOnly: true },
                { name: 'work', mountPath: WORK },
                ...(parts.length === 0 ? [] : [{ name: 'stored', mountPath: STORED, readOnly: true }]),
              ],
            },
          ],
          volumes: [
            { name: 'told', configMap: { name } },
            { name: 'work', emptyDir: {} },
            ...(parts.length === 0
              ? []
              : [
                  {
                    name: 'stored',
                    projected: { sources: parts.map((_, nth) => ({ configMap: { name: partName(name, nth) } })) },
                  },
                ]),
          ],
        },
      },
    },
  };
}

/**
 * What belongs to the Job and is there before its Pod is: what the orchestrator is told, the interrupted run that goes on, and the token of the
 * mock.
 */
export function runBelongings(
  { inside, words, token, agentsToken, watchToken, stored }: Submitted,
  job: RunPlace['job'],
): { readonly configMaps: readonly V1ConfigMap[]; readonly secret: V1Secret } {
  const place: RunPlace = { ...inside.place, job };
  const told: Inside = {
    ...inside,
    facts: { ...inside.facts },
    place: { ...place, mocks: [...place.mocks], agents: [...place.agents] },
  };
  const parts = storedParts(stored).map(
    (part, nth): V1ConfigMap => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: metadataOf(partName(job.name, nth), place, {}),
      binaryData: { [`part-${String(nth).padStart(5, '0')}`]: part.toString('base64') },
    }),
  );
  return {
    configMaps: [
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: metadataOf(job.name, place, {}),
        data: { [INSIDE_FILE]: JSON.stringify(told), [WORDS_FILE]: JSON.stringify(words) },
      },
      ...parts,
    ],
    secret: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: metadataOf(place.controlSecret, place, {}),
      stringData: { token, [AGENTS_KEY]: agentsToken, watch: watchToken },
    },
  };
}

function storedParts(stored: StoredArchive | null): Buffer[] {
  const archive = stored?.archive ?? Buffer.alloc(0);
  return Array.from({ length: Math.ceil(archive.length / PART_BYTES) }, (_, nth) =>
    archive.subarray(nth * PART_BYTES, (nth + 1) * PART_BYTES),
  );
}

function partName(job: string, nth: number): string {
  return `${job}-stored-${nth}`;
}
