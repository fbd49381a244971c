// Pushes a few files as the first commit of a repository, with the machine's own git.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { AutoGitError, errorCode, messageOf } from '../../errors.ts';
import type { Host } from '../../ports.ts';

const run = promisify(execFile);

type Push = Parameters<Host['pushRepository']>[0];

/** For everything together. Milliseconds. */
const timeLimitMs = 60_000;

/**
 * Makes a commit of `files` on branch `main` and pushes it over HTTP. The password is in no argument and in no
 * file. Rejects with `host.git-missing`, `host.git-failed`.
 */
export async function pushRepository(push: Push): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'autogit-push-'));
  try {
    const work = path.join(folder, 'work');
    await writeFiles(work, push.files);
    const signal = AbortSignal.timeout(timeLimitMs);
    const git = (...args: string[]): Promise<unknown> =>
      run('git', args, { cwd: work, env: gitEnvironment(push, folder), signal, maxBuffer: 16 * 1024 * 1024 });
    await git('init', '--quiet', '--initial-branch=main');
    await git('add', '--all', '--force');
    await git('commit', '--quiet', '--allow-empty', `--message=${push.message}`);
    await git('push', '--quiet', push.url, 'HEAD:refs/heads/main');
  } catch (error) {
    throw gitError(push, error);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeFiles(folder: string, files: Push['files']): Promise<void> {
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) {
    const file = path.resolve(folder, name);
    const inside = path.relative(folder, file);
    if (inside.startsWith('..') || path.isAbsolute(inside))
      throw new Error(`${name} lies outside the repository`);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

/** Nothing of the person's own configuration, no questions, and the credentials for this one server only. */
function gitEnvironment({ url, username, password }: Push, home: string): NodeJS.ProcessEnv {
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  const settings = {
    [`http.${new URL(url).origin}/.extraHeader`]: `Authorization: Basic ${credentials}`,
    'credential.helper': '',
    'user.name': 'AutoGit',
    'user.email': 'autogit@localhost',
  };
  // https://git-scm.com/docs/git-config#ENVIRONMENT
  const numbered = Object.entries(settings).flatMap(([key, value], index): [string, string][] => [
    [`GIT_CONFIG_KEY_${String(index)}`, key],
    [`GIT_CONFIG_VALUE_${String(index)}`, value],
  ]);
  return {
    ...Object.fromEntries(passedOn.map((name) => [name, process.env[name]])),
    ...Object.fromEntries(numbered),
    GIT_CONFIG_COUNT: String(Object.keys(settings).length),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    HOME: home,
    LC_ALL: 'C',
  };
}

/** What git needs of the machine to run and to reach a server. */
const passedOn = [
  ...['PATH', 'SystemRoot', 'TMPDIR', 'TEMP', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'GIT_SSL_CAINFO'],
  ...['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'no_proxy', 'NO_PROXY'],
];

function gitError({ url, password, username }: Push, error: unknown): AutoGitError {
  if (errorCode(error) === 'ENOENT') {
    return new AutoGitError({
      key: 'host.git-missing',
      message: 'AutoGit needs git to push the repository, and this machine has none.',
      next: 'Install git (on Debian and Ubuntu: `apt-get install git`), then try again.',
      cause: error,
    });
  }
  const timedOut = error instanceof Error && error.name === 'AbortError';
  const words = timedOut ? `it did not end within ${String(timeLimitMs / 1000)} seconds` : outputOf(error);
  const reason = [password, Buffer.from(`${username}:${password}`).toString('base64')]
    .filter((secret) => secret !== '')
    .reduce((text, secret) => text.replaceAll(secret, '[secret]'), words);
  return new AutoGitError({
    key: 'host.git-failed',
    message: `git could not push to ${url.replace(/\/\/[^@/]*@/, '//')}: ${reason}`,
    next: 'Check that GitLab is reachable at that address and that the project accepts pushes to `main`.',
    fields: { reason },
    retry: true,
  });
}

/** What git said, without the command line that Node puts before it. */
function outputOf(error: unknown): string {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  return said === '' ? messageOf(error) : said;
}
