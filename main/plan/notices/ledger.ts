// The book of matters: each is told once it has lasted, updated while it goes on, and closed once it is over.
import type { Severity } from '../../model/issue.ts';
import type { Notice, NoticeChange, Silence } from '../../model/notice.ts';
import type { NoticeEntry, NoticeMemory } from '../../model/notice-memory.ts';
import type { Matter } from './world.ts';

/** What is shown says something else at most so often. Milliseconds. */
const updateMs = 15_000;
/** What comes again within this time is the same notice, and disturbs nobody. Milliseconds. */
const againMs = 30 * 60_000;
/** However much is wrong, nobody reads more. */
const mostOpen = 100;

export type Book = Pick<NoticeMemory, 'nextId' | 'open' | 'ended' | 'pending'>;

export interface LedgerTerms {
  readonly now: number;
  readonly silenceOf: (kind: Matter['kind']) => Silence | null;
  /** False while not every check has looked: what they find is not over then. */
  readonly isSettled: boolean;
}

export interface LedgerStep {
  readonly book: Book;
  readonly changes: readonly NoticeChange[];
  /** When something is due though nothing changes; `null`: nothing is. */
  readonly wakeAt: number | null;
}

const rank: { readonly [S in Severity]: number } = { info: 0, warning: 1, error: 2 };

function saysOf({ subject, title, body, severity, actions }: Matter) {
  return { subject, title, body, severity, actions: [...actions] };
}

function isSame(notice: Notice, matter: Matter): boolean {
  const { subject, title, body, severity, actions } = notice;
  return JSON.stringify({ subject, title, body, severity, actions }) === JSON.stringify(saysOf(matter));
}

/** One notice as it goes on; `due`: when it may say what it does not say yet. */
interface Going {
  readonly entry: NoticeEntry;
  readonly change: NoticeChange | null;
  readonly due: number | null;
}

function goOn(entry: NoticeEntry, matter: Matter, { now, silenceOf }: LedgerTerms): Going {
  const { notice } = entry;
  const silence = silenceOf(matter.kind);
  const wasGone = entry.goneSince !== null;
  const here = wasGone ? { ...entry, goneSince: null } : entry;
  const mayShow = notice.silent !== null && silence === null && notice.readAt === null;
  if (mayShow) {
    const shown = { ...notice, ...saysOf(matter), silent: null, updatedAt: now };
    const change = { change: 'show', notice: shown, isSilent: false } as const;
    return { entry: { ...here, notice: shown, toldAt: now }, change, due: null };
  }
  if (isSame(notice, matter)) return { entry: here, change: null, due: null };
  const isWorse = rank[matter.severity] > rank[notice.severity];
  const since = now - notice.updatedAt;
  if (!isWorse && since >= 0 && since < updateMs) {
    return { entry: here, change: null, due: notice.updatedAt + updateMs };
  }
  const isAgain = matter.againMs !== null && (entry.toldAt === null || now - entry.toldAt >= matter.againMs);
  const disturbs = silence === null && notice.silent === null && (isWorse || isAgain);
  const updated = { ...notice, ...saysOf(matter), updatedAt: now };
  return {
    entry: { ...here, notice: updated, toldAt: disturbs ? now : entry.toldAt },
    change: { change: 'update', notice: updated, isSilent: !disturbs },
    due: null,
  };
}

function begin(matter: Matter, id: number, { now, silenceOf }: LedgerTerms): NoticeEntry {
  const silent = silenceOf(matter.kind);
  const times = { at: now, updatedAt: now, endedAt: null, readAt: null };
  const notice: Notice = { id, kind: matter.kind, ...saysOf(matter), ...times, silent };
  return { matter: matter.matter, notice, goneSince: null, toldAt: silent === null ? now : null };
}

/** It was over, and is not: the same notice goes on, and nobody is disturbed. */
function reopen(entry: NoticeEntry, matter: Matter, now: number): NoticeEntry {
  const notice = { ...entry.notice, ...saysOf(matter), updatedAt: now, endedAt: null };
  return { ...entry, notice, goneSince: null };
}

/** An entry whose matter is not there. `null` change: it may come back. */
function fade(entry: NoticeEntry, { graceMs, isByChecks }: Leaving, { now, isSettled }: LedgerTerms): Going {
  if (isByChecks && !isSettled) return { entry, change: null, due: null };
  const since = Math.min(entry.goneSince ?? now, now);
  if (now - since < graceMs) {
    return { entry: { ...entry, goneSince: since }, change: null, due: since + graceMs };
  }
  const notice = { ...entry.notice, endedAt: now, updatedAt: now };
  return {
    entry: { ...entry, notice, goneSince: since },
    change: { change: 'close', notice, isSilent: true },
    due: null,
  };
}

/** When a matter that is not there counts as over. */
export interface Leaving {
  readonly graceMs: number;
  /** Checks find it, which look only now and then. */
  readonly isByChecks: boolean;
}

/** Takes in what goes on now. */
export function stepLedger(
  book: Book,
  matters: readonly Matter[],
  leavingOf: (kind: Notice['kind']) => Leaving,
  terms: LedgerTerms,
): LedgerStep {
  const { now } = terms;
  const going = new Map(matters.slice(0, mostOpen).map((matter) => [matter.matter, matter]));
  const changes: NoticeChange[] = [];
  const dues: number[] = [];
  const open: NoticeEntry[] = [];
  let ended = book.ended.filter(({ notice }) => {
    const since = now - (notice.endedAt ?? now);
    return since >= 0 && since < againMs;
  });
  for (const entry of book.open) {
    const matter = going.get(entry.matter);
    const step =
      matter === undefined ? fade(entry, leavingOf(entry.notice.kind), terms) : goOn(entry, matter, terms);
    if (step.change !== null) changes.push(step.change);
    if (step.due !== null) dues.push(step.due);
    if (step.entry.notice.endedAt === null) open.push(step.entry);
    else ended = [...ended, step.entry].slice(-mostOpen);
    going.delete(entry.matter);
  }
  const before = new Map(book.pending);
  const pending: [string, number][] = [];
  let nextId = book.nextId;
  for (const matter of going.values()) {
    if (open.length >= mostOpen) break;
    const earlier = ended.find((entry) => entry.matter === matter.matter);
    const since = Math.min(before.get(matter.matter) ?? now, now);
    if (now - since < matter.holdMs) {
      pending.push([matter.matter, since]);
      dues.push(since + matter.holdMs);
    } else if (earlier !== undefined && isContinued(matter)) {
      ended = ended.filter((entry) => entry !== earlier);
      const entry = reopen(earlier, matter, now);
      open.push(entry);
      changes.push({ change: 'update', notice: entry.notice, isSilent: true });
    } else {
      const entry = begin(matter, nextId, terms);
      nextId += 1;
      open.push(entry);
      changes.push({ change: 'show', notice: entry.notice, isSilent: entry.notice.silent !== null });
    }
  }
  const wakeAt = dues.length === 0 ? null : Math.min(...dues);
  return { book: { nextId, open, ended, pending }, changes, wakeAt };
}

/** Jobs that fail after somebody has read of others are news; all else that comes and goes is not. */
function isContinued({ kind }: Matter): boolean {
  return kind !== 'job-failed';
}
