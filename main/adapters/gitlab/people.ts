// People of a GitLab as its administrator sees and changes them: accounts, identities, groups.
import { z } from 'zod';
import type { ConnectGitlabPeople, GitlabPeople, NewGitlabPerson } from '../../access-ports.ts';
import { AutoGitError } from '../../errors.ts';
import { identityProvider, isSameText } from '../../model/person.ts';
import type { GitlabGroup, GitlabPerson } from '../../model/person.ts';
import { attempt, readJson } from './call.ts';
import { statusError } from './errors.ts';
import { createHttp } from './http.ts';
import type { Answer, HttpOptions } from './http.ts';
import { agentFor } from './tls-agent.ts';

const perPage = 100;
/** Somebody with more people than this keeps them elsewhere. */
const mostPages = 100;
/** https://docs.gitlab.com/api/access_requests/#valid-access-levels */
const developer = 30;

/** https://docs.gitlab.com/api/users/#list-all-users */
const personSchema = z.object({
  id: z.int(),
  username: z.string(),
  name: z.string(),
  email: z.string().nullish(),
  state: z.string(),
  is_admin: z.boolean().optional(),
  bot: z.boolean().optional(),
  identities: z.array(z.object({ provider: z.string(), extern_uid: z.string().nullable() })).optional(),
});
const idSchema = z.object({ id: z.int() });
const groupsSchema = z.array(z.object({ id: z.int(), path: z.string() }));
const membersSchema = z.array(z.object({ id: z.int(), access_level: z.int() }));

type Send = (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown) => Promise<Answer>;

/** Calls of GitLab's API, whose answers are read. */
interface Calls {
  readonly send: Send;
  ask<S extends z.ZodType>(schema: S, path: string): Promise<z.output<S>>;
  /** Of every page. */
  all<T>(schema: z.ZodType<readonly T[]>, path: string): Promise<readonly T[]>;
  /** Rejects with `gitlab.refused` besides. */
  change(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<Answer>;
}

/** Connects at the first call. `options`: for tests. Throws `gitlab.certificate`, `gitlab.reach-invalid` for what cannot be used. */
export function connectPeople(
  { url, ca, reach }: Parameters<ConnectGitlabPeople>[0],
  token: string,
  options: Omit<HttpOptions, 'agentOf'> = {},
): GitlabPeople {
  const http = createHttp(url, { ...options, agentOf: agentFor(url, { ca, connect: reach }) });
  const calls = callsOf(url, (method, path, body) =>
    http.exchange(`${url.replace(/\/+$/, '')}/api/v4${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const post = async (path: string): Promise<void> => {
    await calls.change('POST', path);
  };
  return {
    self: async () => (await calls.ask(idSchema, '/user')).id,
    people: async () => (await calls.all(z.array(personSchema), '/users?humans=true')).map(personOf),
    create: async (person) => {
      const answer = await calls.change('POST', '/users', accountOf(person));
      return personOf(await attempt(url, personSchema, () => Promise.resolve(readJson(url, answer))));
    },
    change: async (id, { subject, ...fields }) => {
      const identity = subject === undefined ? {} : { extern_uid: subject, provider: identityProvider };
      await calls.change('PUT', `/users/${id}`, { ...fields, ...identity, skip_reconfirmation: true });
    },
    block: (id) => post(`/users/${id}/block`),
    unblock: (id) => post(`/users/${id}/unblock`),
    ...groupCalls(url, calls),
  };
}

function callsOf(url: string, send: Send): Calls {
  const ask: Calls['ask'] = (schema, path) =>
    attempt(url, schema, async () => readJson(url, await send('GET', path)));
  return {
    ...{ send, ask },
    all: async <T>(schema: z.ZodType<readonly T[]>, path: string) => {
      const rows: T[] = [];
      for (let page = 1; page <= mostPages; page += 1) {
        const query = `${path.includes('?') ? '&' : '?'}per_page=${perPage}&page=${page}`;
        const found = await ask(schema, path + query);
        rows.push(...found);
        if (found.length < perPage) break;
      }
      return rows;
    },
    change: async (method, path, body) => done(url, await send(method, path, body)),
  };
}

function groupCalls(
  url: string,
  { all, send }: Calls,
): Pick<GitlabPeople, 'groups' | 'addMember' | 'removeMember'> {
  const seen = async ({ id, path }: { readonly id: number; readonly path: string }): Promise<GitlabGroup> => {
    const members = await all(membersSchema, `/groups/${id}/members`);
    return { id, path, members: members.map((one) => ({ id: one.id, level: one.access_level })) };
  };
  return {
    groups: async ({ paths, ids }) => {
      if (paths.length + ids.length === 0) return [];
      const groups = await all(groupsSchema, '/groups?top_level_only=true&all_available=true');
      const wanted = groups.filter(
        ({ id, path }) => ids.includes(id) || paths.some((one) => isSameText(one, path)),
      );
      return Promise.all(wanted.map(seen));
    },
    addMember: async (group, person) => {
      const wish = { user_id: person, access_level: developer };
      const answer = await send('POST', `/groups/${group}/members`, wish);
      if (answer.status !== 409) done(url, answer);
    },
    removeMember: async (group, person) => {
      const answer = await send('DELETE', `/groups/${group}/members/${person}`);
      if (answer.status !== 404) done(url, answer);
    },
  };
}

export const connectGitlabPeople: ConnectGitlabPeople = (address, token) => connectPeople(address, token);

/** GitLab writes no letter to somebody who has an identity (app/services/notification_service.rb). */
function accountOf({
  username,
  name,
  email,
  admin,
  subject,
}: NewGitlabPerson): Readonly<Record<string, unknown>> {
  return {
    ...{ username, name, email, admin, extern_uid: subject, provider: identityProvider },
    ...{ force_random_password: true, reset_password: false, skip_confirmation: true },
  };
}

function personOf(found: z.output<typeof personSchema>): GitlabPerson {
  const identity = found.identities?.find(({ provider }) => provider === identityProvider);
  return {
    ...{ id: found.id, username: found.username, name: found.name, email: found.email ?? '' },
    state: stateOf(found.state),
    admin: found.is_admin === true,
    isBot: found.bot === true,
    subject: identity?.extern_uid ?? null,
  };
}

/** One who was deactivated is active again as soon as they sign in. */
function stateOf(state: string): GitlabPerson['state'] {
  if (state === 'active' || state === 'deactivated') return 'active';
  return state === 'blocked' || state === 'ldap_blocked' ? 'blocked' : 'other';
}

const complaintSchema = z.union([
  z.object({ message: z.union([z.string(), z.record(z.string(), z.array(z.string()))]) }),
  z.object({ error: z.string() }),
]);

/** A good answer; throws `gitlab.refused` with GitLab's words for one that refuses what was asked, else as for any status. */
function done(url: string, answer: Answer): Answer {
  if (answer.ok) return answer;
  if (![400, 404, 409, 422].includes(answer.status)) throw statusError(url, answer.status, answer.statusText);
  throw new AutoGitError({
    key: 'gitlab.refused',
    message: `GitLab refuses this (${answer.status}): ${wordsOf(answer.text) ?? answer.statusText}.`,
    next: 'Change what it names, in the lab or in GitLab; AutoGit then brings both into step.',
    fields: { url, status: answer.status },
  });
}

function wordsOf(text: string): string | null {
  try {
    const complaint = complaintSchema.parse(JSON.parse(text));
    if ('error' in complaint) return complaint.error;
    if (typeof complaint.message === 'string') return complaint.message;
    return Object.entries(complaint.message)
      .map(([field, words]) => `${field} ${words.join(', ')}`)
      .join('; ');
  } catch {
    return null;
  }
}
