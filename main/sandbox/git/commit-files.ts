// Makes a commit from file actions without a work tree: what GitLab's commit and file APIs do.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGit } from './run-git.ts';

export type FileAction =
  | { readonly action: 'create' | 'update'; readonly path: string; readonly content: Buffer }
  | { readonly action: 'delete'; readonly path: string }
  | { readonly action: 'move'; readonly path: string; readonly from: string; readonly content: Buffer | null }
  | { readonly action: 'chmod'; readonly path: string; readonly executable: boolean };

export interface NewCommit {
  readonly message: string;
  readonly authorName: string;
  readonly authorEmail: string;
  readonly committerName: string;
  readonly committerEmail: string;
  /** The commit to build on; `null` for a branch without history. */
  readonly parent: string | null;
  readonly actions: readonly FileAction[];
}

/** The action does not fit the tree; the message is GitLab's. */
export class FileActionError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'FileActionError';
  }
}

/**
 * Writes the commit's objects and returns its id; no ref is moved.
 * Raises `FileActionError`, with the messages of Gitaly's user-commit-files.
 */
export async function writeCommit(directory: string, commit: NewCommit): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), 'autogit-index-'));
  const env = { GIT_INDEX_FILE: join(scratch, 'index') };
  try {
    if (commit.parent !== null) await runGit(directory, ['read-tree', commit.parent], { env });
    for (const action of commit.actions) await applyFileAction(directory, action, env);
    const tree = (await runGit(directory, ['write-tree'], { env })).toString('utf8').trim();
    const parent = commit.parent === null ? [] : ['-p', commit.parent];
    const out = await runGit(directory, ['commit-tree', tree, ...parent, '-F', '-'], {
      input: commit.message,
      env: {
        GIT_AUTHOR_NAME: commit.authorName,
        GIT_AUTHOR_EMAIL: commit.authorEmail,
        GIT_COMMITTER_NAME: commit.committerName,
        GIT_COMMITTER_EMAIL: commit.committerEmail,
      },
    });
    return out.toString('utf8').trim();
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Env = Readonly<Record<string, string>>;

async function applyFileAction(directory: string, action: FileAction, env: Env): Promise<void> {
  const path = cleanPath(action.path);
  const current = await indexEntry(directory, path, env);
  if (action.action === 'create') {
    if (current !== null) throw new FileActionError('A file with this name already exists');
    await stage(directory, '100644', await writeBlob(directory, action.content), path, env);
    return;
  }
  if (action.action === 'move') {
    const from = cleanPath(action.from);
    const source = await indexEntry(directory, from, env);
    if (source === null) throw new FileActionError("A file with this name doesn't exist");
    if (current !== null) throw new FileActionError('A file with this name already exists');
    const blob = action.content === null ? source.blobId : await writeBlob(directory, action.content);
    await unstage(directory, from, env);
    await stage(directory, source.mode, blob, path, env);
    return;
  }
  if (current === null) throw new FileActionError("A file with this name doesn't exist");
  if (action.action === 'delete') {
    await unstage(directory, path, env);
  } else if (action.action === 'chmod') {
    await stage(directory, action.executable ? '100755' : '100644', current.blobId, path, env);
  } else {
    await stage(directory, current.mode, await writeBlob(directory, action.content), path, env);
  }
}

/** The file as the commit has it so far: an action may build on one before it. */
async function indexEntry(
  directory: string,
  path: string,
  env: Env,
): Promise<{ readonly mode: string; readonly blobId: string } | null> {
  const out = await runGit(directory, ['ls-files', '--stage', '-z', '--', `:(literal)${path}`], { env });
  for (const line of out.toString('utf8').split('\0')) {
    const [, mode, blobId, name] = /^(\d+) ([0-9a-f]+) 0\t(.+)$/s.exec(line) ?? [];
    if (mode !== undefined && blobId !== undefined && name === path) return { mode, blobId };
  }
  return null;
}

async function writeBlob(directory: string, content: Buffer): Promise<string> {
  const out = await runGit(directory, ['hash-object', '-w', '--stdin'], { input: content });
  return out.toString('utf8').trim();
}

async function stage(directory: string, mode: string, blobId: string, path: string, env: Env): Promise<void> {
  await runGit(directory, ['update-index', '-z', '--index-info'], {
    input: `${mode} ${blobId}\t${path}\0`,
    env,
  });
}

/** Mode 0 removes an entry; `--force-remove` would want a work tree. */
async function unstage(directory: string, path: string, env: Env): Promise<void> {
  await stage(directory, '0', '0'.repeat(40), path, env);
}

function cleanPath(path: string): string {
  const clean = path.replace(/^\/+/, '');
  const parts = clean.split('/');
  if (clean === '' || parts.some((part) => part === '..' || part === '.' || part === '' || part === '.git')) {
    throw new FileActionError('Path cannot include directory traversal');
  }
  return clean;
}
