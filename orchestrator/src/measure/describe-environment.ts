/** Variables by which this machine may measure otherwise than another: of Node, of threads and allocators, of engines and proxies. */
const BEARING =
  /^(NODE_OPTIONS|NODE_ENV|NODE_USE_ENV_PROXY|NODE_EXTRA_CA_CERTS|NODE_DEBUG|UV_THREADPOOL_SIZE|TOKIO_WORKER_THREADS|GOMAXPROCS|GOGC|GOMEMLIMIT|OMP_NUM_THREADS|LD_PRELOAD|MALLOC_.*|DOCKER_HOST|DOCKER_CONTEXT|CRABLLM_BENCH_HOME|(https?|all|no)_proxy)$/i;

/**
 * What of this process's environment and command line bears on a measurement, for `run.json`. What is started sees none of it: programs
 * get PATH, HOME, LANG and what the compose file says. Log-in data within a URL are left out.
 */
export function describeEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  execArgv: readonly string[] = process.execArgv,
): Record<string, string> {
  const bearing = Object.entries(environment).flatMap(([name, value]): [string, string][] =>
    value === undefined || value === '' || !BEARING.test(name)
      ? []
      : [[name, value.replaceAll(/\/\/[^/@\s]*@/g, '//…@')]],
  );
  const argv: [string, string][] = execArgv.length === 0 ? [] : [['execArgv', execArgv.join(' ')]];
  return Object.fromEntries([...bearing.sort(([a], [b]) => a.localeCompare(b)), ...argv]);
}
