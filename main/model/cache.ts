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

export interface UnwantedCaches {
  /** Of pools that keep none, or are not there any more. */
  readonly forsaken: readonly CacheVolume[];
  /** Of pools that keep caches those that are too many, the oldest first. */
  readonly surplus: readonly CacheVolume[];
}

/** Those that nobody wants any more. */
export function unwantedCaches(
  caches: readonly CacheVolume[],
  pools: readonly Pick<Pool, 'name' | 'cache'>[],
): UnwantedCaches {
  const keeping = new Set(pools.filter(({ cache }) => cache === 'project').map(({ name }) => name));
  const kept = caches.filter(({ pool }) => keeping.has(pool));
  const surplus = [...Map.groupBy(kept, ({ pool }) => pool).values()].flatMap((own) =>
    own.toSorted((a, b) => a.createdAt - b.createdAt).slice(0, Math.max(0, own.length - mostCaches)),
  );
  return { forsaken: caches.filter(({ pool }) => !keeping.has(pool)), surplus };
}
