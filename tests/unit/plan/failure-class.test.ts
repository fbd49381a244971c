import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureReasons } from '../../../main/sandbox/ci/failure-reasons.ts';
import { failureClasses } from '../../../main/model/failure.ts';
import { explainFailure } from '../../../main/plan/failure-class.ts';
import type { FailureFacts } from '../../../main/plan/failure-class.ts';

const job = (change: Partial<FailureFacts['job']> = {}): FailureFacts['job'] => ({
  status: 'failed',
  failureReason: 'script_failure',
  startedAt: 10_000,
  finishedAt: 70_000,
  ...change,
});
type Runner = NonNullable<FailureFacts['runner']>;
const runner = (change: Partial<Runner> = {}): Runner => ({
  id: 'aaaaaaaa',
  pool: 'small',
  goneAt: null,
  failure: null,
  ...change,
});
const small = { name: 'small', memoryMiB: 512 };
const facts = (change: Partial<FailureFacts> = {}): FailureFacts => ({
  job: job(),
  runner: runner(),
  pool: small,
  ...change,
});

describe('the class of a failed job', () => {
  it.each([
    ['script_failure', 'script'],
    ['trace_size_exceeded', 'script'],
    ['runner_system_failure', 'runner'],
    ['runner_interrupted', 'runner'],
    ['runner_configuration_error', 'runner'],
    ['image_pull_failure', 'runner'],
    ['runner_external_dependency_failure', 'host'],
    ['job_execution_timeout', 'timeout'],
    ['server_timeout_running', 'timeout'],
    ['stuck_pending_no_matching_runners', 'timeout'],
    ['missing_dependency_failure', 'gitlab'],
    ['unmet_prerequisites', 'gitlab'],
    ['user_blocked', 'gitlab'],
    ['unknown_failure', 'gitlab'],
    ['something_new_of_gitlab_20', 'gitlab'],
    [null, 'gitlab'],
  ] as const)('%s is of class %s', (failureReason, expected) => {
    expect(explainFailure(facts({ job: job({ failureReason }) }))?.class).toBe(expected);
  });

  it('of a cancelled job is cancelled, whatever became of its runner', () => {
    const gone = runner({ goneAt: 60_000, vanished: true, outOfMemoryAt: 60_000 });
    expect(explainFailure(facts({ job: job({ status: 'canceled' }), runner: gone }))).toMatchObject({
      class: 'cancelled',
      sentence: 'It was cancelled.',
    });
  });

  it.each(['created', 'pending', 'running', 'canceling', 'success', 'skipped', 'unknown'] as const)(
    'is none for a job that is %s',
    (status) => expect(explainFailure(facts({ job: job({ status }) }))).toBeNull(),
  );

  it('is known for every reason that GitLab gives, with a sentence of our own', () => {
    for (const failureReason of failureReasons) {
      const explained = explainFailure(facts({ job: job({ failureReason }), runner: null }));
      if (failureReason !== 'pipeline_loop_detected' && !failureReason.includes('downstream'))
        expect(explained?.sentence, failureReason).not.toContain('gives as its reason');
    }
  });
});

describe('a want of memory', () => {
  const told = { job: job(), runner: runner({ outOfMemoryAt: 69_000 }) };

  it('while the job ran is the fault of what its pool gives, with the limit and the setting', () => {
    expect(explainFailure(facts(told))).toEqual({
      class: 'host',
      sentence: 'It ran out of memory: pool "small" gives 512 MiB to each of its containers.',
      next: 'Give it more: autogit pool set small --memory-mib 1024',
    });
  });

  it('without a limit is the fault of the machine', () => {
    const unlimited = { name: 'small', memoryMiB: null };
    expect(explainFailure(facts({ ...told, pool: unlimited }))?.sentence).toBe(
      'The machine ran out of memory, and the job was ended for it.',
    );
    expect(explainFailure(facts({ ...told, pool: null }))?.class).toBe('host');
  });

  it('that is told a little late still counts; of a job before or after this one it does not', () => {
    const at = (outOfMemoryAt: number) => explainFailure(facts({ runner: runner({ outOfMemoryAt }) }))?.class;
    expect(at(75_000)).toBe('host');
    expect(at(9_000)).toBe('script');
    expect(at(100_000)).toBe('script');
  });

  it('that was seen only when the runner was cleared away is put down to its jobs', () => {
    const gone = runner({ outOfMemoryAt: 400_000, goneAt: 400_000 });
    expect(explainFailure(facts({ runner: gone }))?.class).toBe('host');
  });

  it('does not excuse a job that took too long or was refused by GitLab', () => {
    for (const failureReason of ['job_execution_timeout', 'user_blocked'])
      expect(explainFailure(facts({ ...told, job: job({ failureReason }) }))?.class).not.toBe('host');
  });
});

describe('a runner that was lost with its job', () => {
  const stuck = job({ failureReason: 'no_updates_running', finishedAt: 3_700_000 });

  it('because somebody removed its container is the fault of the host', () => {
    const gone = runner({ goneAt: 60_000, vanished: true });
    expect(explainFailure(facts({ job: stuck, runner: gone }))).toMatchObject({
      class: 'host',
      sentence: 'Its runner aaaaaaaa was removed while it ran, and not by AutoGit.',
    });
  });

  it('because it ended badly is the fault of the runner, with what it said last', () => {
    const gone = runner({ goneAt: 60_000, failure: 'it ended with code 2: panic' });
    expect(explainFailure(facts({ job: stuck, runner: gone }))).toMatchObject({
      class: 'runner',
      sentence: 'Its runner failed: it ended with code 2: panic.',
    });
  });

  it('with its machine is the fault of the host', () => {
    expect(explainFailure(facts({ job: stuck, runner: runner() }))).toMatchObject({
      class: 'host',
      sentence:
        'GitLab heard nothing more from its runner aaaaaaaa: its machine hangs, or has lost its network.',
    });
    expect(explainFailure(facts({ job: stuck, runner: null }))?.class).toBe('runner');
  });

  it('is not the reason where the runner itself told how the job ended', () => {
    const gone = runner({ goneAt: 71_000, vanished: true });
    expect(explainFailure(facts({ runner: gone }))?.class).toBe('script');
  });
});

describe('a job to which the gateway has refused something', () => {
  const refused = runner({ refusal: 'privileged containers are not allowed' });

  it('has asked for too much', () => {
    expect(
      explainFailure(facts({ job: job({ failureReason: 'runner_system_failure' }), runner: refused })),
    ).toMatchObject({
      class: 'script',
      sentence: 'It asked for what its pool does not allow: privileged containers are not allowed.',
    });
  });

  it('and that failed by its script, or took too long, failed by that', () => {
    expect(explainFailure(facts({ runner: refused }))?.sentence).toBe('Its script ended with an error.');
    const late = job({ failureReason: 'job_execution_timeout' });
    expect(explainFailure(facts({ job: late, runner: refused }))?.class).toBe('timeout');
  });
});

describe('every failure', () => {
  it('has one of the classes, a sentence that fits and a next step', () => {
    const time = fc.option(fc.integer({ min: 0, max: 200_000 }));
    const world = fc.record({
      job: fc.record({
        status: fc.constantFrom('failed' as const, 'canceled' as const),
        failureReason: fc.option(fc.oneof(fc.constantFrom(...failureReasons), fc.string({ maxLength: 300 }))),
        startedAt: time,
        finishedAt: time,
      }),
      runner: fc.option(
        fc.record({
          id: fc.constant('aaaaaaaa'),
          pool: fc.string(),
          goneAt: time,
          failure: fc.option(fc.string({ maxLength: 600 })),
          outOfMemoryAt: fc.integer({ min: 0, max: 200_000 }),
          vanished: fc.boolean(),
          refusal: fc.string({ maxLength: 400 }),
        }),
      ),
      pool: fc.option(
        fc.record({
          name: fc.constant('a'.repeat(32)),
          memoryMiB: fc.option(fc.integer({ min: 64, max: 4_194_304 })),
        }),
      ),
    });
    fc.assert(
      fc.property(world, (seen) => {
        const explained = explainFailure(seen);
        expect(failureClasses).toContain(explained?.class);
        expect(explained?.sentence.length).toBeLessThanOrEqual(160);
        expect(explained?.next.length).toBeGreaterThan(5);
      }),
    );
  });
});
