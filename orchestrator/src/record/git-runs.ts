import { execFileSync } from 'node:child_process';
import { posix } from 'node:path';
import { messageOf, usageError } from '../errors.js';
import { MANIFEST, parseRun, type StoredRun, TRIALS } from './run-directory.js';

/** A branch as the place of runs: `git:BRANCH`, or only what lies below a folder of it. */
export interface GitPlace {
  readonly branch: string;
  /** Within the repository, without a slash at either end; empty: all of it. */
  readonly path: string;
}

/** A run that a commit brought, read when it is wanted. */
export interface GitRun {
  /** `git:runs@1a2b3c4d5e6f:nightly/results`, for a person. */
  readonly directory: string;
  /** What the run measured, as the commit's message says; null where it does not. */
  readonly commit: string | null;
  /** @throws BenchError `run-damaged` */
  readonly read: () => StoredRun;
}

/** Of one file, and of what git prints at once. */
const MOST_BYTES = 1 << 30;
/** A line of a commit's message by which a branch of runs says what each run measured (a trailer, as git-interpret-trailers has them). */
const MEASURED = /^Measured-commit:\s*([0-9a-f]{7,64})\s*$/im;

/**
 * What a word names of a branch; null for a word that is a path. A folder of such a name is `./git:…`.
 * @throws BenchError `bad-value` for `git:` without a branch
 */
export function gitPlaceOf(word: string): GitPlace | null {
  if (!word.startsWith('git:')) return null;
  const [, branch = '', ...path] = word.split(':');
  if (branch === '' || branch.startsWith('-'))
    throw usageError('bad-value', `${JSON.stringify(word)} names no branch.`, 'Write git:BRANCH or git:BRANCH:FOLDER.');
  return { branch, path: posix.normalize(`/${path.join(':')}`).replaceAll(/^\/|\/$/g, '') };
}

/**
 * The runs that the commits of a branch brought or changed, oldest first: a commit may hold one run in the place of the one before, or beside
 * all earlier ones. Merges count as what they changed on the branch itself. Only plumbing of git is asked, without a shell, and no work tree
 * is touched.
 * @param repository a directory in it
 * @throws BenchError `git-unreadable`, `run-missing` where no commit brought a run
 */
export function runsOfBranch({ branch, path }: GitPlace, repository = '.'): GitRun[] {
  const git = (...words: string[]): string => run(repository, words);
  const tip = git('rev-parse', '--verify', '--quiet', '--end-of-options', `${branch}^{commit}`).trim();
  const below = path === '' ? [] : ['--', path];
  const commits = git('rev-list', '--first-parent', '--reverse', '--parents', tip, ...below).split('\n');
  const seen = new Set<string>();
  const runs = commits.flatMap((line): GitRun[] => {
    const [commit = '', parent] = line.split(' ');
    if (commit === '') return [];
    const sides = parent === undefined ? ['--root', commit] : [parent, commit];
    const changed = git('diff-tree', '-r', '-z', '--name-only', '--no-commit-id', '--no-renames', ...sides, ...below);
    const folders = new Set(
      changed
        .split('\0')
        .filter((name) => [MANIFEST, TRIALS].includes(posix.basename(name)))
        .map((name) => posix.dirname(name)),
    );
    return [...folders].toSorted().flatMap((folder) => {
      const blobs = blobsOf(git, commit, folder);
      const key = `${blobs.get(MANIFEST)} ${blobs.get(TRIALS)}`;
      const manifest = blobs.get(MANIFEST);
      if (manifest === undefined || seen.has(key)) return [];
      seen.add(key);
      return gitRun(git, { branch, commit, folder, manifest, trials: blobs.get(TRIALS) });
    });
  });
  if (runs.length > 0) return runs;
  throw usageError(
    'run-missing',
    `git:${branch}${path === '' ? '' : `:${path}`} holds no run: no commit of it has brought a ${MANIFEST}.`,
    'Name a branch on which run directories are committed, and the folder that they are in.',
  );
}

/**
 * Where a repository is looked at by people, from its remote `origin`: `https://github.com/owner/name`; null where it has none.
 * Log-in data within it are left out.
 */
export function webAddressOf(repository = '.'): string | null {
  try {
    return webAddress(run(repository, ['config', '--get', 'remote.origin.url']).trim());
  } catch {
    return null;
  }
}

/** @internal exported for tests */
export function webAddress(remote: string): string | null {
  const [, host, path] =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:@]+)(?::\d+)?\/(.+?)(?:\.git)?\/?$/.exec(remote) ??
    /^(?:[^/@:]+@)?([^/:@]+):(?!\/)(.+?)(?:\.git)?\/?$/.exec(remote) ??
    [];
  if (host === undefined || path === undefined || !/^[\w.-]+$/.test(host) || !/^[\w./~-]+$/.test(path)) return null;
  return `https://${host}/${path}`;
}

interface Brought {
  readonly branch: string;
  readonly commit: string;
  readonly folder: string;
  readonly manifest: string;
  readonly trials: string | undefined;
}

type Git = (...words: string[]) => string;

function gitRun(git: Git, { branch, commit, folder, manifest, trials }: Brought): GitRun {
  const directory = `git:${branch}@${commit.slice(0, 12)}${folder === '.' ? '' : `:${folder}`}`;
  return {
    directory,
    commit: MEASURED.exec(git('cat-file', 'commit', commit))?.[1] ?? null,
    read: () =>
      parseRun(
        directory,
        git('cat-file', 'blob', manifest),
        trials === undefined ? '' : git('cat-file', 'blob', trials),
      ),
  };
}

function blobsOf(git: Git, commit: string, folder: string): Map<string, string> {
  const at = folder === '.' ? '' : `${folder}/`;
  const listed = git('ls-tree', '-z', '--full-tree', commit, '--', `${at}${MANIFEST}`, `${at}${TRIALS}`);
  return new Map(
    listed.split('\0').flatMap((line): [string, string][] => {
      const [, kind = '', id = '', name = ''] = /^\d+ (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      return kind === 'blob' ? [[posix.basename(name), id]] : [];
    }),
  );
}

function run(repository: string, words: readonly string[]): string {
  try {
    return execFileSync('git', ['--no-pager', '--literal-pathspecs', '-C', repository, ...words], {
      encoding: 'utf8',
      maxBuffer: MOST_BYTES,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0', GIT_TERMINAL_PROMPT: '0' },
    });
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim().split('\n', 1)[0] : '';
    const asked = words.at(-1)?.replace('^{commit}', '') ?? '';
    const why =
      said !== '' && said !== undefined ? said : words[0] === 'rev-parse' ? `there is no ${asked}` : messageOf(cause);
    throw usageError(
      'git-unreadable',
      `The runs of the branch cannot be read: ${why}.`,
      'Give a branch of the repository that you are in; on a hosted runner fetch it whole first (fetch-depth: 0).',
    );
  }
}
