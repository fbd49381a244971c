// What a person is told now: from what goes on in the lab, what is remembered, and what the settings want. Pure and total.
import type { Mute, MuteKind, Notice, NoticeChange } from '../../model/notice.ts';
import type { NoticeMemory } from '../../model/notice-memory.ts';
import type { NoticeSettings } from '../../model/notice-settings.ts';
import { learnBaseline, limitAt } from './baseline.ts';
import { failedMatter, stepFailed } from './failed-jobs.ts';
import type { OwnJobs } from './failed-jobs.ts';
import { lastingMatters } from './lasting-matters.ts';
import { stepLedger } from './ledger.ts';
import type { Leaving } from './ledger.ts';
import { liveMutes, silenceOf } from './silence.ts';
import { spikeMatter, spikeWakeAt, stepSpike } from './spike.ts';
import type { NoticeWorld } from './world.ts';

export interface NoticeFacts {
  readonly world: NoticeWorld;
  readonly memory: NoticeMemory;
  readonly settings: NoticeSettings;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Minutes by which the clock of the place is ahead of UTC. */
  readonly offset: number;
  readonly own: OwnJobs;
  /** False shortly after the start: not every check has looked. */
  readonly isSettled: boolean;
}

export interface NoticePlan {
  readonly memory: NoticeMemory;
  readonly changes: readonly NoticeChange[];
  /** When to plan again though nothing changes; `null`: when something does. */
  readonly wakeAt: number | null;
  /** Failed jobs of which it has to be known whose they are. */
  readonly undecided: readonly number[];
}

/** A problem that a check finds may be missed once; the others know at once that they are over. */
function leavingOf(kind: Notice['kind']): Leaving {
  switch (kind) {
    case 'job-spike':
    case 'job-failed':
    case 'test':
      return { graceMs: 0, isByChecks: false };
    case 'engine':
    case 'gitlab':
      return { graceMs: 30_000, isByChecks: false };
    case 'gpu':
    case 'disk':
    case 'certificate':
    case 'backup':
    case 'restarts':
    case 'update':
      return { graceMs: 120_000, isByChecks: true };
  }
}

/** What waits and what is usual. While GitLab is not seen, or nothing is to run, both stay as they were. */
function watchJobs({ world, memory, settings, now, offset }: NoticeFacts) {
  if (world.gitlab.state !== 'ready') return { ...memory, waiting: 0, usual: 0, isSeen: false };
  const waiting = world.jobs.filter(({ status }) => status === 'pending').length;
  const { usual, limit } = limitAt(memory.baseline, now, offset, settings.spike);
  return {
    // Whoever holds the lab back knows that jobs wait.
    spike: stepSpike(memory.spike, world.mode === 'serve' ? waiting : 0, limit, now),
    baseline: learnBaseline(memory.baseline, waiting, now, offset),
    ...{ waiting, usual, isSeen: true },
  };
}

/** Never throws, whatever it is given. */
export function planNotices(facts: NoticeFacts): NoticePlan {
  const { world, memory, settings, now, offset, own } = facts;
  const { spike, baseline, waiting, usual, isSeen } = watchJobs(facts);
  const failed = stepFailed(memory.failed, world, own, now);
  const told = memory.open.find(({ matter }) => matter === 'job-spike');
  // What was told stands while nobody sees whether it is over.
  const matters = [
    isSeen ? spikeMatter(spike, world, waiting, usual) : null,
    failedMatter(failed.state),
    ...lastingMatters(world),
  ].filter((matter) => matter !== null);
  const frozen = isSeen ? null : (told ?? null);
  const book =
    frozen === null ? memory : { ...memory, open: memory.open.filter((entry) => entry !== frozen) };
  const mutes = liveMutes(memory.mutes, now);
  const step = stepLedger(book, matters, leavingOf, {
    now,
    isSettled: facts.isSettled,
    silenceOf: (kind) => silenceOf(kind, settings, mutes, { now, offset }),
  });
  const open = frozen === null ? step.book.open : [...step.book.open, frozen];
  const dues = [step.wakeAt, isSeen ? spikeWakeAt(spike) : null].filter((due) => due !== null);
  return {
    memory: {
      ...step.book,
      open: [...open],
      ...{ baseline, spike, failed: failed.state, mutes: [...mutes] },
    },
    changes: step.changes,
    wakeAt: dues.length === 0 ? null : Math.max(now, Math.min(...dues)),
    undecided: failed.undecided,
  };
}

/** Mutes a kind, or all, until then; what mutes less ends with it. `until` in the past: it is heard again. */
export function withMute(memory: NoticeMemory, kind: MuteKind, until: number, now: number): NoticeMemory {
  const others = liveMutes(memory.mutes, now).filter((mute) => mute.kind !== kind && kind !== 'all');
  const mutes: Mute[] = until > now ? [...others, { kind, until }] : [...others];
  return { ...memory, mutes };
}

/** Somebody has looked at a notice, or with `null` at all of them. */
export function withRead(memory: NoticeMemory, id: number | null, now: number): NoticeMemory {
  const isMeant = (notice: Notice): boolean => (id === null || notice.id === id) && notice.readAt === null;
  const read = (entries: NoticeMemory['open']): NoticeMemory['open'] =>
    entries.map((entry) =>
      isMeant(entry.notice) ? { ...entry, notice: { ...entry.notice, readAt: now } } : entry,
    );
  const isFailedRead = memory.open.some(({ notice }) => notice.kind === 'job-failed' && isMeant(notice));
  return {
    ...memory,
    open: read(memory.open),
    ended: read(memory.ended),
    failed: isFailedRead ? { ...memory.failed, unread: [], count: 0 } : memory.failed,
  };
}
