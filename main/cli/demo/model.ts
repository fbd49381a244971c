// What the demo knows, folded from what it is told. Pure.
import { assertNever } from '../../model/assert.ts';
import type { JobView, Snapshot } from '../../contract/snapshot.ts';

/** The demo's steps, in order. */
export type Phase = 'core' | 'sandbox' | 'seed' | 'jobs' | 'teardown' | 'reset' | 'done';

export interface DemoModel {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly phase: Phase;
  /** Jobs that the pipeline will have. */
  readonly expected: number;
  readonly project: { readonly id: number; readonly path: string } | null;
  readonly snapshot: Snapshot | null;
  /** Jobs of the demo's project as last seen, by id. */
  readonly jobs: readonly JobView[];
  /** Totals of the home before the demo's first runner. */
  readonly before: Snapshot['totals'] | null;
  /** When the core went away; `null` while it is there. */
  readonly lostAt: number | null;
  /** The last line of the newest running job's log. */
  readonly log: { readonly job: string; readonly line: string } | null;
  /** When something of the lab last changed. */
  readonly changedAt: number;
  /** Somebody pressed Ctrl-C. */
  readonly interrupted: boolean;
}

export type DemoEvent =
  | { readonly kind: 'phase'; readonly phase: Phase }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'seeded'; readonly project: DemoModel['project'] }
  | { readonly kind: 'log'; readonly job: string; readonly text: string }
  | { readonly kind: 'core-lost' }
  | { readonly kind: 'core-back' }
  | { readonly kind: 'interrupted' };

/** The model before anything has happened. */
export function newDemo(expected: number, now: number): DemoModel {
  return {
    startedAt: now,
    phase: 'core',
    expected,
    project: null,
    snapshot: null,
    jobs: [],
    before: null,
    lostAt: null,
    log: null,
    changedAt: now,
    interrupted: false,
  };
}

/** True while a job may still change. */
export function isOpen(job: JobView): boolean {
  return ['created', 'pending', 'running', 'canceling'].includes(job.status);
}

/** Jobs of the project, kept when the core forgets them. */
function mergeJobs(known: readonly JobView[], snapshot: Snapshot, project: number): readonly JobView[] {
  const seen = snapshot.jobs.filter((job) => job.projectId === project);
  const byId = new Map([...known, ...seen].map((job) => [job.id, job]));
  return [...byId.values()].sort((a, b) => a.id - b.id);
}

function foldSnapshot(model: DemoModel, snapshot: Snapshot, now: number): DemoModel {
  const project = model.project?.id ?? null;
  // After the reset, the sandbox's numbers begin again and belong to nobody we know.
  const follows = project !== null && (model.phase === 'jobs' || model.phase === 'teardown');
  const jobs = follows ? mergeJobs(model.jobs, snapshot, project) : model.jobs;
  const next = { ...model, snapshot, before: model.before ?? snapshot.totals, jobs };
  return { ...next, changedAt: movements(next) === movements(model) ? model.changedAt : now };
}

/** What counts as movement: states of jobs and runners, not the times at which they were read. */
function movements({ jobs, snapshot }: DemoModel): string {
  const runners = snapshot?.runners ?? [];
  return [...jobs, ...runners].map((one) => `${one.id} ${'status' in one ? one.status : one.state}`).join();
}

/** The last line of a log that says something, without GitLab's section marks. */
function lastLine(text: string): string | null {
  const lines = text
    .replaceAll(/section_(?:start|end):\d+:[^\r\n]*\r/g, '')
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '');
  return lines.at(-1) ?? null;
}

/** The model after an event at `now`. */
export function foldDemo(model: DemoModel, event: DemoEvent, now: number): DemoModel {
  switch (event.kind) {
    case 'phase': {
      const next = { ...model, phase: event.phase, changedAt: now };
      // The newest snapshot may hold what this phase is about.
      return next.snapshot === null ? next : foldSnapshot(next, next.snapshot, now);
    }
    case 'snapshot':
      return foldSnapshot(model, event.snapshot, now);
    case 'seeded':
      return { ...model, project: event.project, jobs: [], changedAt: now };
    case 'log': {
      const line = lastLine(event.text);
      return line === null ? model : { ...model, log: { job: event.job, line } };
    }
    case 'core-lost':
      return { ...model, lostAt: now };
    case 'core-back':
      return { ...model, lostAt: null, changedAt: now };
    case 'interrupted':
      return { ...model, interrupted: true };
    default:
      return assertNever(event);
  }
}

export interface JobCounts {
  readonly total: number;
  readonly later: number;
  readonly waiting: number;
  readonly running: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly canceled: number;
  readonly ended: number;
}

/** How many of the jobs are where. Jobs that were not seen yet count as later. */
export function countJobs(model: DemoModel): JobCounts {
  const having = (...wanted: readonly JobView['status'][]): number =>
    model.jobs.filter((job) => wanted.includes(job.status)).length;
  const total = Math.max(model.expected, model.jobs.length);
  const waiting = having('pending');
  const running = having('running', 'canceling');
  const ended = model.jobs.length - having('created') - waiting - running;
  return {
    total,
    later: total - waiting - running - ended,
    waiting,
    running,
    succeeded: having('success'),
    failed: having('failed'),
    canceled: having('canceled', 'skipped'),
    ended,
  };
}

/** Every job of the pipeline has ended. */
export function allEnded(model: DemoModel): boolean {
  return model.jobs.length >= model.expected && !model.jobs.some(isOpen);
}

/** Every job has ended and every runner has gone. */
export function isOver(model: DemoModel): boolean {
  return allEnded(model) && model.snapshot !== null && model.snapshot.runners.length === 0;
}

/** Milliseconds without movement after which jobs that are missing are given up; less when a failure explains it. */
const patience = { plain: 60_000, failed: 3000 } as const;

/** Jobs are missing that will not come: a stage before theirs has failed, or nothing moves any more. */
export function isStuck(model: DemoModel, now: number): boolean {
  if (model.lostAt !== null || isOver(model) || model.snapshot === null) return false;
  if (model.snapshot.runners.length > 0 || model.jobs.some((job) => job.status === 'running')) return false;
  const explained = model.jobs.some((job) => job.status === 'failed');
  const waits = model.jobs.some((job) => job.status === 'pending');
  return now - model.changedAt > (explained && !waits ? patience.failed : patience.plain);
}
