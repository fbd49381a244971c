// What the requests about single runners do. None of them ends a job.
import type { Outcome, Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { nearest } from '../model/nearest.ts';
import type { RunnerRecord } from '../model/runner.ts';
import { freshValue } from '../plan/freshness.ts';
import { sortRunners } from '../plan/runners.ts';
import type { Runner } from '../plan/runners.ts';
import { awaitEffect, notYet } from './effect.ts';
import type { RequestContext } from './requests.ts';
import { renderJob, renderRunner } from './snapshot.ts';

/** Among so many of the newest records a runner that is gone is looked for. */
const rememberedRunners = 1_000;

type Found = { readonly live: Runner } | { readonly gone: RunnerRecord };

/** By id or name, alive or gone. Throws `runner.unknown`. */
function requireRunner(id: string, { coordinator, store }: RequestContext): Found {
  const live = sortRunners(coordinator.look().observed);
  const nameOf = ({ record, container }: Runner): string => record?.name ?? container?.name ?? '';
  const found = live.find((runner) => runner.id === id || nameOf(runner) === id);
  if (found !== undefined) return { live: found };
  const gone = store
    .recentRunners(rememberedRunners)
    .find((record) => record.id === id || record.name === id);
  if (gone !== undefined) return { gone };
  const meant = nearest(
    id,
    live.map((runner) => runner.id),
  );
  throw new AutoGitError({
    key: 'runner.unknown',
    message: `AutoGit knows no runner ${JSON.stringify(id.slice(0, 60))}.`,
    next: meant === null ? 'List those that are alive with: autogit runner list' : `Did you mean ${meant}?`,
  });
}

/** `runner.show`. */
export async function showRunner(
  { id }: ParsedInput<'runner.show'>,
  context: RequestContext,
): Promise<Output<'runner.show'>> {
  const found = requireRunner(id, context);
  if ('live' in found) {
    const { job, record } = found.live;
    return {
      runner: renderRunner(found.live),
      job: job === null ? null : renderJob(job, context.runnerOf),
      goneAt: null,
      failure: record?.failure ?? null,
    };
  }
  const { name, pool, node, createdAt, startedAt, goneAt, failure } = found.gone;
  const runner = {
    id: found.gone.id,
    name,
    pool,
    node,
    state: 'gone',
    createdAt,
    startedAt,
    jobId: null,
  } as const;
  return { runner, job: null, goneAt, failure };
}

/** `runner.drain`: the wish is kept in the runner's record until it is gone. */
export async function drainRunner(
  { id, dryRun }: ParsedInput<'runner.drain'>,
  context: RequestContext,
): Promise<Outcome> {
  const found = requireRunner(id, context);
  if ('gone' in found) return goneAlready(found.gone, dryRun);
  const runner = requireReachable(found.live);
  if (dryRun) return leaving(runner, dryRun, `Runner ${runner.id} would finish what it has and leave.`);
  askToLeave(runner, context);
  if (runner.job === null) return untilGone(runner, context);
  const message = `Runner ${runner.id} finishes job ${runner.job.id} and leaves then.`;
  context.coordinator.refresh();
  return leaving(runner, dryRun, message, `Read along: autogit job log ${runner.job.id} --follow`);
}

/** `runner.remove`. Rejects with `runner.busy` for one with a job, and where nobody can know. */
export async function removeRunner(
  { id, dryRun }: ParsedInput<'runner.remove'>,
  context: RequestContext,
): Promise<Outcome> {
  const found = requireRunner(id, context);
  if ('gone' in found) return goneAlready(found.gone, dryRun);
  const runner = requireReachable(found.live);
  const isQueueKnown = freshValue(context.coordinator.look().observed.gitlab) !== null;
  if (runner.job !== null || !isQueueKnown) throw busy(runner);
  if (dryRun) return leaving(runner, dryRun, `Runner ${runner.id} has no job and would be removed.`);
  askToLeave(runner, context);
  return untilGone(runner, context);
}

function busy({ id, job }: Runner): AutoGitError {
  return new AutoGitError({
    key: 'runner.busy',
    message:
      job === null
        ? `Whether runner ${id} has a job is not known while GitLab does not answer.`
        : `Runner ${id} has job ${job.id} of ${job.project}, and a runner with a job is never removed.`,
    next: `Let it finish and leave: autogit runner drain ${id}`,
    fields: { id, ...(job === null ? {} : { job: job.id }) },
    retry: true,
  });
}

/** A runner that can be asked something. Throws `runner.starting`, `runner.away`. */
function requireReachable(runner: Runner): Runner {
  const { id, state, record } = runner;
  if (state === 'lost') {
    throw new AutoGitError({
      key: 'runner.away',
      message: `Runner ${id} cannot be seen on the container engine in use, so it cannot be asked to leave.`,
      next: 'See where it is and what to do: autogit issue list',
      fields: { id },
    });
  }
  if (state === 'starting' || record === null) {
    throw new AutoGitError({
      key: 'runner.starting',
      message: `Runner ${id} is only starting and cannot be asked to leave yet.`,
      next: 'Ask again in a few seconds.',
      fields: { id },
      retry: true,
    });
  }
  return runner;
}

/** The plan asks everyone whose record says so, again and again until it is gone. */
function askToLeave({ id }: Runner, { store }: RequestContext): void {
  store.updateRunner(id, { phase: 'draining' });
}

/** An idle runner may get a job in the very moment in which it is asked: then it finishes that first. */
async function untilGone(runner: Runner, context: RequestContext): Promise<Outcome> {
  const { id } = runner;
  const done = await awaitEffect(context, ({ runners }) =>
    runners.every((other) => other.id !== id || other.jobId !== null),
  );
  const present = context.live.current();
  if (done === null) throw notYet(`Runner ${id} is still there`, present);
  const job = done.runners.find((other) => other.id === id)?.jobId ?? null;
  const message =
    job === null
      ? `Runner ${id} has left.`
      : `Runner ${id} got job ${job} in the same moment; it finishes that and leaves then.`;
  return leaving(runner, false, message);
}

function leaving({ id }: Runner, dryRun: boolean, message: string, next: string | null = null): Outcome {
  const actions = [{ kind: 'stop-runner', target: `runner ${id}`, reason: 'it was asked to leave' }];
  return { dryRun, actions, message, next };
}

function goneAlready({ id }: RunnerRecord, dryRun: boolean): Outcome {
  return { dryRun, actions: [], message: `Runner ${id} is gone already.`, next: null };
}
