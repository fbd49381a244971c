// The log of a job, part by part, for as long as it goes on.
import type { Output, ParsedInput, StopSignal } from '../contract/contract.ts';
import { AutoGitError, toAutoGitError } from '../errors.ts';
import { isFinished } from '../model/job.ts';
import type { Job } from '../model/job.ts';
import type { JobLogPart } from '../ports.ts';
import { requireJob } from './job-requests.ts';
import type { RequestContext } from './requests.ts';

/** How often a followed log is read again at least and at most, in milliseconds. */
const logPollMs = { shortest: 1_000, longest: 10_000 } as const;
/** A GitLab may send a log from its beginning each time: for each so many bytes of it, a second is waited. */
const bytesPerSecond = 1_048_576;
/** So often in a row may GitLab not answer somebody who follows a log: about a minute. */
const mostFailures = 60;

/**
 * `job.log`. Whoever follows waits for a job to begin, and through short absences of GitLab. Rejects with `job.unknown`,
 * `job.not-begun`, `job.log-gone`, and what GitLab's port rejects with.
 */
export async function* streamLog(
  { id, follow }: ParsedInput<'job.log'>,
  { store, coordinator, clock }: RequestContext,
  signal: StopSignal,
): AsyncGenerator<Output<'job.log'>> {
  let offset = 0;
  let failures = 0;
  for (;;) {
    const job = requireJob(id, { store });
    const ended = isFinished(job);
    if (!follow && (job.status === 'pending' || job.status === 'created')) throw notBegun(job);
    try {
      const part: JobLogPart = await coordinator.gitlab().jobLog(job.projectId, id, { offset, ended });
      failures = 0;
      if (part.text !== '') yield { offset, text: part.text };
      offset = part.nextOffset;
      if (part.more === true && !signal.aborted) continue;
      if (!follow || ended || signal.aborted) return;
    } catch (error) {
      const problem = toAutoGitError(error);
      failures += 1;
      if (problem.fields['status'] === 404) throw logGone(job);
      if (!follow || !problem.retry || failures > mostFailures || signal.aborted) throw error;
    }
    await clock.sleep(failures > 0 ? logPollMs.shortest : pollMs(offset));
  }
}

/** Milliseconds until a log that has grown to `offset` bytes is read again. */
function pollMs(offset: number): number {
  const { shortest, longest } = logPollMs;
  return Math.min(longest, Math.max(shortest, (offset / bytesPerSecond) * 1_000));
}

function notBegun({ id, status }: Job): AutoGitError {
  return new AutoGitError({
    key: 'job.not-begun',
    message: `Job ${id} has not begun, so it has no log yet: it ${status === 'pending' ? 'waits' : 'comes after earlier jobs'}.`,
    next: `Wait for it: autogit job log ${id} --follow. See why it waits: autogit job explain ${id}`,
    fields: { id, status },
    retry: true,
  });
}

function logGone({ id }: Job): AutoGitError {
  return new AutoGitError({
    key: 'job.log-gone',
    message: `GitLab has no log of job ${id} any more: the job, or its project, was deleted there.`,
    next: `What AutoGit knows of it: autogit job show ${id}`,
    fields: { id },
  });
}
