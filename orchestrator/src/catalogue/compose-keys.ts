/**
 * What Compose knows and this program does not read, so that such a key is told from a misspelt one; with what to do instead.
 * Source: https://github.com/compose-spec/compose-spec/blob/main/schema/compose-spec.json
 */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['ports', 'Remove it: with network_mode: host the program listens where x-bench.port says.'],
  ['expose', 'Remove it: with network_mode: host the program listens where x-bench.port says.'],
  ['networks', 'Remove it: only network_mode: host is measured.'],
  ['deploy', 'Write the limits as cpus and mem_limit in the service.'],
  ['configs', 'Mount the file: volumes: ["./FILE:/PATH:ro"].'],
  ['secrets', 'Mount the file: volumes: ["./FILE:/PATH:ro"].'],
  ['extends', 'Use a YAML anchor: <<: *OTHER.'],
  ['include', 'Give both files, each with a --compose of its own.'],
  ['scale', 'Remove it: one container of each gateway is measured.'],
  ['volumes', 'Mount files of the host: volumes: ["./FILE:/PATH:ro"] in the service.'],
]);

const SERVICE = [
  'annotations attach blkio_config cap_add cgroup cgroup_parent configs cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period',
  'cpu_rt_runtime cpu_shares credential_spec deploy develop device_cgroup_rules devices dns dns_opt dns_search domainname expose',
  'extends external_links extra_hosts gpus group_add hostname ipc isolation label_file links logging mac_address mem_reservation',
  'mem_swappiness models networks oom_kill_disable oom_score_adj pid pids_limit platform ports post_start pre_start pre_stop',
  'privileged provider pull_policy runtime scale secrets shm_size stdin_open storage_opt sysctls tmpfs tty ulimits use_api_socket',
  'userns_mode uts volumes_from working_dir',
];
const BUILD = [
  'additional_contexts cache_from cache_to dockerfile_inline entitlements extra_hosts isolation labels no_cache no_cache_filter',
  'platforms privileged provenance pull sbom secrets shm_size ssh tags ulimits',
];
const TOP = ['configs include models networks secrets volumes'];

const KNOWN: readonly { readonly path: RegExp; readonly keys: ReadonlySet<string> }[] = [
  { path: /^$/, keys: words(TOP) },
  { path: /^services\.[^.]+$/, keys: words(SERVICE) },
  { path: /^services\.[^.]+\.build$/, keys: words(BUILD) },
  { path: /^services\.[^.]+\.volumes\.\d+$/, keys: words(['bind consistency image tmpfs volume']) },
];

/** What to do instead of a key that Compose knows and this program does not read; null when Compose does not know it either. */
export function insteadOf(path: readonly (string | number)[], key: string): string | null {
  const parent = path.join('.');
  if (!KNOWN.some(({ path: at, keys }) => at.test(parent) && keys.has(key))) return null;
  return INSTEAD.get(key) ?? 'Remove it: no two gateways could be compared if one had what the other has not.';
}

function words(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
