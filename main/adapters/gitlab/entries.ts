// Runner entries at GitLab: made, changed, listed, removed; and the processes that come under them.
import type { Gitlab as GitbeakerClient } from '@gitbeaker/rest';
import { z } from 'zod';
import { AutoGitError } from '../../errors.ts';
import type { EntryTerms, PoolScope } from '../../model/pool.ts';
import type { EntryAtGitlab } from '../../model/world.ts';
import type { Gitlab } from '../../ports.ts';
import { attempt, gone, readJson } from './call.ts';
import { statusError, unexpected } from './errors.ts';
import type { Answer } from './http.ts';
import type { Asked } from './request.ts';

type Client = InstanceType<typeof GitbeakerClient>;
type EntryCalls = Pick<
  Gitlab,
  'createEntry' | 'updateEntry' | 'removeEntry' | 'listEntries' | 'acceptsEntry' | 'jobsOf' | 'removeManager'
>;

/** Of no runner: ours begin with `r_auto` and eight hexadecimal digits. */
const nobody = 'r_nobodynobody';
const entrySchema = z.object({ id: z.int(), token: z.string().min(1) });
const listSchema = z.array(z.object({ id: z.int(), description: z.string().nullable() }));
const ownerSchema = z.object({ id: z.int() });
const jobsSchema = z.array(z.object({ id: z.int() }));

/** The calls of the port that concern runner entries. `send`: for what the library lacks. */
export function entryCalls(
  url: string,
  client: Client,
  send: (path: string, init: Asked) => Promise<Answer>,
): EntryCalls {
  return {
    createEntry: async ({ description, ...terms }) => {
      const owner = await ownerOf(url, client, terms.scope);
      return await attempt(url, entrySchema, () =>
        client.Users.createCIRunner(`${terms.scope.kind}_type`, {
          description,
          ...owner,
          ...optionsOf(terms),
        }),
      );
    },
    updateEntry: async (id, terms) => {
      const done = await gone(url, () => client.Runners.edit(id, optionsOf(terms)));
      return !done.gone;
    },
    removeEntry: async (id) => {
      await gone(url, () => client.Runners.remove({ runnerId: id }));
    },
    listEntries: async (prefix): Promise<readonly EntryAtGitlab[]> => {
      const all = await attempt(url, listSchema, () => client.Runners.all({ perPage: 100 }));
      return all.flatMap(({ id, description }) =>
        description?.startsWith(prefix) === true ? [{ id, description }] : [],
      );
    },
    acceptsEntry: async (token) => {
      // The one question to which the answer changes nothing: a process that nobody has is not found, unless nobody asks.
      const body = JSON.stringify({ token, system_id: nobody });
      const { status, statusText } = await send('/api/v4/runners/managers', { method: 'DELETE', body });
      if (status === 403) return false;
      if (status !== 404 && status !== 204) throw statusError(url, status, statusText);
      return true;
    },
    jobsOf: async (entryId, systemId) => {
      const query = `system_id=${encodeURIComponent(systemId)}&per_page=20`;
      return await attempt(url, jobsSchema, async () => {
        return readJson(url, await send(`/api/v4/runners/${entryId}/jobs?${query}`, { method: 'GET' }));
      });
    },
    removeManager: async (entryToken, systemId) => {
      const body = JSON.stringify({ token: entryToken, system_id: systemId });
      const response = await send('/api/v4/runners/managers', { method: 'DELETE', body });
      const forgotten = response.status === 403 || response.status === 404;
      if (!response.ok && !forgotten) throw statusError(url, response.status, response.statusText);
    },
  };
}

/** https://docs.gitlab.com/api/users/#create-a-runner-linked-to-a-user; locked: nobody lends it to another project. */
function optionsOf({ tags, runUntagged, protectedOnly, paused, scope }: EntryTerms) {
  return {
    tagList: [...tags],
    runUntagged,
    paused,
    accessLevel: protectedOnly ? ('ref_protected' as const) : ('not_protected' as const),
    locked: scope.kind === 'project',
  };
}

/** The id of the group or project that a scope names. Rejects with `gitlab.no-such-path`. */
async function ownerOf(
  url: string,
  client: Client,
  scope: PoolScope,
): Promise<{ readonly groupId?: number; readonly projectId?: number }> {
  if (scope.kind === 'instance') return {};
  const { kind, path } = scope;
  const answer = await gone(url, () =>
    kind === 'group' ? client.Groups.show(path, { withProjects: false }) : client.Projects.show(path),
  );
  if (answer.gone) throw noSuchPath(url, kind, path);
  const owner = ownerSchema.safeParse(answer.value);
  if (!owner.success) throw unexpected(url, `a ${kind} has another form`, owner.error);
  return kind === 'group' ? { groupId: owner.data.id } : { projectId: owner.data.id };
}

function noSuchPath(url: string, kind: 'group' | 'project', path: string): AutoGitError {
  return new AutoGitError({
    key: 'gitlab.no-such-path',
    message: `GitLab at ${url} has no ${kind} with the path ${path}.`,
    next: `Correct the scope of the pool in settings.yaml, or make the ${kind}: AutoGit tries again by itself.`,
    fields: { url, kind, path },
    retry: true,
  });
}
