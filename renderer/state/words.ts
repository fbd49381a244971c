// Spans of time, counts and sizes in words, and what the core's short names mean to a reader.
import type { EngineStatus, JobView } from '../../main/contract/snapshot.ts';
import { numberFormat } from '../language/locale.ts';
import { count, t } from '../language/strings.ts';

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
  if (seconds < 2) return t('just now');
  if (seconds < 60) return t('{{seconds}} s ago', { seconds });
  if (seconds < 3600) return t('{{minutes}} min ago', { minutes: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t('{{hours}} h ago', { hours: Math.floor(seconds / 3600) });
  return t('{{days}} d ago', { days: Math.floor(seconds / 86_400) });
}

/** Days from which on they are counted as years. */
const manyDays = 730;

/** How far ahead, in one unit: `in 2 min`, `in 62 d`, `in 9 years`; `now` for what is over. */
export function ahead(then: number, now: number): string {
  const seconds = Math.ceil((then - now) / 1000);
  if (seconds <= 0) return t('now');
  if (seconds < 60) return t('in {{seconds}} s', { seconds });
  if (seconds < 3600) return t('in {{minutes}} min', { minutes: Math.floor(seconds / 60) });
  if (seconds < 86_400) return t('in {{hours}} h', { hours: Math.floor(seconds / 3600) });
  const days = Math.floor(seconds / 86_400);
  return days < manyDays
    ? t('in {{days}} d', { days })
    : count(Math.floor(days / 365), 'in {{n}} year', 'in {{n}} years');
}

/** MiB as GB with one decimal: `0.5 GB`. */
export function gigabytes(mebibytes: number): string {
  return `${((mebibytes * 1_048_576) / 1e9).toFixed(1)} GB`;
}

const oneDigit = numberFormat({ minimumFractionDigits: 1, maximumFractionDigits: 1 });
const wholeNumber = numberFormat({ maximumFractionDigits: 0 });

/** Bytes as GB: `0.5 GB`, `12.4 GB`, `1,863 GB`. */
export function sizeWords(bytes: number): string {
  const all = bytes / 1e9;
  return `${(all < 100 ? oneDigit : wholeNumber).format(all)} GB`;
}

const sizeUnits = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Bytes in the unit that fits: `26 MB`, `1.6 GB`, `4.0 TB`, `0 B`. */
export function bytesWords(bytes: number): string {
  let [amount, unit] = [Math.max(0, bytes), 0];
  while (amount >= 999.5 && unit < sizeUnits.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  const digits = unit >= 3 && amount < 99.95 ? 1 : 0;
  return `${amount.toFixed(digits)} ${sizeUnits[unit] ?? ''}`;
}

const rateUnits = ['B/s', 'kB/s', 'MB/s', 'GB/s'] as const;

/** Bytes a second: `0 B/s`, `340 kB/s`, `1.2 MB/s`. */
export function rateWords(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (amount >= 999.5 && unit < rateUnits.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  const digits = unit > 0 && amount < 9.95 ? 1 : 0;
  return `${amount.toFixed(digits)} ${rateUnits[unit] ?? ''}`;
}

/** `34 %`. */
export function percentWords(value: number): string {
  return `${Math.round(value)} %`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return t('{{list}} and {{last}}', { list: words.slice(0, -1).join(', '), last: words.at(-1) ?? '' });
}

/** The first letter large. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** An engine in a few words: `Docker 20.10.24, rootless`. */
export function engineName(engine: Pick<EngineStatus, 'kind' | 'version' | 'rootless'>): string {
  if (engine.kind === null) return t('Unknown engine');
  const name = engine.kind === 'docker' ? 'Docker' : 'Podman';
  const known =
    engine.version === null
      ? t('{{engine}} of unknown version', { engine: name })
      : `${name} ${engine.version}`;
  if (engine.rootless === null) return known;
  return engine.rootless
    ? t('{{engine}}, rootless', { engine: known })
    : t('{{engine}}, root', { engine: known });
}

/** The same for the one in use, of which perhaps nothing is known yet. */
export function engineWords(engine: EngineStatus): string {
  if (engine.kind !== null) return engineName(engine);
  return engine.state === 'failed' ? t('No engine answers') : t('Not looked at yet');
}

export interface FailureWords {
  /** Whose doing it was: `Script`. */
  readonly whose: string;
  /** What happened, a sentence. */
  readonly cause: string;
  readonly next: string;
}

/** Whose doing it was that a job failed, in a word or two. */
const failureClasses: Readonly<Record<NonNullable<JobView['failure']>['class'], string>> = {
  script: t('Script'),
  runner: t('Runner'),
  host: t('This machine'),
  gitlab: 'GitLab',
  cancelled: t('Cancelled'),
  timeout: t('Timeout'),
};

/** Why a job failed; `null` when it has not. */
export function failureOf({ status, failure }: JobView): FailureWords | null {
  if (status !== 'failed') return null;
  if (failure === undefined)
    return {
      whose: t('Unknown'),
      cause: t('Nobody has said why it failed.'),
      next: t('Its log may say more.'),
    };
  return { whose: failureClasses[failure.class], cause: failure.sentence, next: failure.next };
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
