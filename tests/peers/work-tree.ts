// A work tree of the test's own, from which real git pushes to the sandbox.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface WorkTree {
  /** Rejects with what git said. Gives its standard output without blanks around it. */
  git(...args: readonly string[]): Promise<string>;
  /** Commits files in addition to what is there and gives the commit's id. */
  commit(files: Readonly<Record<string, string>>, message?: string): Promise<string>;
}

/** An empty repository on branch `main`, with the remote `origin`. */
export async function createWorkTree(folder: string, remote: string): Promise<WorkTree> {
  await mkdir(folder, { recursive: true });
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C',
    ...{ GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' },
    ...{ GIT_COMMITTER_NAME: 'Ada', GIT_COMMITTER_EMAIL: 'ada@example.com' },
  };
  const git: WorkTree['git'] = async (...args) =>
    (await run('git', [...args], { cwd: folder, env })).stdout.trim();
  await git('init', '--quiet', '--initial-branch=main');
  await git('remote', 'add', 'origin', remote);
  return {
    git,
    commit: async (files, message = 'Change') => {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), content);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', `--message=${message}`);
      return git('rev-parse', 'HEAD');
    },
  };
}
