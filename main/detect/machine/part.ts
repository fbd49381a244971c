// One part of what a machine is, with why its unknown values are not known, found within a deadline.
import type { Reasons } from '../../model/machine.ts';
import type { Clock } from '../../ports.ts';

/** `reasons`: by paths below the part; one for the part itself, `''`, holds for everything unknown in it. */
export interface Part<T> {
  readonly value: T;
  readonly reasons: Reasons;
}

/** A part of which the deadline or an error has left nothing. */
export function unknownPart<T>(nothing: T, why: string): Part<T> {
  return { value: nothing, reasons: { '': why } };
}

/** The part, or nothing with its reason where it does not come in time. `ms`: milliseconds. Never rejects. */
export async function inTime<T>(
  clock: Pick<Clock, 'sleep'>,
  ms: number,
  find: () => Promise<Part<T>>,
  nothing: T,
): Promise<Part<T>> {
  const found = new AbortController();
  const late = clock
    .sleep(ms, found.signal)
    .then(() => unknownPart(nothing, `there was no answer within ${ms / 1000} s`));
  const part = find().catch((error: unknown) =>
    unknownPart(nothing, `looking for it failed: ${error instanceof Error ? error.message : String(error)}`),
  );
  return Promise.race([part, late]).finally(() => found.abort());
}

/** The reasons of a part, by their paths in the whole. */
export function below(path: string, reasons: Reasons): Reasons {
  return Object.fromEntries(Object.entries(reasons).map(([key, why]) => [joined(path, key), why]));
}

function joined(path: string, key: string): string {
  return path === '' || key === '' ? `${path}${key}` : `${path}.${key}`;
}

/**
 * For every `null` in a document its reason: its own, or that of the nearest part above it that has one. Reasons of
 * what is known after all are left out. `skip`: paths below which nothing is looked at.
 */
export function reasonsFor(value: unknown, given: Reasons, skip: ReadonlySet<string>): Reasons {
  return Object.fromEntries(
    nullsIn(value, '', skip).map((path) => [path, reasonOf(path, given) ?? 'the system does not tell it']),
  );
}

function nullsIn(value: unknown, path: string, skip: ReadonlySet<string>): readonly string[] {
  if (value === null) return [path];
  if (typeof value !== 'object' || skip.has(path)) return [];
  return Object.entries(value).flatMap(([key, inner]) => nullsIn(inner, joined(path, key), skip));
}

function reasonOf(path: string, given: Reasons): string | undefined {
  if (given[path] !== undefined) return given[path];
  const end = path.lastIndexOf('.');
  return end < 0 ? given[''] : reasonOf(path.slice(0, end), given);
}
