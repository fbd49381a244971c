// The demo without a screen: one plain line for everything that happens. Pure.
import type { JobView, RunnerView } from '../../contract/snapshot.ts';
import { runnerWord, waitOf } from '../render/jobs.ts';
import { clean, count, duration } from '../render/text.ts';
import type { DemoModel } from './model.ts';
import { demoSentence } from './words.ts';

function jobLine(before: JobView | undefined, job: JobView, now: number): readonly string[] {
  if (before?.status === job.status) return [];
  const name = `${clean(job.name)} (job ${job.id})`;
  switch (job.status) {
    case 'created':
    case 'unknown':
      return [];
    case 'pending':
      return [`${name} waits`];
    case 'running': {
      const waited = waitOf(job, now);
      const after = waited === null ? '' : ` after ${duration(waited)}`;
      const runner = runnerWord(job);
      return [`${name} runs${after}${runner === null ? '' : ` on ${runner}`}`];
    }
    case 'canceling':
      return [`${name} is being cancelled`];
    case 'success':
      return [`${name} succeeded`];
    case 'failed':
      return [
        `${name} failed${job.failureReason === null ? '' : `: ${job.failureReason.replaceAll('_', ' ')}`}`,
      ];
    case 'canceled':
      return [`${name} was cancelled`];
    case 'skipped':
      return [`${name} was skipped`];
  }
}

function runnerLine(before: RunnerView | undefined, runner: RunnerView): readonly string[] {
  if (before?.state === runner.state) return [];
  switch (runner.state) {
    case 'starting':
      return [`runner ${runner.id} starts`];
    case 'prepared':
      return [];
    case 'warm':
      return [`runner ${runner.id} waits for jobs`];
    case 'idle':
      return [`runner ${runner.id} is idle`];
    case 'leaving':
    case 'finished':
      return before?.state === 'leaving' || before?.state === 'finished'
        ? []
        : [`runner ${runner.id} leaves`];
    case 'lost':
      return [`runner ${runner.id} is lost`];
    case 'busy':
      return [];
  }
}

function phaseLine(before: DemoModel, after: DemoModel, now: number): readonly string[] {
  if (before.lostAt === null && after.lostAt !== null)
    return ['the core is gone; waiting for one to come back'];
  if (before.lostAt !== null && after.lostAt === null) return ['a core is back; nothing is lost'];
  if (!before.interrupted && after.interrupted)
    return ['interrupted: removing everything; once more stops at once'];
  if (before.phase === after.phase || after.phase === 'done') return [];
  if (after.phase === 'jobs')
    return [`pushed ${after.project?.path ?? 'a project'} with ${count(after.expected, 'job')}`];
  return [demoSentence({ ...after, snapshot: null }, now)];
}

/** What has happened between two models, in lines. */
export function linesBetween(before: DemoModel, after: DemoModel, now: number): readonly string[] {
  const knownJobs = new Map(before.jobs.map((job) => [job.id, job]));
  const knownRunners = new Map((before.snapshot?.runners ?? []).map((runner) => [runner.id, runner]));
  const runners = after.snapshot?.runners ?? [];
  const alive = new Set(runners.map((runner) => runner.id));
  const gone =
    after.snapshot === null ? [] : [...knownRunners.values()].filter((runner) => !alive.has(runner.id));
  const jobs = before.project === after.project ? after.jobs : [];
  return [
    ...phaseLine(before, after, now),
    ...jobs.flatMap((job) => jobLine(knownJobs.get(job.id), job, now)),
    ...runners.flatMap((runner) => runnerLine(knownRunners.get(runner.id), runner)),
    ...gone.map((runner) => `runner ${runner.id} is gone`),
  ];
}

/** A line with the seconds since the start. */
export function stamped(text: string, model: DemoModel, now: number): string {
  const seconds = ((now - model.startedAt) / 1000).toFixed(1);
  return `${seconds.padStart(6)} s  ${text}\n`;
}
