// A followed snapshot as what has changed: the first item is whole, each later one belongs on top of the one before.
import { z } from 'zod';
import type { ListChange, Row } from './apply-news.ts';
import { counterpartIn, isEqual } from './same.ts';
import { jobSchema, runnerStatusSchema, snapshotSchema } from './snapshot.ts';
import type { Snapshot } from './snapshot.ts';

/** What became of a list whose rows have an id: rows that are new or other than before, and the ids in order. */
function listChangeOf<T extends z.ZodType, I extends z.ZodType>(row: T, id: I) {
  return z.object({
    put: z.array(row),
    /** `null`: the same rows in the same order. */
    order: z.array(id).nullable(),
  });
}

const restSchema = snapshotSchema.omit({ version: true, at: true, jobs: true, runners: true });

export const snapshotNewsSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('whole'), snapshot: snapshotSchema }),
  z.object({
    kind: z.literal('change'),
    version: snapshotSchema.shape.version,
    at: snapshotSchema.shape.at,
    /** All but the lists; `null` where nothing of it has changed. */
    rest: restSchema.nullable(),
    jobs: listChangeOf(jobSchema, z.int()),
    runners: listChangeOf(runnerStatusSchema, z.string()),
  }),
]);

export type SnapshotNews = z.infer<typeof snapshotNewsSchema>;

function listChange<T extends Row<I>, I>(before: readonly T[], after: readonly T[]): ListChange<T, I> {
  const known = counterpartIn(before, (row) => row.id);
  const isSameOrder = before.length === after.length && before.every((row, at) => row.id === after[at]?.id);
  return {
    put: after.filter((row, at) => !isEqual(known(row, at), row)),
    order: isSameOrder ? null : after.map((row) => row.id),
  };
}

const isSameRest = (a: Snapshot, b: Snapshot): boolean => {
  const common = { version: 0, at: 0, jobs: [], runners: [] };
  return isEqual({ ...a, ...common }, { ...b, ...common });
};

/** What a reader who has `before` needs to have `after`; a reader who has nothing gets the whole. */
export function newsBetween(before: Snapshot | null, after: Snapshot): SnapshotNews {
  if (before === null) return { kind: 'whole', snapshot: after };
  return {
    kind: 'change',
    version: after.version,
    at: after.at,
    // Parsing drops what the schema does not name.
    rest: isSameRest(before, after) ? null : restSchema.parse(after),
    jobs: listChange(before.jobs, after.jobs),
    runners: listChange(before.runners, after.runners),
  };
}
