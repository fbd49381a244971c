// Proves what was fetched from a backup with the programs that would use it: git, SQLite, the store of secrets.
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { BackupProofs } from '../../backup-ports.ts';
import { AutoGitError, errorCode, messageOf } from '../../errors.ts';
import { folderThere, partOf } from './move-out.ts';
import { dumpFile, findRepositories } from './repositories.ts';
import type { ReadProjects } from './repositories.ts';
import { runGit } from './run-git.ts';

export interface ProofTools {
  readonly checkDatabase: (file: string) => readonly string[];
  /** Secrets of a home that is not in use. Rejects with why they cannot be opened. */
  readonly readSecrets: (
    home: string,
  ) => Promise<{ get(name: string): string | null; names(): readonly string[] }>;
  readonly readProjects: ReadProjects;
}

const secretsSchema = z.object({ gitlab_rails: z.record(z.string(), z.unknown()) });

/** What a sentence of git's is shortened to. */
const longestLine = 300;
/** What `pg_dump` writes at its end: https://www.postgresql.org/docs/current/app-pgdump.html */
const dumpEnd = '-- PostgreSQL database dump complete';

export function createBackupProofs({ checkDatabase, readSecrets, readProjects }: ProofTools): BackupProofs {
  return {
    repository: (at, kind, signal) => (kind === 'bare' ? fsck(at, signal) : tryBundle(at, signal)),
    database: async (file) => {
      if (!(await isFile(file))) return [`${path.basename(file)} is missing`];
      try {
        return checkDatabase(file);
      } catch (error) {
        return [messageOf(error)];
      }
    },
    homeSecrets: async (home) => {
      if (!(await isFile(path.join(home, 'secrets', 'key')))) return ['the key of the secrets is missing'];
      try {
        await readSecrets(home);
        return [];
      } catch (error) {
        return [messageOf(error)];
      }
    },
    gitlabSecrets: async (file) => {
      if (!(await isFile(file))) return ['gitlab-secrets.json is missing'];
      try {
        const { gitlab_rails: rails } = secretsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
        // https://docs.gitlab.com/administration/backup_restore/troubleshooting_backup_gitlab/#when-the-secrets-file-is-lost
        return rails['db_key_base'] === undefined ? ['the key of the database is not among them'] : [];
      } catch (error) {
        return [`they cannot be read: ${messageOf(error)}`];
      }
    },
    homeSecret: async (home, name) => {
      if (!(await isFile(path.join(home, 'secrets', 'key')))) return null;
      return readSecrets(home).then(
        (secrets) => secrets.get(name),
        () => null,
      );
    },
    repositories: (folder) => findRepositories(folder, readProjects),
    takeRepository,
    dump: async (folder) => {
      const file = await dumpFile(path.join(folder, 'gitlab', 'backup'));
      if (file === null) return { findings: ['there is no dump of the database'], how: 'none' };
      return { findings: await endOf(file), how: 'read' };
    },
  };
}

async function fsck(repository: string, signal: AbortSignal): Promise<readonly string[]> {
  const args = ['--git-dir', repository, 'fsck', '--connectivity-only', '--no-dangling', '--no-progress'];
  const { isDone, said } = await runGit(args, signal);
  return isDone ? [] : said.slice(0, 5).map((line) => line.slice(0, longestLine));
}

/** A bundle is proven by being used: cloned beside itself, in the scratch folder, and looked through there. */
async function tryBundle(bundle: string, signal: AbortSignal): Promise<readonly string[]> {
  const clone = `${bundle}.proof`;
  try {
    const { isDone, said } = await runGit(['clone', '--mirror', '--quiet', '--', bundle, clone], signal);
    return isDone ? await fsck(clone, signal) : said.slice(0, 5).map((line) => line.slice(0, longestLine));
  } finally {
    await rm(clone, { recursive: true, force: true });
  }
}

async function takeRepository(
  from: string,
  kind: 'bare' | 'bundle',
  to: string,
  signal: AbortSignal,
): Promise<void> {
  const part = partOf(to);
  if (await isThere(to)) {
    // By this very restore, before a kill.
    if (!(await isThere(part)) && (await hasSameRefs(from, to, signal))) return;
    throw folderThere(to);
  }
  await rm(part, { recursive: true, force: true });
  const local = kind === 'bare' ? ['--no-hardlinks'] : [];
  const cloned = await runGit(['clone', '--mirror', '--quiet', ...local, '--', from, part], signal);
  if (!cloned.isDone) {
    await rm(part, { recursive: true, force: true });
    throw new AutoGitError({
      key: 'backup.repository-unusable',
      message: `git cannot use the repository of this backup: ${cloned.said.at(-1)?.slice(0, longestLine) ?? 'it says nothing'}`,
      next: 'Choose another backup. Where git is missing, install it.',
      fields: { from },
    });
  }
  // Where it was cloned from is gone soon.
  await runGit(['--git-dir', part, 'config', '--remove-section', 'remote.origin'], signal);
  await rename(part, to);
}

async function hasSameRefs(from: string, to: string, signal: AbortSignal): Promise<boolean> {
  const ask = (repository: string): ReturnType<typeof runGit> =>
    runGit(['ls-remote', '--', repository], signal);
  const [first, second] = await Promise.all([ask(from), ask(to)]);
  return first.isDone && second.isDone && first.said.join('\n') === second.said.join('\n');
}

/** Whether a dump was written to its end. */
async function endOf(file: string): Promise<readonly string[]> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, 4096);
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.toString('utf8').includes(dumpEnd)
      ? []
      : ['the dump of the database was not written to its end'];
  } finally {
    await handle.close();
  }
}

async function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    (error: unknown) => errorCode(error) !== 'ENOENT',
  );
}
