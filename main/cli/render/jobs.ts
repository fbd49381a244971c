// Jobs, their logs and events as text.
import type { Output } from '../../contract/contract.ts';
import type { JobView } from '../../contract/snapshot.ts';
import { runnerIdOf } from '../../model/runner.ts';
import { renderPairs, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { ago, clean, clockTime, cut, duration, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

const tones: Readonly<Record<JobView['status'], Tone>> = {
  created: 'quiet',
  pending: 'warn',
  running: 'busy',
  canceling: 'warn',
  success: 'good',
  failed: 'bad',
  canceled: 'quiet',
  skipped: 'quiet',
  unknown: 'quiet',
};

/** The word for a job's status: a queued job is called waiting, one that needs others first, later. */
export function statusWord(status: JobView['status']): string {
  if (status === 'created') return 'later';
  return status === 'pending' ? 'waiting' : status;
}

function statusCell(job: JobView): Cell {
  const reason = job.status === 'failed' && job.failure !== undefined ? ` (${job.failure.class})` : '';
  return { text: statusWord(job.status) + reason, tone: tones[job.status] };
}

/** Milliseconds that a job waited, or waits now; `null` when nobody knows. */
export function waitOf(job: JobView, now: number): number | null {
  if (job.waitedMs !== null) return job.waitedMs;
  if (job.startedAt !== null) return Math.max(0, job.startedAt - job.firstSeenAt);
  return job.status === 'pending' ? Math.max(0, now - job.firstSeenAt) : null;
}

/** A job's runner under the id that `autogit runner list` shows; `null` without one. */
export function runnerWord({ runner }: Pick<JobView, 'runner'>): string | null {
  return runner === null ? null : (runnerIdOf(runner) ?? runner);
}

/** `autogit job list`. */
export function renderJobs(jobs: readonly JobView[], view: View): string {
  if (jobs.length === 0) return 'No job waits, runs, or ended lately.\n';
  return renderTable<JobView>(
    [
      { title: 'JOB', cell: (job) => String(job.id) },
      { title: 'STATUS', cell: statusCell },
      { title: 'NAME', cell: (job) => job.name },
      { title: 'PROJECT', cell: (job) => job.project },
      {
        title: 'WAITED',
        cell: (job) => {
          const waited = waitOf(job, view.now);
          return waited === null ? '-' : duration(waited);
        },
      },
      { title: 'SEEN', cell: (job) => ago(job.firstSeenAt, view.now) },
      { title: 'RUNNER', cell: (job) => runnerWord(job) ?? '-' },
    ],
    jobs,
    view,
  );
}

/** `autogit job explain`: one sentence, and what to do. */
export function renderExplanation(
  { sentence, next }: Pick<Output<'job.explain'>, 'sentence' | 'next'>,
  view: View,
): string {
  return [
    ...wrap(clean(sentence), view.width),
    ...wrap(clean(next), view.width).map((line) => paint(line, 'quiet', view)),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

/** `autogit job show`. */
export function renderJob({ job, explanation }: Output<'job.show'>, view: View): string {
  const waited = waitOf(job, view.now);
  const pairs = renderPairs(
    [
      ['Job', `${job.id} ${job.name}`],
      ['Status', statusCell(job)],
      ['Project', job.project],
      ['Branch', job.ref],
      ['Tags', job.tags.join(', ') || 'none'],
      ['Seen', ago(job.firstSeenAt, view.now)],
      ['Waited', waited === null ? '-' : duration(waited)],
      ['Runner', runnerWord(job) ?? '-'],
      ...(job.failure === undefined ? [] : [['Why', { text: job.failure.sentence, tone: 'bad' }] as const]),
      ...(job.failureReason === null
        ? []
        : [['For GitLab', job.failureReason.replaceAll('_', ' ')] as const]),
    ],
    view,
  );
  const { next } = job.failure ?? explanation;
  return `${pairs}\n${renderExplanation({ ...explanation, next }, view)}`;
}

/** `autogit job log`: the log as GitLab has it, colours and all. */
export function renderLog(part: Output<'job.log'>): string {
  return part.text;
}

/** `autogit events`: one line. */
export function renderEvent(event: Output<'events.follow'>, view: View): string {
  const time = clockTime(event.at);
  const text = cut(clean(event.message), Math.max(10, view.width - time.length - 2));
  return `${paint(time, 'quiet', view)}  ${text}\n`;
}
