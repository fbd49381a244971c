// What of backups is due now, and when to look again: each due time counts once, however long the machine slept.
import type { BackupCause, BackupVerb } from '../../model/backup/backup.ts';
import { newestTime, nextTime } from './when.ts';
import type { When } from './when.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Later than this, it was missed: the machine slept, or AutoGit did not run. */
export const lateMs = 15 * minute;
/** A backup that waits for jobs to end waits no longer. */
export const mostWaitMs = 6 * hour;
/** After the first, second … failure in a row of the same rule; after the last, its next time counts. */
export const retryMs = [5 * minute, 15 * minute, hour, 3 * hour] as const;
/** A clock that is wrong by more decides nothing about what is deleted. */
export const clockDoubtMs = hour;
/** While something is due and cannot begin yet. */
const soonMs = minute;

export type DueVerb = Extract<BackupVerb, 'create' | 'verify' | 'drill' | 'prune'>;

/** Backups first: what is checked, proved and pruned is then the newest. */
const order: readonly DueVerb[] = ['create', 'drill', 'verify', 'prune'];

/** What is remembered of a rule. */
export interface RuleMemory {
  /** The newest due time that was carried out or given up; all up to it are settled. */
  readonly settledAt: number;
  /** Failures in a row since, and when the last one ended. */
  readonly failures: number;
  readonly failedAt: number | null;
  /** Targets at which it failed; empty: all. */
  readonly failedTargets: readonly string[];
}

export interface DueRule {
  /** `create nightly`, `verify`: what it is remembered by. */
  readonly key: string;
  readonly verb: DueVerb;
  readonly schedule: string | null;
  readonly when: When;
  /** By name, those that can be reached as far as anybody knows. */
  readonly targets: readonly string[];
  readonly memory: RuleMemory;
}

export interface DueWorld {
  readonly now: number;
  readonly zone: string;
  /** Of this home: with the date it decides by how much later a run begins. */
  readonly instance: string;
  readonly jitterMinutes: number;
  readonly rules: readonly DueRule[];
  /** A run goes on: there is one at a time. */
  readonly isBusy: boolean;
  readonly waitForJobs: boolean;
  readonly runningJobs: number;
  /** Since when a rule waits for jobs to end, by its key. */
  readonly waitingSince: Readonly<Record<string, number>>;
  /** Why the clock cannot be trusted; `null`: it can. */
  readonly clockDoubt: string | null;
  /** Targets whose disk was plugged in and that ask for a backup then. */
  readonly pluggedIn: readonly string[];
}

export interface DueRun {
  readonly key: string | null;
  readonly verb: DueVerb;
  readonly schedule: string | null;
  readonly cause: BackupCause;
  readonly targets: readonly string[];
  /** The due time that it settles; `null`: of a disk that was plugged in. */
  readonly dueAt: number | null;
}

export interface DuePlan {
  readonly begin: DueRun | null;
  /** Due times that nothing can be done for, because no target of theirs is there. */
  readonly skip: readonly { readonly key: string; readonly dueAt: number }[];
  /** What is due and does not begin yet, and why. */
  readonly waiting: { readonly key: string; readonly why: string } | null;
  readonly wakeAt: number;
}

/** FNV-1a, https://datatracker.ietf.org/doc/html/draft-eastlake-fnv: spreads, and is no secret. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  }
  return hash / 2 ** 32;
}

/** When the run of a due time begins: a little later, always by the same amount for one home and one time. */
export function startOf(
  dueAt: number,
  rule: Pick<DueRule, 'when' | 'key'>,
  { zone, instance, jitterMinutes }: Pick<DueWorld, 'zone' | 'instance' | 'jitterMinutes'>,
): number {
  if (jitterMinutes === 0) return dueAt;
  const next = nextTime(rule.when, zone, dueAt) ?? Number.POSITIVE_INFINITY;
  // It has begun well before the next one is due.
  const most = Math.min(jitterMinutes * minute, (next - dueAt) / 2);
  return dueAt + Math.floor(spread(`${instance} ${rule.key} ${dueAt}`) * most);
}

/** A memory out of the future, written while the clock was far ahead, would hold everything up until it comes. */
export function pulledBack(memory: RuleMemory, now: number): RuleMemory {
  const { settledAt, failedAt } = memory;
  if (settledAt <= now + day && (failedAt ?? 0) <= now + day) return memory;
  return {
    ...memory,
    settledAt: Math.min(settledAt, now),
    failedAt: failedAt === null ? null : Math.min(failedAt, now),
  };
}

interface Due {
  readonly rule: DueRule;
  readonly dueAt: number;
  readonly startAt: number;
  readonly isRetry: boolean;
}

/** The newest due time of a rule that is not settled and whose start has come; and when its next start comes. */
function dueOf(rule: DueRule, world: DueWorld): { readonly due: Due | null; readonly next: number | null } {
  const { now, zone } = world;
  const { settledAt } = rule.memory;
  const newest = newestTime(rule.when, zone, settledAt, now);
  if (newest !== null) {
    const startAt = startOf(newest, rule, world);
    // What was missed before it is made up for by it, too.
    return startAt <= now
      ? { due: { rule, dueAt: newest, startAt, isRetry: false }, next: null }
      : { due: retryOf(rule, world), next: startAt };
  }
  const coming = nextTime(rule.when, zone, Math.max(settledAt, now));
  return { due: retryOf(rule, world), next: coming === null ? null : startOf(coming, rule, world) };
}

function retryOf(rule: DueRule, { now }: DueWorld): Due | null {
  const at = retryAt(rule.memory, now);
  if (at === null || at > now) return null;
  return { rule, dueAt: rule.memory.settledAt, startAt: at, isRetry: true };
}

/** When a failed run is tried again; `null`: not before its next time. */
export function retryAt({ failures, failedAt }: RuleMemory, now: number): number | null {
  const wait = retryMs[failures - 1];
  if (wait === undefined || failedAt === null) return null;
  return Math.min(failedAt, now) + wait;
}

/** What begins now, and when to look again. */
export function planDue(world: DueWorld): DuePlan {
  const { now, rules, isBusy, pluggedIn } = world;
  const seen = rules.map((rule) => ({ rule, ...dueOf(rule, world) }));
  const wakes = seen.flatMap(({ rule, next }) =>
    [next, retryAt(rule.memory, now)].filter((at) => at !== null && at > now),
  );
  const sleepsUntil = Math.min(now + day, ...wakes.filter((at) => at !== null));
  const due = seen
    .flatMap(({ due: one }) => (one === null ? [] : [one]))
    .toSorted((a, b) => order.indexOf(a.rule.verb) - order.indexOf(b.rule.verb) || a.startAt - b.startAt);
  const skip = due
    .filter(({ rule, isRetry }) => rule.targets.length === 0 && !isRetry)
    .map(({ rule, dueAt }) => ({ key: rule.key, dueAt }));
  const able = due.filter(({ rule }) => rule.targets.length > 0);
  if (able.length === 0 && pluggedIn.length === 0)
    return { begin: null, skip, waiting: null, wakeAt: sleepsUntil };
  const later = { begin: null, skip, wakeAt: Math.min(sleepsUntil, now + soonMs) };
  const waits = (one: Due | undefined, why: string | null): DuePlan['waiting'] =>
    one === undefined || why === null ? null : { key: one.rule.key, why };
  if (isBusy) return { ...later, waiting: waits(able[0], 'Another run goes on.') };
  const chosen = able.find((one) => whyNot(one, world) === null);
  if (chosen !== undefined)
    return { begin: runOf(chosen, world), skip, waiting: null, wakeAt: Math.min(sleepsUntil, now + soonMs) };
  if (pluggedIn.length > 0)
    return {
      begin: {
        key: null,
        verb: 'create',
        schedule: null,
        cause: 'plugged-in',
        targets: pluggedIn,
        dueAt: null,
      },
      ...{ skip, waiting: null, wakeAt: now + soonMs },
    };
  const [first] = able;
  return { ...later, waiting: waits(first, first === undefined ? null : whyNot(first, world)) };
}

/** What holds up a run that is due; `null`: nothing. */
function whyNot({ rule }: Due, world: DueWorld): string | null {
  const { now, waitForJobs, runningJobs, clockDoubt, waitingSince } = world;
  if (rule.verb === 'prune' && clockDoubt !== null) return `${clockDoubt} Nothing is removed meanwhile.`;
  if (rule.verb !== 'create' || !waitForJobs || runningJobs === 0) return null;
  if (now - (waitingSince[rule.key] ?? now) >= mostWaitMs) return null;
  return `It waits until no job runs, for six hours at most; ${runningJobs} ${runningJobs === 1 ? 'runs' : 'run'}.`;
}

function runOf({ rule, dueAt, startAt, isRetry }: Due, { now }: DueWorld): DueRun {
  const { key, verb, schedule, memory } = rule;
  const failed = rule.targets.filter((name) => memory.failedTargets.includes(name));
  return {
    ...{ key, verb, schedule, dueAt },
    targets: isRetry && failed.length > 0 ? failed : rule.targets,
    cause: now - startAt > lateMs && !isRetry ? 'missed' : 'schedule',
  };
}

/** What is remembered when a run of a due time has begun. */
export function settled(memory: RuleMemory, dueAt: number): RuleMemory {
  return dueAt === memory.settledAt
    ? memory
    : { settledAt: dueAt, failures: 0, failedAt: null, failedTargets: [] };
}

/** What is remembered when it has ended. `failed`: at these targets; `null`: it has ended well. */
export function ended(memory: RuleMemory, failed: readonly string[] | null, at: number): RuleMemory {
  return failed === null
    ? { ...memory, failures: 0, failedAt: null, failedTargets: [] }
    : { ...memory, failures: memory.failures + 1, failedAt: at, failedTargets: failed };
}
