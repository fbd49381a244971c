// Reads and creates bare repositories with git's plumbing.
import { mkdir } from 'node:fs/promises';
import { GitCommandError, runGit, tryGit } from './run-git.ts';

/** The id that stands for "no commit": a ref that is created or deleted. */
export const BLANK_SHA = '0'.repeat(40);

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export interface GitRef {
  /** `refs/heads/main`. */
  readonly name: string;
  /** The object the ref points at: a commit, or an annotated tag. */
  readonly objectId: string;
  /** The commit behind it. */
  readonly commitId: string;
  /** Of an annotated tag. */
  readonly message: string | null;
}

export interface GitCommit {
  readonly id: string;
  readonly parentIds: readonly string[];
  readonly title: string;
  readonly message: string;
  readonly authorName: string;
  readonly authorEmail: string;
  /** ISO 8601 with the author's offset. */
  readonly authoredDate: string;
  readonly committerName: string;
  readonly committerEmail: string;
  readonly committedDate: string;
}

export interface GitTreeEntry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly id: string;
  readonly path: string;
}

/** Makes an empty bare repository whose HEAD names `defaultBranch`. */
export async function createRepository(directory: string, defaultBranch: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await runGit(directory, ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`]);
}

/** Points HEAD, which clones check out, at a branch. */
export async function setDefaultBranch(directory: string, branch: string): Promise<void> {
  await runGit(directory, ['symbolic-ref', 'HEAD', `refs/heads/${branch}`]);
}

/** All refs below `prefix`, e.g. `refs/heads/`, in order of name. */
export async function listRefs(directory: string, prefix: string): Promise<readonly GitRef[]> {
  const format = '%(refname)%00%(objectname)%00%(*objectname)%00%(objecttype)%00%(contents)%01';
  const out = (await runGit(directory, ['for-each-ref', `--format=${format}`, prefix])).toString('utf8');
  return out.split('\u0001').flatMap((record) => {
    const [name, objectId, peeled, type, contents] = record.replace(/^\n/, '').split('\0');
    if (name === undefined || name === '' || objectId === undefined) return [];
    const message = type === 'tag' ? (contents ?? '').trimEnd() : null;
    return [{ name, objectId, commitId: peeled === undefined || peeled === '' ? objectId : peeled, message }];
  });
}

/** The commit that a branch, tag, full ref name or (short) sha names; `null` when there is none. */
export async function resolveCommit(directory: string, revision: string): Promise<string | null> {
  if (revision === '' || revision.startsWith('-')) return null;
  for (const candidate of [`refs/heads/${revision}`, `refs/tags/${revision}`, revision]) {
    const run = await tryGit(directory, ['rev-parse', '--verify', '--quiet', `${candidate}^{commit}`]);
    if (run.exitCode === 0) return run.stdout.toString('utf8').trim();
  }
  return null;
}

const COMMIT_FORMAT = '--format=%H%x00%P%x00%s%x00%B%x00%an%x00%ae%x00%aI%x00%cn%x00%ce%x00%cI%x01';

function parseCommits(text: string): GitCommit[] {
  return text.split('\u0001').flatMap((record) => {
    const [id, parents, title, message, authorName, authorEmail, authoredDate, committerName, ...rest] =
      record.replace(/^\n/, '').split('\0');
    const [committerEmail, committedDate] = rest;
    if (id === undefined || id === '' || committedDate === undefined) return [];
    return [
      {
        id,
        parentIds: (parents ?? '').split(' ').filter((parent) => parent !== ''),
        title: title ?? '',
        message: message ?? '',
        authorName: authorName ?? '',
        authorEmail: authorEmail ?? '',
        authoredDate: authoredDate ?? '',
        committerName: committerName ?? '',
        committerEmail: committerEmail ?? '',
        committedDate,
      },
    ];
  });
}

/** One commit by its full id; `null` when the repository does not have it. */
export async function readCommit(directory: string, commitId: string): Promise<GitCommit | null> {
  const run = await tryGit(directory, ['log', '-1', COMMIT_FORMAT, `${commitId}^{commit}`, '--']);
  return run.exitCode === 0 ? (parseCommits(run.stdout.toString('utf8'))[0] ?? null) : null;
}

export interface LogOptions {
  /** A revision or a range, `main`, `a..b`. */
  readonly range: string;
  readonly maxCount?: number;
  readonly skip?: number;
  readonly path?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Commits reachable from `range`, newest first. */
export async function listCommits(directory: string, options: LogOptions): Promise<readonly GitCommit[]> {
  const args = ['log', COMMIT_FORMAT];
  if (options.maxCount !== undefined) args.push(`--max-count=${options.maxCount}`);
  if (options.skip !== undefined) args.push(`--skip=${options.skip}`);
  if (options.since !== undefined) args.push(`--since=${options.since}`);
  if (options.until !== undefined) args.push(`--until=${options.until}`);
  args.push(options.range, '--');
  if (options.path !== undefined && options.path !== '') args.push(options.path);
  return parseCommits((await runGit(directory, args)).toString('utf8'));
}

/** How many commits are reachable from `range`. */
export async function countCommits(directory: string, range: string, path = ''): Promise<number> {
  const args = ['rev-list', '--count', range, '--', ...(path === '' ? [] : [path])];
  return Number((await runGit(directory, args)).toString('utf8'));
}

/** Entries of a commit's tree below `path` (a folder). Raises nothing for a folder that does not exist: empty. */
export async function listTree(
  directory: string,
  commitId: string,
  path = '',
  recursive = true,
): Promise<readonly GitTreeEntry[]> {
  const args = ['ls-tree', '-z', ...(recursive ? ['-r'] : []), '--end-of-options', commitId];
  const folder = path.replace(/\/+$/, '');
  const run = await tryGit(directory, folder === '' ? args : [...args, `${folder}/`]);
  if (run.exitCode !== 0) return [];
  return run.stdout
    .toString('utf8')
    .split('\0')
    .flatMap((line) => {
      const match = /^(\d+) (blob|tree|commit) ([0-9a-f]+)\t(.+)$/s.exec(line);
      const [, mode, type, id, entryPath] = match ?? [];
      if (mode === undefined || id === undefined || entryPath === undefined) return [];
      if (type !== 'blob' && type !== 'tree' && type !== 'commit') return [];
      return [{ mode, type, id, path: entryPath }];
    });
}

/** A file's content and blob id at a commit; `null` when there is no such file. */
export async function readFileAt(
  directory: string,
  commitId: string,
  path: string,
): Promise<{ readonly blobId: string; readonly mode: string; readonly content: Buffer } | null> {
  const run = await tryGit(directory, ['ls-tree', '-z', '--end-of-options', commitId, path]);
  const match = /^(\d+) blob ([0-9a-f]+)\t/.exec(run.stdout.toString('utf8'));
  const [, mode, blobId] = match ?? [];
  if (run.exitCode !== 0 || mode === undefined || blobId === undefined) return null;
  return { blobId, mode, content: await runGit(directory, ['cat-file', 'blob', blobId]) };
}

/** Paths that differ between two commits; `before` may be `BLANK_SHA`. */
export async function changedPaths(
  directory: string,
  before: string,
  after: string,
): Promise<readonly string[]> {
  const base = before === BLANK_SHA ? EMPTY_TREE : before;
  const run = await tryGit(directory, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', base, after]);
  if (run.exitCode !== 0) return [];
  return run.stdout
    .toString('utf8')
    .split('\0')
    .filter((path) => path !== '');
}

export interface CommitFiles {
  readonly added: readonly string[];
  readonly modified: readonly string[];
  readonly removed: readonly string[];
}

/** What one commit changed against its first parent. */
export async function filesOfCommit(directory: string, commitId: string): Promise<CommitFiles> {
  const run = await tryGit(directory, [
    ...['diff-tree', '--root', '-r', '-z', '--no-commit-id', '--name-status', '--no-renames'],
    commitId,
  ]);
  const files = { added: new Array<string>(), modified: new Array<string>(), removed: new Array<string>() };
  const parts = run.stdout.toString('utf8').split('\0');
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const path = parts[index + 1] ?? '';
    if (parts[index] === 'A') files.added.push(path);
    else if (parts[index] === 'D') files.removed.push(path);
    else files.modified.push(path);
  }
  return files;
}

/** Whether `ancestor` is reachable from `descendant`; `env` may name a push's quarantine. */
export async function isAncestor(
  directory: string,
  ancestor: string,
  descendant: string,
  env: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const args = ['merge-base', '--is-ancestor', ancestor, descendant];
  const run = await tryGit(directory, args, { env });
  if (run.exitCode > 1) throw new GitCommandError(args, run.exitCode, run.stderr);
  return run.exitCode === 0;
}

/** Moves or creates (`before` = `BLANK_SHA`) a ref, or deletes it (`after` = `BLANK_SHA`). Raises `GitCommandError` when it moved meanwhile. */
export async function updateRef(
  directory: string,
  ref: string,
  after: string,
  before?: string,
): Promise<void> {
  const expected = before === undefined ? [] : [before];
  const args =
    after === BLANK_SHA ? ['update-ref', '-d', ref, ...expected] : ['update-ref', ref, after, ...expected];
  await runGit(directory, args);
}
