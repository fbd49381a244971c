// The first green job of a lab: what shows that everything from GitLab to a runner works.
import type { JobView, PoolView, Snapshot } from '../../main/contract/snapshot.ts';
import { t } from '../language/strings.ts';

export interface Green {
  readonly words: string;
  /** When it ended, milliseconds since 1970. */
  readonly at: number | null;
  /** `null`: it was a proof, which is in no list of jobs. */
  readonly job: number | null;
}

function greenJob({ id, name, project, finishedAt }: JobView): Green {
  return {
    words: t('{{job}} of {{project}} has succeeded.', { job: name, project }),
    at: finishedAt,
    job: id,
  };
}

function greenProof({ name, proof }: PoolView): Green | null {
  if (proof?.state !== 'proven') return null;
  return {
    words: t('A proof job has seen pool {{pool}}: {{finding}}', { pool: name, finding: proof.sentence }),
    at: proof.at,
    job: null,
  };
}

type Seen = Pick<Snapshot, 'jobs' | 'pools'>;

const known = new WeakMap<
  readonly JobView[],
  WeakMap<readonly PoolView[], { readonly green: Green | null }>
>();

/** The first that is known of, a job before a proof. The same for the same lists, as views want it. */
export function firstGreen({ jobs, pools }: Seen): Green | null {
  const ofJobs = known.get(jobs) ?? new WeakMap<readonly PoolView[], { readonly green: Green | null }>();
  known.set(jobs, ofJobs);
  const found = ofJobs.get(pools) ?? { green: findGreen({ jobs, pools }) };
  ofJobs.set(pools, found);
  return found.green;
}

function findGreen({ jobs, pools }: Seen): Green | null {
  const [first] = jobs
    .filter(({ status }) => status === 'success')
    .toSorted((a, b) => (a.finishedAt ?? 0) - (b.finishedAt ?? 0));
  if (first !== undefined) return greenJob(first);
  return pools.map(greenProof).find((green) => green !== null) ?? null;
}

/** How far a try of the sandbox has got. */
export type TryState = 'none' | 'running' | 'jobs' | 'green';

export function tryState({ gitlab, jobs }: Pick<Snapshot, 'gitlab' | 'jobs'>): TryState {
  if (gitlab.kind !== 'sandbox' || gitlab.state !== 'ready') return 'none';
  if (jobs.length === 0) return 'running';
  return jobs.some(({ status }) => status === 'success') ? 'green' : 'jobs';
}
