// A GitLab as its administrator sees it: settings, the token itself, the address of its owner, system hooks.
import { Gitlab as GitbeakerClient } from '@gitbeaker/rest';
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';
import type { ConnectGitlabAdmin, GitlabAdmin, GitlabPolicy } from '../../stack-ports.ts';
import { attempt, gone, readJson } from './call.ts';
import { createHttp } from './http.ts';
import type { Http, HttpOptions } from './http.ts';
import { requesterOver } from './requester.ts';
import { agentFor } from './tls-agent.ts';

type Client = InstanceType<typeof GitbeakerClient>;

const versionSchema = z.object({ version: z.string() });
const userSchema = z.object({ id: z.int(), username: z.string(), is_admin: z.boolean().optional() });
/** https://docs.gitlab.com/api/personal_access_tokens/#get-details-on-a-personal-access-token */
const tokenSchema = z.object({
  scopes: z.array(z.string()),
  expires_at: z.string().nullish(),
});
const rotatedSchema = z.object({ token: z.string().min(1) });
const emailSchema = z.object({ email: z.string() });
const hooksSchema = z.array(z.object({ id: z.int(), url: z.string() }));
const settingSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);

/** Connects at the first call. `options`: for tests. Throws `gitlab.certificate`, `gitlab.reach-invalid` for what cannot be used. */
export function connectAdmin(
  { url, ca, reach }: Parameters<ConnectGitlabAdmin>[0],
  firstToken: string,
  options: Omit<HttpOptions, 'agentOf'> = {},
): GitlabAdmin {
  const http = createHttp(url, { ...options, agentOf: agentFor(url, { ca, connect: reach }) });
  const requesterFn = requesterOver(url, http);
  const clientWith = (token: string): Client =>
    new GitbeakerClient({ host: url, token, queryTimeout: null, requesterFn });
  let token = firstToken;
  let client = clientWith(token);
  return {
    who: () => readWho(url, client),
    settings: async () =>
      policyOf(await attempt(url, z.looseObject({}), () => client.ApplicationSettings.show())),
    changeSettings: async (change) =>
      policyOf(await attempt(url, z.looseObject({}), () => client.ApplicationSettings.edit({ ...change }))),
    rotateToken: async (expiresAt) => {
      const day = new Date(expiresAt).toISOString().slice(0, 10);
      const rotated = await attempt(url, rotatedSchema, () =>
        client.PersonalAccessTokens.rotate('self', { expiresAt: day }),
      );
      token = rotated.token;
      client = clientWith(token);
      return token;
    },
    setEmail: (email) => setEmail({ url, client, http, token }, email),
    systemHooks: async () => {
      const hooks = await attempt(url, hooksSchema, () => client.SystemHooks.all());
      return hooks.map(({ id, url: target }) => ({ id, url: target }));
    },
    addSystemHook: async (target, token) => {
      await attempt(url, z.object({ id: z.int() }), () =>
        client.SystemHooks.create(target, { ...hookEvents, token }),
      );
    },
    removeSystemHook: async (id) => {
      await gone(url, () => client.SystemHooks.remove(id));
    },
  };
}

export const connectGitlabAdmin: ConnectGitlabAdmin = (address, token) => connectAdmin(address, token);

/** New and changed projects ring; pushes are many, and ring by themselves once a job waits. */
const hookEvents = {
  pushEvents: false,
  tagPushEvents: false,
  mergeRequestsEvents: false,
  repositoryUpdateEvents: false,
  enableSslVerification: true,
} as const;

async function readWho(url: string, client: Client): Promise<Awaited<ReturnType<GitlabAdmin['who']>>> {
  const { version } = await attempt(url, versionSchema, () => client.Metadata.show());
  const user = await attempt(url, userSchema, () => client.Users.showCurrentUser());
  const token = await attempt(url, tokenSchema, () => client.PersonalAccessTokens.show());
  const expires = Date.parse(token.expires_at ?? '');
  return {
    version,
    username: user.username,
    admin: user.is_admin === true,
    scopes: token.scopes,
    // A token ends at midnight UTC of its day.
    expiresAt: Number.isNaN(expires) ? null : expires,
  };
}

/** The settings that have plain values: what else GitLab shows there, AutoGit never sets. */
function policyOf(settings: Readonly<Record<string, unknown>>): GitlabPolicy {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => {
      const parsed = settingSchema.safeParse(value);
      return parsed.success ? [[name, parsed.data] as const] : [];
    }),
  );
}

interface Caller {
  readonly url: string;
  readonly client: Client;
  readonly http: Http;
  readonly token: string;
}

/**
 * Of the token's owner; without a letter that asks whether it is theirs, which nobody may be able to send yet. The library
 * would send a form, because an avatar could be in it.
 */
async function setEmail({ url, client, http, token }: Caller, email: string): Promise<void> {
  const { id } = await attempt(url, userSchema, () => client.Users.showCurrentUser());
  const address = `${url.replace(/\/+$/, '')}/api/v4/users/${id}`;
  const answer = await http.exchange(address, {
    method: 'PUT',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, skip_reconfirmation: true }),
  });
  const changed = await attempt(url, emailSchema, () => Promise.resolve(readJson(url, answer)));
  if (changed.email.toLowerCase() === email.toLowerCase()) return;
  throw new AutoGitError({
    key: 'gitlab.unexpected',
    message: `GitLab at ${url} has kept the address ${changed.email} of its administrator.`,
    next: 'Confirm the new address at GitLab, or change it there.',
    fields: { url },
    retry: true,
  });
}
