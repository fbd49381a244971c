// A sandbox that people sign in to, and a browser that keeps its cookies and follows nothing by itself.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '../../../../main/sandbox/api/new-user.ts';
import { createApp } from '../../../../main/sandbox/app.ts';
import type { SandboxContext } from '../../../../main/sandbox/context.ts';
import { createContext } from '../../../../main/sandbox/create-context.ts';
import { readOmniauth } from '../../../../main/sandbox/sign-in/omniauth-settings.ts';
import { openStore } from '../../../../main/sandbox/store.ts';
import { openFakeProvider } from '../../../fakes/fake-provider.ts';
import type { FakePerson, FakeProvider } from '../../../fakes/fake-provider.ts';

const site = 'https://gitlab.lab.test';

export interface Browser {
  get(path: string): Promise<Response>;
  post(path: string, form: Readonly<Record<string, string>>): Promise<Response>;
  /** Text of a page, after redirects within the site. */
  text(path: string): Promise<string>;
  /** The hidden field of the sign-in page. */
  csrf(): Promise<string>;
  /** Presses the provider's button: where that leads. */
  begin(): Promise<string>;
  /** Begins, is let in as this person, and comes back. */
  signIn(person: FakePerson): Promise<Response>;
  readonly cookies: Map<string, string>;
}

export interface SignInLab {
  readonly ctx: SandboxContext;
  readonly provider: FakeProvider;
  readonly browser: () => Browser;
  /** Moves the clock on. */
  wait(ms: number): void;
  close(): void;
}

/** `change`: in the words of gitlab.rb. */
export async function openSignInLab(change: Readonly<Record<string, unknown>> = {}): Promise<SignInLab> {
  let clock = Date.parse('2026-01-02T03:04:05Z');
  const now = (): Date => new Date(clock);
  const provider = await openFakeProvider({ now });
  const settings = readOmniauth({
    omniauth_allow_single_sign_on: ['openid_connect'],
    omniauth_block_auto_created_users: false,
    omniauth_auto_link_user: ['openid_connect'],
    omniauth_sync_profile_from_provider: ['openid_connect'],
    omniauth_sync_profile_attributes: ['name'],
    omniauth_providers: [{ name: 'openid_connect', label: 'The <lab>', args: argsOf(provider) }],
    ...change,
  });
  const stateDir = mkdtempSync(join(tmpdir(), 'autogit-sign-in-'));
  const store = openStore(stateDir, now);
  const ctx = createContext({
    ...{ store, now, longPollSeconds: 0, log: () => undefined },
    compile: () => ({ kind: 'none', reason: 'nothing was given' }),
    openId: settings === null ? undefined : { settings, fetch: provider.fetch },
  });
  createUser(ctx, {
    username: 'root',
    name: 'Administrator',
    email: 'root@lab.test',
    admin: true,
    password: 'correct horse',
  });
  const app = createApp(ctx);
  return {
    ...{ ctx, provider },
    browser: () => openBrowser(app, provider),
    wait: (ms) => {
      clock += ms;
    },
    close: () => {
      store.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

function argsOf({ issuer, clientId, clientSecret, redirectUri }: FakeProvider) {
  return {
    ...{ name: 'openid_connect', issuer, discovery: true, response_type: 'code', pkce: true },
    scope: ['openid', 'profile', 'email', 'groups'],
    client_options: { identifier: clientId, secret: clientSecret, redirect_uri: redirectUri },
  };
}

function openBrowser(app: ReturnType<typeof createApp>, provider: FakeProvider): Browser {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { cookie, host: new URL(site).host, 'x-forwarded-proto': 'https' };
    const answer = await app.request(new URL(path, site).href, { ...init, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    return answer;
  };
  const get: Browser['get'] = (path) => send(path);
  const text: Browser['text'] = async (path) => {
    const answer = await get(path);
    const location = answer.headers.get('location');
    return location === null ? answer.text() : text(location);
  };
  const csrf: Browser['csrf'] = async () =>
    /name="authenticity_token" value="([^"]+)"/.exec(await text('/users/sign_in'))?.[1] ?? '';
  const post: Browser['post'] = (path, form) =>
    send(path, { method: 'POST', body: new URLSearchParams(form) });
  const begin: Browser['begin'] = async () => {
    const answer = await post('/users/auth/openid_connect', { authenticity_token: await csrf() });
    return answer.headers.get('location') ?? '';
  };
  return {
    ...{ get, post, text, csrf, begin, cookies },
    signIn: async (person) => get(provider.letIn(await begin(), person)),
  };
}
