import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JobSpec } from '../../../../main/sandbox/ci/pipeline-spec.ts';
import { isCompleted } from '../../../../main/sandbox/pipelines/composite-status.ts';
import type { Job } from '../../../../main/sandbox/state.ts';
import { jobSpec, openFixture, stages } from '../fixture.ts';
import type { Fixture } from '../fixture.ts';

/** Jobs that need only jobs before them in the list (so no circles) and of no later stage (as the compiler demands). */
const pipelineArbitrary: fc.Arbitrary<JobSpec[]> = fc
  .array(
    fc.record({
      stage: fc.nat(stages.length - 1),
      when: fc.constantFrom<JobSpec['when'][]>('on_success', 'on_failure', 'always', 'manual', 'delayed'),
      allowFailure: fc.oneof(fc.boolean(), fc.constant([3])),
      needs: fc.option(fc.array(fc.nat(20), { maxLength: 3 }), { freq: 2 }),
      max: fc.constantFrom<(0 | 1 | 2)[]>(0, 1, 2),
      reason: fc.constantFrom('always', 'script_failure', 'runner_system_failure'),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((drafts) =>
    drafts.map((draft, index) => {
      const wanted = new Set((draft.needs ?? []).map((n) => n % Math.max(1, index)));
      const earlier = [...wanted].filter((n) => n < index && (drafts[n]?.stage ?? 0) <= draft.stage);
      return jobSpec(`job${index}`, {
        stage: stages[draft.stage] ?? 'test',
        when: draft.when,
        allowFailure: draft.allowFailure,
        retry: { max: draft.max, when: [draft.reason] },
        needs:
          draft.needs === null
            ? null
            : earlier.map((n) => ({ job: `job${n}`, artifacts: true, optional: false })),
        ...(draft.when === 'delayed' ? { startInSeconds: 5 } : {}),
      });
    }),
  );

const stepArbitrary = fc.record({
  pick: fc.nat(),
  what: fc.constantFrom('success', 'script', 'system', 'cancel', 'exit3', 'play'),
});

let fixture: Fixture;

/** One thing happens: a job starts and ends, is canceled, or is played. */
function step({ pick, what }: { pick: number; what: string }): void {
  const { store, ctx, runner } = fixture;
  const playable = store.jobs.filter((job) => job.status === 'manual' || job.status === 'scheduled');
  const target = playable[pick % Math.max(1, playable.length)];
  if (what === 'play' && target !== undefined) ctx.ci.playJob(target.id, 1);
  const pending = store.jobs.by('status', 'pending');
  const job = pending[pick % Math.max(1, pending.length)];
  if (job === undefined) return;
  const started = ctx.ci.assignJob(job.id, { runner, systemId: 's_1', features: ['return_exit_code'] });
  if (started === null) throw new Error('A pending job could not be had');
  if (what === 'cancel') ctx.ci.cancelJob(job.id, 1);
  else if (what === 'success' || what === 'play') ctx.ci.finishJob(job.id, { state: 'success' });
  else {
    const reason = what === 'system' ? 'runner_system_failure' : 'script_failure';
    ctx.ci.finishJob(job.id, { state: 'failed', reason, exitCode: what === 'exit3' ? 3 : 1 });
  }
}

function expectNeedsDone(job: Job): void {
  const { needs, when } = job.spec;
  // Somebody who plays or retries a job is not held up by others.
  if (when === 'manual' || when === 'delayed' || job.retryCount > 0) return;
  const before = fixture.store.jobs.by('pipelineId', job.pipelineId).filter((other) => {
    if (other.retried) return false;
    return needs === null ? other.stageIndex < job.stageIndex : needs.some((need) => need.job === other.name);
  });
  const isIgnored = (other: Job): boolean => other.status === 'manual' && other.allowFailure;
  // As in GitLab, one need that does not run is enough to decide about the job that needs it.
  if (needs !== null && before.some((other) => other.status === 'skipped' || isIgnored(other))) return;
  for (const other of before) {
    expect(isCompleted(other.status) || isIgnored(other), `${job.name} runs before ${other.name}`).toBe(true);
  }
}

/** Lets everything that waits succeed, and time pass, until nothing waits any more. */
function runToTheEnd(jobs: readonly JobSpec[]): void {
  for (let left = jobs.length * 4; left > 0; left -= 1) {
    step({ pick: 0, what: 'success' });
    fixture.advance(10);
    fixture.ctx.ci.tick();
  }
  expect(fixture.store.jobs.by('status', 'pending'), 'jobs go on for ever').toEqual([]);
}

function checkPipeline(jobs: readonly JobSpec[], steps: readonly { pick: number; what: string }[]): void {
  const { store } = fixture;
  fixture.ctx.events.on('job', (job) => {
    if (job.status === 'pending') expectNeedsDone(job);
  });
  const { id } = fixture.push(jobs);
  for (const one of steps) step(one);
  runToTheEnd(jobs);
  const all = store.jobs.by('pipelineId', id);
  const current = all.filter((job) => !job.retried);
  const blocked = current.some((job) => job.status === 'manual' || job.status === 'scheduled');
  const ended = isCompleted(store.pipelines.need(id).status);
  expect(ended || blocked, JSON.stringify(fixture.statuses())).toBe(true);
  for (const spec of jobs) {
    expect(all.filter((job) => job.name === spec.name).length).toBeLessThanOrEqual(spec.retry.max + 1);
    expect(current.filter((job) => job.name === spec.name)).toHaveLength(1);
  }
}

describe('any pipeline, whatever happens to its jobs', () => {
  it('ends, never runs a job before what it waits for, and retries only as often as allowed', () => {
    fc.assert(
      fc.property(pipelineArbitrary, fc.array(stepArbitrary, { maxLength: 40 }), (jobs, steps) => {
        fixture = openFixture();
        try {
          checkPipeline(jobs, steps);
        } finally {
          fixture.close();
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
