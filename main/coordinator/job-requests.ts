// What the requests about single jobs do.
import type { Outcome, Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { isFinished } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import { explainJob } from '../plan/explain.ts';
import type { RequestContext } from './requests.ts';
import { renderJob } from './snapshot.ts';

/** The job with this number. Throws `job.unknown`. */
export function requireJob(id: number, { store }: Pick<RequestContext, 'store'>): Job {
  const job = store.job(id);
  if (job !== null) return job;
  throw new AutoGitError({
    key: 'job.unknown',
    message: `AutoGit has not seen a job with the number ${id}.`,
    next: 'List the jobs it knows with: autogit job list',
    fields: { id },
  });
}

/** `12:03` by the clock of this machine, and the date where it is another day than `now`. */
export function clockTimeAt(now: number): (at: number) => string {
  const day = (at: number): string => new Date(at).toLocaleDateString('sv-SE');
  return (at) => {
    const time = new Date(at).toTimeString().slice(0, 5);
    return day(at) === day(now) ? time : `${day(at)} ${time}`;
  };
}

function explanationOf(job: Job, { coordinator }: RequestContext): Output<'job.show'>['explanation'] {
  const { desired, observed, now } = coordinator.look();
  const { data, ...rest } = explainJob(job, { desired, observed, now, clockTime: clockTimeAt(now) });
  const values = Object.entries(data).map(([name, value]): [string, string | number | string[]] => [
    name,
    typeof value === 'object' ? [...value] : value,
  ]);
  return { ...rest, data: Object.fromEntries(values) };
}

/** `job.show`. */
export async function showJob(
  { id }: ParsedInput<'job.show'>,
  context: RequestContext,
): Promise<Output<'job.show'>> {
  const job = requireJob(id, context);
  return { job: renderJob(job, context.runnerOf), explanation: explanationOf(job, context) };
}

/** `job.explain`. */
export async function explain(
  { id }: ParsedInput<'job.explain'>,
  context: RequestContext,
): Promise<Output<'job.explain'>> {
  return { job: id, ...explanationOf(requireJob(id, context), context) };
}

/** What is done is GitLab's, so there is one step. */
function outcomeOf(kind: 'cancel-job' | 'retry-job', id: number, dryRun: boolean, message: string): Outcome {
  const actions = [{ kind, target: `job ${id}`, reason: 'it was asked for' }];
  return { dryRun, actions, message, next: null };
}

/** `job.cancel`. Rejects with `job.ended`. */
export async function cancelJob(
  { id, dryRun }: ParsedInput<'job.cancel'>,
  context: RequestContext,
): Promise<Outcome> {
  const job = requireJob(id, context);
  if (isFinished(job)) throw ended(job);
  if (dryRun) return outcomeOf('cancel-job', id, dryRun, `GitLab would be asked to cancel job ${id}.`);
  const now = await context.coordinator.gitlab().cancelJob(job.projectId, id);
  context.coordinator.refresh();
  if (now.status === 'canceled') return outcomeOf('cancel-job', id, dryRun, `Job ${id} is cancelled.`);
  if (now.status !== 'canceling') throw ended(now);
  return outcomeOf('cancel-job', id, dryRun, `Job ${id} is being cancelled; its runner ends it.`);
}

/** `job.retry`. Rejects with `job.not-ended`. */
export async function retryJob(
  { id, dryRun }: ParsedInput<'job.retry'>,
  context: RequestContext,
): Promise<Output<'job.retry'>> {
  const job = requireJob(id, context);
  if (!isFinished(job)) {
    throw new AutoGitError({
      key: 'job.not-ended',
      message: `Job ${id} has not ended, so it cannot be run again: it is ${job.status}.`,
      next: `See why it is where it is: autogit job explain ${id}`,
      fields: { id, status: job.status },
    });
  }
  if (dryRun)
    return {
      ...outcomeOf('retry-job', id, dryRun, `GitLab would be asked to run job ${id} again.`),
      job: null,
    };
  const made = await context.coordinator.gitlab().retryJob(job.projectId, id);
  context.coordinator.refresh();
  const message = `Job ${id} runs again as job ${made.id}.`;
  return {
    ...outcomeOf('retry-job', id, dryRun, message),
    next: `See it: autogit job show ${made.id}`,
    job: made.id,
  };
}

function ended({ id, status }: Pick<Job, 'id' | 'status'>): AutoGitError {
  return new AutoGitError({
    key: 'job.ended',
    message: `Job ${id} has ended (${status}), so there is nothing to cancel.`,
    next: `Run it once more with: autogit job retry ${id}`,
    fields: { id, status },
  });
}
