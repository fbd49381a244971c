// Pushing with the machine's git: what arrives, what is told, and where the password is not.
import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { pushRepository } from '../../../../main/adapters/host/git-push.ts';
import { startGitServer } from './git-server.ts';
import { temporaryFolder } from './temporary.ts';

const credentials = { username: 'root', password: 'glpat-0123456789abcdef' };
const files = {
  'README.md': '# hi\n',
  '.gitlab-ci.yml': 'job: {script: echo}\n',
  'src/ü b.txt': 'x',
  '.gitignore': '*\n',
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('pushRepository', () => {
  it('makes one commit of all files on main', async () => {
    const server = await startGitServer(temporaryFolder(), credentials.username, credentials.password);
    await pushRepository({ ...server, ...credentials, files, message: 'First "commit"' });
    const git = (...args: string[]): string =>
      execFileSync('git', ['-C', server.repository, ...args])
        .toString()
        .trim();
    expect(git('log', '--format=%s|%an', 'main')).toBe('First "commit"|AutoGit');
    expect(
      git('-c', 'core.quotePath=false', 'ls-tree', '-r', '--name-only', 'main').split('\n').toSorted(),
    ).toEqual(Object.keys(files).toSorted());
    expect(git('show', 'main:.gitlab-ci.yml')).toBe(files['.gitlab-ci.yml'].trim());
  });

  it('asks nobody and reads nothing of the person, and leaves nothing behind', async () => {
    const home = temporaryFolder();
    writeFileSync(
      path.join(home, '.gitconfig'),
      '[user]\n\tname = Somebody\n[push]\n\tdefault = broken-value\n',
    );
    const server = await startGitServer(temporaryFolder(), credentials.username, credentials.password);
    vi.stubEnv('HOME', home);
    vi.stubEnv('GIT_DIR', '/nonexistent');
    vi.stubEnv('TMPDIR', temporaryFolder());
    await pushRepository({ ...server, ...credentials, files, message: 'm' });
    expect(readdirSync(process.env.TMPDIR ?? '')).toEqual([]);
  });

  it('tells what git said when it is refused, without the password', async () => {
    const server = await startGitServer(temporaryFolder(), credentials.username, 'another password');
    const url = server.url.replace('//', `//someone:${credentials.password}@`);
    const error: unknown = await pushRepository({ ...credentials, url, files, message: 'm' }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ key: 'host.git-failed' });
    expect(JSON.stringify([error, String(error)])).not.toContain(credentials.password);
    await expect(
      pushRepository({ ...credentials, url: 'http://127.0.0.1:1/x.git', files, message: 'm' }),
    ).rejects.toMatchObject({
      key: 'host.git-failed',
      message: expect.stringMatching(/127\.0\.0\.1.*connect/i) as unknown,
    });
  });

  it('keeps the password out of every argument and file', async () => {
    const spy = temporaryFolder();
    const witness = path.join(spy, 'witness');
    writeFileSync(
      path.join(spy, 'git'),
      `#!/bin/sh\nprintf '%s\\n' "$@" >> ${witness}\nexport PATH="\${PATH#*:}"\ngit "$@" || exit\ngrep -rs . .git/config >> ${witness}\nexit 0\n`,
    );
    chmodSync(path.join(spy, 'git'), 0o755);
    const server = await startGitServer(temporaryFolder(), credentials.username, credentials.password);
    vi.stubEnv('PATH', `${spy}:${process.env.PATH ?? ''}`);
    await pushRepository({ ...server, ...credentials, files, message: 'm' });
    const seen = readFileSync(witness, 'utf8');
    expect(seen).toContain('push');
    expect(seen).not.toContain(credentials.password);
    expect(seen).not.toContain(Buffer.from(`root:${credentials.password}`).toString('base64'));
  });

  it('refuses files outside of the repository, and a machine without git', async () => {
    const push = { ...credentials, url: 'http://127.0.0.1:1/x.git', message: 'm' };
    await expect(pushRepository({ ...push, files: { '../evil': '' } })).rejects.toMatchObject({
      key: 'host.git-failed',
    });
    vi.stubEnv('PATH', temporaryFolder());
    await expect(pushRepository({ ...push, files })).rejects.toMatchObject({ key: 'host.git-missing' });
  });
});
