// How often containers were restarted within an hour, from looks at the engine's counts of restarts since they were made.
import type { StackContainer } from './stack.ts';

/** A container with its count. */
export interface CountedContainer extends Pick<StackContainer, 'id' | 'name' | 'restarts'> {
  /** When it was made, milliseconds since 1970; missing: not told. */
  readonly createdAt?: number | undefined;
}

/** One look: count of restarts by the container's id. */
export interface RestartLook {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly counts: Readonly<Record<string, number>>;
}

export const hourMs = 3_600_000;
/** More than so many within an hour is a storm. */
export const mostRestarts = 5;

export function lookAtRestarts(containers: readonly CountedContainer[], at: number): RestartLook {
  const counts = containers.flatMap(({ id, restarts }) =>
    restarts === null ? [] : [[id, restarts] as const],
  );
  return { at, counts: Object.fromEntries(counts) };
}

/** Looks with the newest added; of those older than an hour only the youngest is kept. */
export function rememberLook(looks: readonly RestartLook[], look: RestartLook): readonly RestartLook[] {
  const before = looks.filter(({ at }) => at < look.at);
  const old = before.filter(({ at }) => look.at - at >= hourMs).slice(-1);
  return [...old, ...before.filter(({ at }) => look.at - at < hourMs), look];
}

/**
 * By container's name. Engines count from the container's making on, so that for one older than an hour only the
 * difference of two looks says something of it: without an earlier look it has no number, unless its whole count is no
 * storm. Fewer than before: it is counted anew.
 */
export function restartsInHour(
  containers: readonly CountedContainer[],
  looks: readonly RestartLook[],
  now: number,
): Readonly<Record<string, number>> {
  const within = rememberLook(looks, lookAtRestarts(containers, now)).slice(0, -1);
  return Object.fromEntries(
    containers.flatMap(({ id, name, restarts, createdAt }) => {
      if (restarts === null) return [];
      if (createdAt !== undefined && now - createdAt < hourMs) return [[name, restarts] as const];
      const before = within.find(({ counts }) => counts[id] !== undefined)?.counts[id];
      if (before === undefined) return restarts > mostRestarts ? [] : [[name, restarts] as const];
      return [[name, restarts >= before ? restarts - before : restarts] as const];
    }),
  );
}
