// Volumes that keep the caches of projects: their names, and which of them are to go.
import type { Pool } from './pool.ts';

/** Begins the names of a pool's volumes; `instance`: the home's id. */
export function cachePrefix(instance: string, pool: string): string {
  return `autogit-cache-${instance.slice(0, 8)}-${pool}`;
}

/** The volume of one project. What protected branches have kept is not given to others. */
export function cacheVolumeName(prefix: string, project: string, isProtected: boolean): string {
  return `${prefix}-${project}${isProtected ? '-protected' : ''}`;
}

/** Where a pool of executor `container` has its cache: its scope is one project. */
export const scopeProject = 'scope';

/** Of one pool; the oldest go first. */
export const mostCaches = 50;

/** A volume on an engine that keeps a cache. */
export interface CacheVolume {
  readonly name: string;
  readonly pool: string;
  /** Milliseconds since 1970; 0: not known. */
  readonly createdAt: number;
}

/** Those that nobody wants any more, and of each pool the oldest that are too many. */
export function unwantedCaches(
  caches: readonly CacheVolume[],
  pools: readonly Pick<Pool, 'name' | 'cache'>[],
): readonly CacheVolume[] {
  const keeping = new Set(pools.filter(({ cache }) => cache === 'project').map(({ name }) => name));
  const kept = caches.filter(({ pool }) => keeping.has(pool));
  const tooMany = [...Map.groupBy(kept, ({ pool }) => pool).values()].flatMap((own) =>
    own.toSorted((a, b) => b.createdAt - a.createdAt).slice(mostCaches),
  );
  return [...caches.filter(({ pool }) => !keeping.has(pool)), ...tooMany];
}
