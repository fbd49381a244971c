// Spans of time, counts and sizes in words, and what the core's short names mean to a reader.
import type { EngineStatus, JobView } from '../../main/contract/snapshot.ts';

/** A span of time: `0.8 s`, `12 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`. */
export function duration(milliseconds: number): string {
  const exact = Math.max(0, milliseconds) / 1000;
  if (exact < 9.95) return `${exact.toFixed(1)} s`;
  const seconds = Math.round(exact);
  if (seconds < 60) return `${seconds} s`;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return pair(minutes, 'min', seconds % 60, 's');
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return pair(hours, 'h', minutes % 60, 'min');
  return pair(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

/** A span that still grows, without the tenths that nobody can read: `8 s`, `3 min 5 s`. */
export function elapsed(milliseconds: number): string {
  const whole = Math.floor(Math.max(0, milliseconds) / 1000) * 1000;
  return whole < 10_000 ? `${whole / 1000} s` : duration(whole);
}

/** How long ago, in one unit: `just now`, `2 min ago`. */
export function ago(then: number, now: number): string {
  const seconds = Math.floor((now - then) / 1000);
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

/** `1 job`, `2 jobs`. */
export function count(number: number, noun: string, many = `${noun}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? noun : many}`;
}

/** MiB as GB with one decimal: `0.5 GB`. */
export function gigabytes(mebibytes: number): string {
  return `${((mebibytes * 1_048_576) / 1e9).toFixed(1)} GB`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/** The first letter large. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An engine in a few words: `Docker 20.10.24, rootless`. */
export function engineName(engine: Pick<EngineStatus, 'kind' | 'version' | 'rootless'>): string {
  if (engine.kind === null) return 'Unknown engine';
  const name = engine.kind === 'docker' ? 'Docker' : 'Podman';
  const rights = engine.rootless === null ? '' : engine.rootless ? ', rootless' : ', root';
  return `${name} ${engine.version ?? 'of unknown version'}${rights}`;
}

/** The same for the one in use, of which perhaps nothing is known yet. */
export function engineWords(engine: EngineStatus): string {
  if (engine.kind !== null) return engineName(engine);
  return engine.state === 'failed' ? 'No engine answers' : 'Not looked at yet';
}

export interface FailureWords {
  /** Whose fault it was, and what happened. */
  readonly cause: string;
  readonly next: string;
}

/** GitLab's reasons: https://docs.gitlab.com/api/jobs/, `failure_reason`. */
const failures: Readonly<Record<string, FailureWords>> = {
  script_failure: {
    cause: 'Script ended with an error',
    next: 'Its last lines are in the log.',
  },
  runner_system_failure: {
    cause: 'Runner failed, not the script',
    next: 'Run it again in GitLab; if it fails again, see autogit issue list.',
  },
  stuck_or_timeout_failure: {
    cause: 'Ran, or waited, longer than its timeout',
    next: 'Raise the timeout in the project, or look at Pools for room.',
  },
  job_execution_timeout: {
    cause: 'Script took longer than its timeout',
    next: 'Raise the timeout of the job, or of the project in GitLab.',
  },
  runner_unsupported: {
    cause: 'Runner lacks something the job asks for',
    next: 'Its log names what is missing.',
  },
  missing_dependency_failure: {
    cause: 'Artifacts of an earlier job are missing',
    next: 'Run that job again in GitLab.',
  },
  image_pull_failure: {
    cause: 'Image could not be pulled',
    next: 'Check its name and whether this machine reaches its registry.',
  },
  no_matching_runner: {
    cause: 'No runner has all the tags of the job',
    next: 'Compare its tags with those on Pools.',
  },
};

/** Why a job failed; `null` when it has not, or nobody has said so. */
export function failureOf({ status, failureReason }: JobView): FailureWords | null {
  if (status !== 'failed') return null;
  if (failureReason === null) return { cause: 'GitLab gives no reason', next: 'Its log may say more.' };
  return (
    failures[failureReason] ?? {
      cause: capital(failureReason.replaceAll('_', ' ')),
      next: 'Its log may say more.',
    }
  );
}

/** Milliseconds that a job waited, or waits now; `null` when nobody knows. */
export function waitedFor(job: JobView, now: number): number | null {
  if (job.waitedMs !== null) return job.waitedMs;
  if (job.startedAt !== null) return Math.max(0, job.startedAt - job.firstSeenAt);
  return job.status === 'pending' ? Math.max(0, now - job.firstSeenAt) : null;
}

/** Milliseconds that a job ran, or runs now; `null` when it has not begun. */
export function ranFor(job: JobView, now: number): number | null {
  return job.startedAt === null ? null : Math.max(0, (job.finishedAt ?? now) - job.startedAt);
}
