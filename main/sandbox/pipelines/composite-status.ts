// The status of a stage, a pipeline or a set of earlier jobs, from the statuses of its jobs.
import type { CiStatus } from '../state.ts';

/** What counts of a job for its surroundings. */
export interface StatusPart {
  readonly status: CiStatus;
  readonly allowFailure: boolean;
}

type Ingredient = CiStatus | 'success_with_warnings' | 'ignored';

function ingredient(part: StatusPart): Ingredient {
  if (part.allowFailure && (part.status === 'failed' || part.status === 'canceled'))
    return 'success_with_warnings';
  if (part.allowFailure && part.status === 'manual') return 'ignored';
  return part.status;
}

/**
 * GitLab's composite status; `null` for no jobs. The rules are ordered, the first that fits wins.
 * With `needs` the parts are jobs that another job names in `needs`: one that did not run skips it.
 * https://gitlab.com/gitlab-org/gitlab/-/blob/master/lib/gitlab/ci/status/composite.rb
 */
export function composeStatus(parts: Iterable<StatusPart>, needs = false): CiStatus | null {
  const present = new Set<Ingredient>();
  for (const part of parts) present.add(ingredient(part));
  if (present.size === 0) return null;
  const any = (...names: readonly Ingredient[]): boolean => names.some((name) => present.has(name));
  const only = (...names: readonly Ingredient[]): boolean =>
    [...present].every((name) => names.includes(name));
  if (needs && any('skipped', 'ignored')) return 'skipped';
  if (only('skipped', 'ignored')) return 'skipped';
  if (only('success', 'skipped', 'success_with_warnings', 'ignored')) return 'success';
  if (only('created', 'success_with_warnings', 'ignored')) return 'created';
  if (only('canceled', 'success', 'skipped', 'success_with_warnings', 'ignored')) return 'canceled';
  if (only('pending', 'created', 'skipped', 'success_with_warnings', 'ignored')) return 'pending';
  if (any('running', 'pending')) return 'running';
  if (any('manual')) return 'manual';
  if (any('scheduled')) return 'scheduled';
  if (any('created')) return 'running';
  if (any('canceling')) return 'canceling';
  return 'failed';
}

/** True when something that was allowed to fail did. */
export function hasWarnings(parts: readonly StatusPart[]): boolean {
  return parts.some((part) => ingredient(part) === 'success_with_warnings');
}

/** Nothing more happens by itself. */
export function isCompleted(status: CiStatus): boolean {
  return status === 'success' || status === 'failed' || status === 'canceled' || status === 'skipped';
}
