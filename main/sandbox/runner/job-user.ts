// The user that jobs run as, which is never the one that knows the runner's token when the runner is root.
import { access, chmod, constants, readFile, stat } from 'node:fs/promises';
import { UsageError } from './options.ts';

/** A user as a process needs it. */
export interface JobUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

const defaultUid = '1000';

/**
 * The user that jobs run as, `null` for the runner's own. Only root can be somebody else.
 * @param wanted name or number, `null` for the default: user 1000 when the runner is root
 */
export async function observeJobUser(wanted: string | null): Promise<JobUser | null> {
  if (process.getuid?.() !== 0) {
    if (wanted !== null) throw new UsageError('--job-user: only root can run jobs as another user');
    return null;
  }
  return resolveUser(wanted ?? defaultUid, await readFile('/etc/passwd', 'utf8'));
}

/** Finds a user by name or number; a number without an entry is a user and group of that number. */
export function resolveUser(wanted: string, passwd: string): JobUser {
  const entries = passwd.split('\n').map((line) => line.split(':'));
  const entry = entries.find(([name, , uid]) => name === wanted || uid === wanted);
  if (entry === undefined && !/^\d+$/.test(wanted)) throw new UsageError(`--job-user: no user "${wanted}"`);
  const [name = `user-${wanted}`, , uid = wanted, gid = wanted] = entry ?? [];
  const user = { name, uid: Number(uid), gid: Number(gid) };
  if (user.uid === 0) throw new UsageError('--job-user: jobs must not run as root, who may read the token');
  return user;
}

/** Closes the configuration file to everybody else, or throws `UsageError`: it holds the token. */
export async function applyPrivateMode(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return;
  try {
    await chmod(file, 0o600);
  } catch (error) {
    throw new UsageError(`${file} can be read by jobs and its mode cannot be changed: ${String(error)}`);
  }
}

export interface Shell {
  readonly name: 'bash' | 'sh';
  readonly path: string;
}

const shells = ['bash', 'sh'].flatMap((name) =>
  ['/usr/local/bin', '/usr/bin', '/bin'].map((folder) => ({ name, path: `${folder}/${name}` })),
);

/** bash where there is one, otherwise sh. Throws `UsageError` when there is neither. */
export async function detectShell(): Promise<Shell> {
  for (const { name, path } of shells) {
    if (await isExecutable(path)) return { name: name === 'bash' ? 'bash' : 'sh', path };
  }
  throw new UsageError('neither bash nor sh was found');
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
