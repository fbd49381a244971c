// Why no pool takes a job: the pool that comes closest, and what it lacks.
import { assertNever } from '../model/assert.ts';
import type { Job } from '../model/job.ts';
import { mismatchesOf } from '../model/matching.ts';
import type { Mismatch } from '../model/matching.ts';
import { nearest } from '../model/nearest.ts';
import type { Pool } from '../model/pool.ts';
import type { Explanation } from './explanation.ts';
import { listed, quoted, shorten } from './short-names.ts';

/** Stable words for what keeps every pool from a job. */
export type MismatchReason =
  | 'no-pools'
  | 'no-tag'
  | 'tags-apart'
  | 'no-untagged'
  | 'protected'
  | 'scope'
  | 'instance-runners'
  | 'paused'
  | 'closed';

interface Candidate {
  readonly pool: Pool;
  readonly mismatches: readonly Mismatch[];
}

/** How far a pool is from taking a job: what is mended by one setting is nearer than what is another kind of pool. */
function distance(mismatch: Mismatch): number {
  switch (mismatch.kind) {
    case 'paused':
      return 1;
    case 'closed':
      return 2;
    case 'protected':
    case 'scope':
      return 4;
    case 'untagged':
      return 8;
    case 'tags':
      return 16 * mismatch.missing.length;
    default:
      return assertNever(mismatch);
  }
}

function farness({ mismatches }: Candidate): number {
  return mismatches.reduce((sum, mismatch) => sum + distance(mismatch), 0);
}

/** The sentence of a job that no pool takes; `null` when one does. */
export function explainMismatch(job: Job, pools: readonly Pool[]): Explanation<MismatchReason> | null {
  const candidates = pools.map((pool): Candidate => ({ pool, mismatches: mismatchesOf(job, pool) }));
  if (candidates.some(({ mismatches }) => mismatches.length === 0)) return null;
  const [closest] = candidates.toSorted((a, b) => farness(a) - farness(b));
  const [worst] = closest?.mismatches.toSorted((a, b) => distance(b) - distance(a)) ?? [];
  if (closest === undefined || worst === undefined) {
    return {
      reason: 'no-pools',
      sentence: 'There is no pool that could take it.',
      data: {},
      next: 'Add one: autogit pool add',
    };
  }
  return explainOne(worst, job, closest.pool, pools);
}

function explainOne(
  mismatch: Mismatch,
  job: Job,
  pool: Pool,
  pools: readonly Pool[],
): Explanation<MismatchReason> {
  const name = quoted(pool.name);
  const data = { pool: pool.name };
  switch (mismatch.kind) {
    case 'tags':
      return explainTags(mismatch.missing, pool, pools);
    case 'untagged':
      return {
        reason: 'no-untagged',
        sentence: 'It has no tags, and no pool takes untagged jobs.',
        data,
        next: `Let a pool take them: autogit pool set ${pool.name} --run-untagged true. Or give the job a tag.`,
      };
    case 'protected':
      return {
        reason: 'protected',
        sentence: `Pool ${name} takes jobs of protected branches only, and its branch is not protected.`,
        data,
        next: 'Protect the branch in the project, or let another pool with its tags take unprotected jobs.',
      };
    case 'scope':
      return explainScope(job, pool);
    case 'paused':
      return {
        reason: 'paused',
        sentence: `Pool ${name} would take it and is paused.`,
        data,
        next: `Let it go on: autogit pool resume ${pool.name}`,
      };
    case 'closed':
      return {
        reason: 'closed',
        sentence: `Pool ${name} would take it and may have no runner: its max is 0.`,
        data,
        next: `Allow it some: autogit pool set ${pool.name} --max 1`,
      };
    default:
      return assertNever(mismatch);
  }
}

function explainScope(job: Job, pool: Pool): Explanation<MismatchReason> {
  const name = quoted(pool.name);
  const data = { pool: pool.name, project: job.project };
  if (pool.scope.kind === 'instance') {
    return {
      reason: 'instance-runners',
      sentence: 'Its project does not let runners of the whole instance take its jobs.',
      data,
      next: 'Allow them in the project: Settings, CI/CD, Runners, Instance runners.',
    };
  }
  return {
    reason: 'scope',
    sentence: `Pool ${name} has its tags and serves the ${pool.scope.kind} ${quoted(pool.scope.path)} only.`,
    data: { ...data, scope: pool.scope.path },
    next: `Let it serve every project: autogit pool set ${pool.name} --scope instance. Or add a pool for this one.`,
  };
}

function explainTags(
  missing: readonly string[],
  pool: Pool,
  pools: readonly Pool[],
): Explanation<MismatchReason> {
  const known = [...new Set(pools.flatMap(({ tags }) => tags))];
  const unknown = missing.filter((tag) => !known.includes(tag));
  const next = `Add the tag to a pool (autogit pool set ${pool.name} --tags …), or change the job's tags.`;
  const [tag] = unknown;
  if (tag === undefined) {
    return {
      reason: 'tags-apart',
      sentence: `No pool has all of its tags; pool ${quoted(pool.name)} lacks ${listed(missing)}.`,
      data: { pool: pool.name, missing },
      next,
    };
  }
  const closest = nearest(tag, known);
  const hint = closest === null ? '' : ` (closest: "${shorten(closest)}")`;
  return {
    reason: 'no-tag',
    sentence:
      unknown.length === 1
        ? `No pool has tag ${quoted(tag)}${hint}.`
        : `No pool has the tags ${listed(unknown)}${hint}.`,
    data: { pool: pool.name, missing: unknown, ...(closest === null ? {} : { closest }) },
    next,
  };
}
