// Whether a GitLab that is there already can be used.
import { describe, expect, it } from 'vitest';
import { versionParts } from '../../../main/model/gitlab-version.ts';
import { isOnlyHere, judgeGitlab } from '../../../main/plan/judge-gitlab.ts';
import type { GitlabFacts } from '../../../main/plan/judge-gitlab.ts';

const day = 86_400_000;
const good: GitlabFacts = {
  ...{ url: 'https://gitlab.example.org', runnerUrl: null, version: '19.3.0', username: 'root', admin: true },
  ...{ scopes: ['api', 'admin_mode'], expiresAt: 400 * day, settings: 'read', hasCa: false, runnerWay: null },
  now: 100 * day,
};
const keys = (change: Partial<GitlabFacts>): readonly string[] =>
  judgeGitlab({ ...good, ...change }).map(({ key, severity }) => `${severity} ${key}`);

describe('a GitLab', () => {
  it('has nothing wrong with it', () => expect(keys({})).toEqual([]));

  it.each([
    [{ version: '15.10.8' }, ['error gitlab.too-old']],
    [{ version: '15.11.0-ee' }, ['info gitlab.version-untried']],
    [{ version: '20.0.0' }, ['info gitlab.version-untried']],
    [{ version: 'nightly' }, ['warning gitlab.version-unknown']],
    [{ admin: false }, ['error gitlab.not-admin']],
    [{ scopes: [] }, ['error gitlab.scope-missing']],
    [{ scopes: ['api', 'sudo'] }, ['info gitlab.scope-needless']],
    [{ settings: 'refused' as const }, ['error gitlab.admin-mode']],
    [{ settings: 'refused' as const, admin: false }, ['error gitlab.not-admin']],
    [{ expiresAt: 100 * day }, ['error gitlab.token-expired']],
    [{ expiresAt: 110 * day }, ['warning gitlab.token-ends-soon']],
    [{ expiresAt: null }, []],
    [{ url: 'http://gitlab.example.org' }, ['warning gitlab.no-tls']],
    [{ url: 'http://192.168.1.10:8080' }, ['info gitlab.no-tls']],
    [{ runnerWay: { problem: null, version: '19.3.0' }, runnerUrl: 'https://inner' }, []],
    [{ runnerWay: { problem: null, version: null }, runnerUrl: 'https://inner' }, []],
    [
      { runnerWay: { problem: null, version: '18.1.0' }, runnerUrl: 'https://inner' },
      ['error gitlab.runner-way'],
    ],
    [
      {
        runnerWay: { problem: { key: 'k', message: 'm', next: 'n' }, version: null },
        runnerUrl: 'https://inner',
      },
      ['warning gitlab.runner-way'],
    ],
  ])('with %j gives %j', (change, expected) => expect(keys(change)).toEqual(expected));

  it('names the worst first', () => {
    expect(keys({ url: 'http://gitlab.example.org', admin: false, version: '20.0.0' })).toEqual([
      ...['error gitlab.not-admin', 'warning gitlab.no-tls', 'info gitlab.version-untried'],
    ]);
  });
});

describe('addresses and versions', () => {
  it.each([
    'http://localhost',
    'http://127.9.0.1:80',
    'http://[::1]',
    'http://gitlab.localhost',
    'http://0.0.0.0',
  ])('%s is only of this machine', (url) => expect(isOnlyHere(url)).toBe(true));
  it.each(['http://192.168.1.10', 'https://gitlab.lab.home.arpa', 'http://[fd00::1]'])(
    '%s is of others, too',
    (url) => expect(isOnlyHere(url)).toBe(false),
  );

  it('are read with whatever stands behind them', () => {
    expect(versionParts('19.3.0-pre+abc')).toEqual([19, 3]);
    expect(versionParts('v16.10')).toEqual([16, 10]);
    expect(versionParts('')).toBeNull();
  });
});
