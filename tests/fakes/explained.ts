// Jobs and worlds of which it is explained why the job waits.
import type { Job } from '../../main/model/job.ts';
import type { Desired } from '../../main/model/world.ts';
import { explainJob } from '../../main/plan/explain.ts';
import type { WaitReason } from '../../main/plan/explain.ts';
import type { Explanation } from '../../main/plan/explanation.ts';
import { deepFreeze, now, someContainer, someDesired, someJob, someObserved, someRecord } from './world.ts';
import type { WorldChange } from './world.ts';

const minutes = (at: number): string => `T${Math.round((at - now) / 60_000)}min`;
export const pullFailed = {
  key: 'engine.refused',
  message: 'The registry does not know it.',
  next: 'Mend it.',
};

export function explain(job: Job, wishes: Partial<Desired>, change: WorldChange): Explanation<WaitReason> {
  const { jobs = [job], ...rest } = change;
  const world = {
    desired: someDesired(wishes),
    observed: someObserved({ ...rest, jobs }),
    now,
    clockTime: minutes,
  };
  return explainJob(deepFreeze(job), deepFreeze(world));
}

export const running = someJob({
  id: 41,
  status: 'running',
  project: 'lab/x',
  startedAt: now - 240_000,
  systemId: someRecord().systemId,
});
export const full = { records: [someRecord()], view: { containers: [someContainer()] } };
export const idleFor = (ms: number): WorldChange => ({
  records: [someRecord({ startedAt: now - ms })],
  view: { containers: [someContainer()] },
});
export const old = someJob({ firstSeenAt: now - 600_000 });
