// The volume of a project's cache: it takes the place of the one that the runner makes for itself, and outlives the runner.
import type { Grant } from '../model/grant.ts';
import { cacheVolumeName } from '../model/cache.ts';
import { label, signLabels } from '../model/labels.ts';
import type { EngineCall } from './decision.ts';
import { child, isObject } from './fields.ts';
import type { Json, JsonObject } from './fields.ts';
import type { Known } from './known.ts';

/**
 * The runner's own volume for `/cache`: its name has the MD5 of the path. Of protected branches it is another one.
 * https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v19.4.0/executors/docker/internal/volumes/manager.go
 */
const runnersCache = /^[^:]+-cache-3c3f060a0374fc8bc39395164f415a70(-protected)?:/;
const projectNumber = /^\d{1,12}$/;

export interface Placed {
  readonly fields: JsonObject;
  readonly before: readonly EngineCall[];
}

/** The create request with the project's volume in it, and the call that makes that. `body`: as the runner sent it. */
export function placeCache(
  fields: JsonObject,
  body: Json,
  version: string,
  { cache, pool }: Grant,
  known: Known,
): Placed {
  const project = child(child(body, 'Labels'), 'com.gitlab.gitlab-runner.project.id');
  const host = fields['HostConfig'];
  const binds = child(host, 'Binds');
  const isOurs = typeof project === 'string' && projectNumber.test(project);
  if (cache === null || !isOurs || host === undefined || !isObject(host) || !Array.isArray(binds))
    return { fields, before: [] };
  const own = binds.find((bind: Json): bind is string => typeof bind === 'string' && runnersCache.test(bind));
  if (own === undefined) return { fields, before: [] };
  const name = cacheVolumeName(cache, project, runnersCache.exec(own)?.[1] !== undefined);
  const renamed = binds.map((bind: Json) => (bind === own ? own.replace(/^[^:]+/, name) : bind));
  const create: EngineCall = {
    ...{ method: 'POST', path: `${version}/volumes/create`, query: {} },
    body: { Name: name, Driver: 'local', Labels: cacheLabels(name, pool, project, known) },
  };
  return { fields: { ...fields, HostConfig: { ...host, Binds: renamed } }, before: [create] };
}

function cacheLabels(name: string, pool: string, project: string, { instance, sign }: Known): JsonObject {
  const own = {
    [label.managed]: 'true',
    [label.instance]: instance,
    [label.role]: 'cache',
    [label.pool]: pool,
    [label.project]: project,
  };
  return signLabels(name, own, sign);
}
