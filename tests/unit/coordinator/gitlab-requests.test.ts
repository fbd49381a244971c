// Connecting a home with a GitLab that is there already.
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { connectExisting, plainUrl } from '../../../main/coordinator/gitlab-requests.ts';
import type { ConnectContext } from '../../../main/coordinator/gitlab-requests.ts';
import { gitlabRequests } from '../../../main/contract/requests/gitlab.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import type { Settings } from '../../../main/model/settings.ts';
import { memorySecrets } from '../../fakes/fake-context.ts';
import { FakeGitlabServer } from '../../fakes/fake-stack-gitlab.ts';

const url = 'https://gitlab.example.org';
const token = 'glpat-someones-own-token';
const now = Date.parse('2026-01-01T00:00:00Z');

let server: FakeGitlabServer;
let settings: Settings;
let secrets: ReturnType<typeof memorySecrets>;
let knocked: { readonly url: string; readonly port: number }[];
let doorStatus: number | null;
let asked: { readonly url: string; readonly ca: string | null; readonly token: string }[];

beforeEach(() => {
  server = new FakeGitlabServer();
  server.addToken(token, { scopes: ['api', 'admin_mode'], expiresAt: now + 300 * 86_400_000 });
  settings = settingsSchema.parse({});
  secrets = memorySecrets();
  asked = [];
  knocked = [];
  doorStatus = 401;
});

const context = (): ConnectContext => ({
  settings: {
    current: () => settings,
    edit: (edit, { dryRun }) => {
      const before = settings;
      const after = edit(before);
      if (!dryRun) settings = after;
      return Promise.resolve({ before, after });
    },
  },
  secrets,
  clock: { now: () => now },
  live: { until: () => Promise.resolve(null) },
  coordinator: { refresh: () => undefined, reconsider: () => undefined },
  connectGitlabAdmin: (address, given) => {
    asked.push({ url: address.url, ca: address.ca, token: given });
    return server.connect(address, given);
  },
  stack: {
    stackLook: {
      lookAtDoor: (address, { port }) => {
        knocked.push({ url: address, port });
        return Promise.resolve({
          ...{ url: address, status: doorStatus, location: null, cookies: [], body: '' },
          ...{ certificate: null, clockAheadMs: null },
        });
      },
    },
  },
  readCertificate: (file) => Promise.resolve(`PEM of ${file}`),
});
const connect = (input: Record<string, unknown>) =>
  connectExisting(gitlabRequests['gitlab.connect'].input.parse({ url, token, ...input }), context());

describe('a GitLab that is there already', () => {
  it('is served after it was looked at, and its token is kept', async () => {
    const answer = await connect({ url: `${url}/` });
    expect(answer).toMatchObject({ valid: true, found: { version: '19.3.0', admin: true, runnerUrl: url } });
    expect(settings.gitlab).toEqual({
      ...{ kind: 'server', url, runnerUrl: null, ca: null, trustInJobs: true, stack: null },
    });
    expect(secrets.get('gitlab.token')).toBe(token);
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it('is only told about with a dry run', async () => {
    const answer = await connect({ dryRun: true });
    expect(answer).toMatchObject({ dryRun: true, valid: true, found: { scopes: ['api', 'admin_mode'] } });
    expect(answer.changes.map(({ path }) => path)).toContain('gitlab.kind');
    expect(settings.gitlab.kind).toBe('none');
    expect(secrets.get('gitlab.token')).toBeNull();
  });

  it.each([
    ['gitlab.not-admin', () => (server.isAdmin = false)],
    ['gitlab.too-old', () => (server.version = '15.10.3')],
    ['gitlab.scope-missing', () => server.addToken(token, { scopes: ['read_api'], expiresAt: null })],
    ['gitlab.token-expired', () => server.addToken(token, { scopes: ['api'], expiresAt: now })],
  ])('is refused with %s, and nothing is changed; a dry run says it as a finding', async (key, damage) => {
    damage();
    await expect(connect({})).rejects.toMatchObject({ key });
    expect(settings.gitlab.kind).toBe('none');
    expect(secrets.get('gitlab.token')).toBeNull();
    const answer = await connect({ dryRun: true });
    expect(answer.valid).toBe(false);
    expect(answer.findings[0]).toMatchObject({ key, severity: 'error' });
  });

  it('is refused where Admin Mode keeps from the token what an administrator may do', async () => {
    server.addToken(token, { scopes: ['api'], expiresAt: null });
    server.faults.fail(
      'gitlab.settings',
      new AutoGitError({ key: 'gitlab.forbidden', message: 'no', next: '' }),
    );
    await expect(connect({})).rejects.toMatchObject({
      key: 'gitlab.admin-mode',
      message: expect.stringContaining('Admin Mode') as string,
    });
  });

  it('is refused where containers would look for it in themselves', async () => {
    await expect(connect({ url: 'http://127.0.0.1:8080' })).rejects.toMatchObject({
      key: 'gitlab.runner-way',
    });
    await expect(connect({ runnerUrl: 'http://localhost' })).rejects.toMatchObject({
      key: 'gitlab.runner-way',
    });
    await connect({ url: 'http://127.0.0.1:8080', runnerUrl: 'http://192.168.1.10:8080' });
    expect(settings.gitlab).toMatchObject({ runnerUrl: 'http://192.168.1.10:8080' });
  });

  it('takes no other place without a clear word', async () => {
    settings = settingsSchema.parse({ gitlab: { kind: 'sandbox' } });
    await expect(connect({})).rejects.toMatchObject({ key: 'gitlab.home-in-use' });
    expect(asked).toEqual([]);
    await connect({ replace: true });
    await expect(connect({ url: 'https://other.example.org' })).rejects.toMatchObject({
      key: 'gitlab.home-in-use',
      message: expect.stringContaining(url) as string,
    });
  });

  it('is connected again with the token of this home, which no other GitLab gets', async () => {
    await connect({ ca: '/etc/ssl/root.crt' });
    await connect({ token: undefined });
    expect(asked.at(-1)).toEqual({ url, ca: 'PEM of /etc/ssl/root.crt', token });
    const elsewhere = connect({ token: undefined, url: 'https://evil.example.org', replace: true });
    await expect(elsewhere).rejects.toMatchObject({ key: 'gitlab.token-missing' });
    expect(asked.every((one) => one.url === url)).toBe(true);
  });
});

describe("the runners' address", () => {
  const elsewhere = 'http://10.0.0.9:8080';
  const without = `${elsewhere}/api/v4/version`;

  it('of another origin is asked without the token that is kept, and without one that is given', async () => {
    await connect({});
    asked = [];
    await connect({ token: undefined, runnerUrl: elsewhere });
    await connect({ runnerUrl: elsewhere });
    expect(asked.every((one) => one.url === url)).toBe(true);
    expect(knocked).toEqual([
      { url: without, port: 8080 },
      { url: without, port: 8080 },
    ]);
  });

  it.each([
    [true, 'https://gitlab.example.org:8443', true],
    [false, 'https://gitlab.example.org:8443', false],
    [true, 'http://gitlab.example.org', false],
    [false, `${url}/inner`, true],
  ])('with a token that was just given (%s) at %s gets it: %s', async (isGiven, runnerUrl, gets) => {
    await connect({});
    asked = [];
    await connect({ runnerUrl, ...(isGiven ? {} : { token: undefined }) });
    expect(asked.some((one) => one.url === runnerUrl)).toBe(gets);
    expect(knocked).toHaveLength(gets ? 0 : 1);
  });

  it.each([
    [null, 'nothing answers'],
    [404, 'says 404'],
  ])('where %s answers is a finding', async (status, words) => {
    doorStatus = status;
    const { findings } = await connect({ runnerUrl: elsewhere, dryRun: true });
    expect(findings).toMatchObject([
      { key: 'gitlab.runner-way', message: expect.stringContaining(words) as string },
    ]);
  });
});

describe('an address', () => {
  it('has no slash at the end, and stays the same when that is asked again', () => {
    fc.assert(
      fc.property(fc.webUrl(), (text) => {
        const plain = plainUrl(text);
        expect(plain).not.toMatch(/\/$/);
        expect(plainUrl(plain)).toBe(plain);
      }),
    );
  });

  it('of loopback is known however it is written', async () => {
    await expect(connect({ url: 'http://127.1:8080' })).rejects.toMatchObject({ key: 'gitlab.runner-way' });
    await expect(connect({ url: 'http://2130706433' })).rejects.toMatchObject({ key: 'gitlab.runner-way' });
  });
});
