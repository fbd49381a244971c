// Trying to sign in without a person: the sandbox as GitLab, a provider of the tests, and what stands between them.
import { afterEach, describe, expect, it } from 'vitest';
import type { SignInWeb, WebAnswer } from '../../../../main/access-ports.ts';
import { createSsoDesk } from '../../../../main/coordinator/stack/sso-desk.ts';
import type { SsoDesk } from '../../../../main/coordinator/stack/sso-desk.ts';
import { stackSecret } from '../../../../main/apply/stack/context.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { createApp } from '../../../../main/sandbox/app.ts';
import { createContext } from '../../../../main/sandbox/create-context.ts';
import { readOmniauth } from '../../../../main/sandbox/sign-in/omniauth-settings.ts';
import { openStore } from '../../../../main/sandbox/store.ts';
import { renderStack } from '../../../../main/templates/render-stack.ts';
import { openFakeProvider } from '../../../fakes/fake-provider.ts';
import type { FakeProvider } from '../../../fakes/fake-provider.ts';
import { FakeClock } from '../../../fakes/fake-clock.ts';
import { FakeStackFolder } from '../../../fakes/fake-stack-folder.ts';
import { FakeStackJournal } from '../../../fakes/fake-stack-journal.ts';
import { silentLog } from '../../../fakes/silent-log.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../../fakes/stack-templates.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const templates = bundledTemplates();
const answers = someAnswers({ sso: 'authelia' });
const portal = 'https://auth.lab.home.arpa';
const gitlabUrl = 'https://gitlab.lab.home.arpa';
const traefikUrl = 'https://traefik.lab.home.arpa';
const redirectUri = `${gitlabUrl}/users/auth/openid_connect/callback`;

interface World {
  readonly desk: SsoDesk;
  readonly journal: FakeStackJournal;
  readonly clock: FakeClock;
  readonly asked: string[];
  /** What a test changes as it goes. */
  readonly set: {
    clientId: string;
    secret: string;
    canReach: boolean;
    exec: { code: number; stdout: string; stderr: string };
    traefik: (headers: Readonly<Record<string, string>>) => string | null;
    /** As of Traefik while GitLab starts. */
    isStarting: boolean;
    /** Nobody answers. */
    isSilent: boolean;
    problem: AutoGitError | null;
  };
  /** Fires when a run begins. */
  readonly giveWay: AbortController;
  readonly changes: () => number;
  readonly renders: () => number;
  close(): void;
}

let world: World;
afterEach(() => world.close());

async function open(isOn = true): Promise<World> {
  const provider = await openFakeProvider({ issuer: portal, redirectUri });
  const set: World['set'] = {
    ...{ clientId: 'gitlab', secret: provider.clientSecret, canReach: true },
    exec: { code: 0, stdout: '', stderr: '' },
    traefik: () => `${portal}/?rd=${encodeURIComponent(`${traefikUrl}/`)}&rm=GET`,
    ...{ isStarting: false, isSilent: false, problem: null },
  };
  const giveWay = new AbortController();
  const stateDir = mkdtempSync(join(tmpdir(), 'autogit-sso-desk-'));
  const store = openStore(stateDir);
  const asked: string[] = [];
  const app = (): ReturnType<typeof createApp> => {
    const openId = isOn ? { settings: settingsFor(provider, set.clientId), fetch: reach } : undefined;
    return createApp(
      createContext({
        ...{ store, now: () => new Date(), longPollSeconds: 0, log: () => undefined, openId },
        compile: () => ({ kind: 'none', reason: 'nothing was given' }),
      }),
    );
  };
  const reach: typeof fetch = (...given) =>
    set.canReach
      ? provider.fetch(...given)
      : Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND auth') }));
  let gitlab = app();
  let clientId = set.clientId;
  const web: SignInWeb = {
    resolve: async () => ['192.168.1.10'],
    ask: async (url, { headers = {}, form, signal }) => {
      asked.push(url);
      if (set.isSilent)
        return new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(new Error('cut off'))),
        );
      if (set.isStarting && url.startsWith(gitlabUrl))
        return { status: 502, location: null, cookies: [], text: '' };
      const init =
        form === undefined ? { headers } : { method: 'POST', headers, body: new URLSearchParams(form) };
      if (url.startsWith(portal)) return answerOf(await provider.app.request(url, init), url);
      if (url.startsWith(traefikUrl))
        return { status: 302, location: set.traefik(headers), cookies: [], text: '' };
      if (clientId !== set.clientId) gitlab = app();
      clientId = set.clientId;
      const shown = { ...headers, host: new URL(url).host, 'x-forwarded-proto': 'https' };
      return answerOf(await gitlab.request(url, { ...init, headers: shown }), url);
    },
  };
  const journal = new FakeStackJournal();
  const clock = new FakeClock();
  let changes = 0;
  let renders = 0;
  const desk = createSsoDesk({
    ...{
      web,
      journal,
      clock,
      log: silentLog,
      folder: new FakeStackFolder(),
      engine: () => 'unix:///engine.sock',
    },
    compose: { exec: async () => set.exec },
    runs: { aside: async (work) => work(giveWay.signal) },
    secrets: { get: (name) => (name === stackSecret('lab', 'authelia-gitlab-secret') ? set.secret : null) },
    readText: async () => '',
    render: async (given) => {
      renders += 1;
      if (set.problem !== null) throw set.problem;
      return renderStack({ answers: given, templates, facts: someFacts() });
    },
    onChange: () => {
      changes += 1;
    },
  });
  const close = (): void => {
    store.close();
    rmSync(stateDir, { recursive: true, force: true });
  };
  return {
    ...{ desk, journal, clock, asked, set, giveWay, close },
    changes: () => changes,
    renders: () => renders,
  };
}

function settingsFor({ issuer, clientSecret }: FakeProvider, identifier: string) {
  const settings = readOmniauth({
    omniauth_providers: [
      {
        ...{ name: 'openid_connect', label: 'Authelia' },
        args: {
          ...{ name: 'openid_connect', issuer, discovery: true, response_type: 'code', pkce: true },
          scope: ['openid', 'profile', 'email', 'groups'],
          client_options: { identifier, secret: clientSecret, redirect_uri: redirectUri },
        },
      },
    ],
  });
  if (settings === null) throw new Error('nobody signs in');
  return settings;
}

async function answerOf(answer: Response, url: string): Promise<WebAnswer> {
  const location = answer.headers.get('location');
  return {
    ...{ status: answer.status, cookies: answer.headers.getSetCookie(), text: await answer.text() },
    location: location === null ? null : new URL(location, url).href,
  };
}

/** What is wrong, by the last words of the keys, and what is said of it. */
async function wrongIn(client?: string): Promise<readonly [string, string][]> {
  const tests = await world.desk.test(answers, client);
  const steps = tests.flatMap((one) => one.steps.filter(({ state }) => state !== 'good'));
  return steps.map(({ key, message }) => [key.replace('sso.', ''), message]);
}

function stands(): void {
  world.journal.setStanding({
    answers,
    isUp: true,
    isKept: false,
    services: { gitlab: 'a', traefik: 'b', authelia: 'c' },
  });
}

describe('a try to sign in', () => {
  it('goes through GitLab, its provider and the pages behind Traefik', async () => {
    world = await open();
    expect(await wrongIn()).toEqual([]);
    expect(world.desk.kept('lab').map(({ client, good }) => [client, good])).toEqual([
      ['gitlab', true],
      ['traefik', true],
    ]);
    expect(world.desk.kept('other')).toEqual([]);
  });

  it('finds a GitLab that has not read its settings', async () => {
    world = await open(false);
    const [[key, message] = ['', '']] = await wrongIn('gitlab');
    expect([key, message]).toEqual(['gitlab-page', expect.stringContaining('no button')]);
  });

  it('finds a GitLab that calls itself otherwise', async () => {
    world = await open();
    world.set.clientId = 'other';
    const wrong = await wrongIn('gitlab');
    expect(wrong).toContainEqual(['gitlab-begin', expect.stringContaining('calls itself "other"')]);
  });

  it.each([
    [6, 'nobody knows the name auth.lab.home.arpa'],
    [60, "does not trust the provider's certificate"],
    [7, 'does not reach the provider'],
  ])('says why GitLab cannot ask the provider: curl ends with %i', async (code, words) => {
    world = await open();
    Object.assign(world.set, { canReach: false, exec: { code, stdout: '', stderr: 'curl: no' } });
    const wrong = await wrongIn('gitlab');
    expect(wrong.map(([key]) => key)).toEqual(['gitlab-begin', 'gitlab-reach']);
    expect(wrong[0]?.[1]).toContain('ENOTFOUND');
    expect(wrong[1]?.[1]).toContain(words);
  });

  it.each([
    ['another host', () => 'https://evil.example/', 'led to https://evil.example'],
    ['nowhere', () => null, 'an answer of the page itself'],
    ['another page afterwards', () => `${portal}/?rd=https://evil.example/`, 'After signing in'],
  ])('finds a page behind Traefik that leads to %s', async (_, to, words) => {
    world = await open();
    world.set.traefik = to;
    expect((await wrongIn('traefik'))[0]).toEqual(['forward', expect.stringContaining(words)]);
  });

  it('finds a page that believes made-up headers', async () => {
    world = await open();
    world.set.traefik = (headers) => (headers['remote-user'] === undefined ? `${portal}/` : null);
    expect((await wrongIn('traefik')).map(([key]) => key)).toEqual(['forward-forged']);
  });
});

describe('trying by itself', () => {
  it('happens once for each change, and becomes an issue until it works', async () => {
    world = await open();
    await world.desk.look();
    expect(world.asked).toEqual([]);
    stands();
    world.set.secret = 'other';
    await world.desk.look();
    expect(world.desk.issues()).toMatchObject([{ key: 'sso.client-failing', subject: 'gitlab' }]);
    expect(world.changes()).toBe(1);
    const count = world.asked.length;
    await world.desk.look();
    expect(world.asked.length).toBe(count);
    world.journal.setStanding({ answers, isUp: true, isKept: false, services: { gitlab: 'z' } });
    await world.desk.look();
    expect(world.asked.length).toBeGreaterThan(count);
  });

  it('tries what failed again after a while', async () => {
    world = await open();
    stands();
    Object.assign(world.set, { canReach: false });
    await world.desk.look();
    expect(
      world.desk
        .issues()
        .map(({ next }) => next)
        .join(),
    ).toContain('autogit sso test gitlab');
    Object.assign(world.set, { canReach: true });
    await world.clock.advance(600_000);
    await world.desk.look();
    expect(world.desk.issues()).toEqual([]);
  });

  it('forgets a program that nobody signs in to any more', async () => {
    world = await open();
    stands();
    const step = { key: 'sso.token', label: 'Secret', state: 'bad', message: 'No.', next: null } as const;
    const tests = [{ client: 'grafana', at: 0, good: false, steps: [step] }];
    world.journal.setSignInTests({ lab: 'lab', mark: 'former', tests });
    expect(world.desk.issues()).toMatchObject([{ subject: 'grafana' }]);
    await world.desk.look();
    expect(world.desk.kept('lab').map(({ client }) => client)).toEqual(['gitlab', 'traefik']);
    expect(world.desk.issues()).toEqual([]);
  });

  it('still tries the others where somebody has tried one of them', async () => {
    world = await open();
    stands();
    await world.desk.test(answers, 'traefik');
    expect(world.desk.kept('lab').map(({ client }) => client)).toEqual(['traefik']);
    await world.desk.look();
    expect(world.desk.kept('lab').map(({ client }) => client)).toEqual(['gitlab', 'traefik']);
  });

  it('has patience with a GitLab that starts', async () => {
    world = await open();
    stands();
    world.set.isStarting = true;
    const issuesAfter = async (minutes: number): Promise<readonly string[]> => {
      await world.clock.advance(minutes * 60_000);
      await world.desk.look();
      return world.desk.issues().map(({ subject }) => subject);
    };
    expect(await issuesAfter(0)).toEqual([]);
    expect([await issuesAfter(5), await issuesAfter(9)]).toEqual([[], []]);
    expect([await issuesAfter(2), world.changes()]).toEqual([['gitlab'], 1]);
    world.set.isStarting = false;
    expect([await issuesAfter(10), world.changes()]).toEqual([[], 2]);
  });

  it('sees soon that a GitLab has started', async () => {
    world = await open();
    stands();
    world.set.isStarting = true;
    await world.desk.look();
    world.set.isStarting = false;
    await world.clock.advance(120_000);
    await world.desk.look();
    expect(world.desk.kept('lab').every(({ good }) => good)).toBe(true);
  });

  it('is an issue where nothing can be tried, and is not begun again in every round', async () => {
    world = await open();
    stands();
    world.set.problem = new AutoGitError({ key: 'x', message: 'The root is gone.', next: 'Mend it.' });
    for (let round = 0; round < 5; round += 1) await world.desk.look();
    expect(world.renders()).toBe(1);
    expect(world.desk.issues()).toMatchObject([
      {
        key: 'sso.client-failing',
        subject: 'lab lab',
        message: expect.stringContaining('The root is gone.') as unknown,
      },
    ]);
    world.set.problem = null;
    await world.clock.advance(600_000);
    await world.desk.look();
    expect([world.renders(), world.desk.issues()]).toEqual([2, []]);
  });

  it('gives way to a run', async () => {
    world = await open();
    stands();
    world.set.isSilent = true;
    const first = world.desk.look();
    await world.clock.settle();
    world.giveWay.abort(new Error('a run begins'));
    await first;
    expect([world.desk.kept('lab'), world.desk.issues()]).toEqual([[], []]);
  });

  it('ends with the core', async () => {
    world = await open();
    stands();
    world.set.isSilent = true;
    const look = world.desk.look();
    await world.clock.settle();
    expect(world.asked).not.toEqual([]);
    await world.desk.stop();
    await look;
    expect(world.desk.kept('lab')).toEqual([]);
  });

  it('leaves a stack alone that is not up', async () => {
    world = await open();
    stands();
    world.journal.setStanding({ answers, isUp: false, isKept: false, services: {} });
    await world.desk.look();
    expect(world.asked).toEqual([]);
    expect(world.desk.issues()).toEqual([]);
  });
});
