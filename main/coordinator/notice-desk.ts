// Notices of a running core: planned when the lab has changed, kept in the store, handed to whoever watches.
import type { StopSignal } from '../contract/contract.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import type { Log } from '../log.ts';
import type { Mute, MuteKind, Notice, NoticeChange } from '../model/notice.ts';
import { emptyNoticeMemory } from '../model/notice-memory.ts';
import type { NoticeMemory } from '../model/notice-memory.ts';
import type { Settings } from '../model/settings.ts';
import { planNotices, withMute, withRead } from '../plan/notices/plan-notices.ts';
import { liveMutes } from '../plan/notices/silence.ts';
import type { Clock, Gitlab, Store } from '../ports.ts';
import { createNoticeOwners } from './notice-owners.ts';
import type { NoticeOwners } from './notice-owners.ts';

/** Looks closer together than this are joined: a lab may change a thousand times a second. Milliseconds. */
const paceMs = 1_000;
/** Without news there is a look all the same: hours and mutes end by themselves. Milliseconds. */
const longestMs = 60_000;
/** The doctor looks at a stack some minutes after a start: what is not found by then is over. Milliseconds. */
const settleMs = 10 * 60_000;
/** What is kept in the history. */
const mostKept = 500;
/** Changes that wait for a reader who has fallen behind. */
const mostWaiting = 1_000;

export interface NoticeSummary {
  readonly open: number;
  readonly unread: number;
  readonly mutes: readonly Mute[];
}

export interface NoticeDesk {
  /** What the lab looks like now. */
  see(state: Omit<Snapshot, 'version'>): void;
  /** Plans from now on. */
  start(): void;
  stop(): Promise<void>;
  /** The newest first. */
  list(): readonly Notice[];
  notice(id: number): Notice | null;
  summary(): NoticeSummary;
  /** Milliseconds from now; 0: it is heard again. */
  mute(kind: MuteKind, ms: number): readonly Mute[];
  /** `null`: all of them. How many were not read before. */
  read(id: number | null): number;
  /** Tells a notice that says nothing. */
  test(): Notice;
  watch(past: number, signal: StopSignal): AsyncGenerator<NoticeChange>;
}

export interface NoticeDeskOptions {
  readonly store: Pick<Store, 'notices' | 'noticeMemory' | 'saveNotices'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: () => Settings;
  readonly gitlab: () => Pick<Gitlab, 'self' | 'jobOwner'>;
  /** The summary is another one. */
  readonly onChange: () => void;
}

/** Nothing is planned before `start`. */
export function createNoticeDesk(options: NoticeDeskOptions): NoticeDesk {
  return new Desk(options);
}

/** Minutes by which the clock of this place is ahead of UTC at that time. */
function offsetAt(now: number): number {
  return -new Date(now).getTimezoneOffset();
}

class Desk implements NoticeDesk {
  readonly #options: NoticeDeskOptions;
  readonly #owners: NoticeOwners;
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<(change: NoticeChange) => void>();
  #history: ReadonlyMap<number, Notice>;
  #memory: NoticeMemory;
  /** What could not be written yet. */
  #unsaved = new Map<number, Notice>();
  #state: Omit<Snapshot, 'version'> | null = null;
  #startedAt = 0;
  #wake = new AbortController();
  #isAwake = false;
  #running: Promise<void> = Promise.resolve();

  constructor(options: NoticeDeskOptions) {
    this.#options = options;
    const kept = options.store.notices(mostKept);
    this.#history = new Map(kept.toReversed().map((notice) => [notice.id, notice]));
    const memory = options.store.noticeMemory() ?? emptyNoticeMemory;
    this.#memory = { ...memory, nextId: Math.max(memory.nextId, (kept[0]?.id ?? 0) + 1) };
    const { gitlab, clock, log } = options;
    this.#owners = createNoticeOwners({ gitlab, clock, log, onNews: () => this.#rouse() });
  }

  see(state: Omit<Snapshot, 'version'>): void {
    this.#state = state;
    this.#rouse();
  }

  start(): void {
    this.#startedAt = this.#options.clock.monotonic();
    this.#running = this.#loop();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#rouse();
    await this.#running;
  }

  list(): readonly Notice[] {
    return [...this.#history.values()].toReversed();
  }

  notice(id: number): Notice | null {
    return this.#history.get(id) ?? null;
  }

  summary(): NoticeSummary {
    const notices = [...this.#history.values()];
    return {
      open: notices.filter(({ endedAt }) => endedAt === null).length,
      unread: notices.filter(isUnread).length,
      mutes: liveMutes(this.#memory.mutes, this.#options.clock.now()),
    };
  }

  mute(kind: MuteKind, ms: number): readonly Mute[] {
    const now = this.#options.clock.now();
    this.#keep(withMute(this.#memory, kind, now + ms, now), []);
    this.#options.onChange();
    this.#rouse();
    return this.#memory.mutes;
  }

  read(id: number | null): number {
    const now = this.#options.clock.now();
    const unread = [...this.#history.values()].filter(
      (notice) => notice.readAt === null && (id === null || notice.id === id),
    );
    if (unread.length === 0) return 0;
    const changes = unread.map((notice): NoticeChange => {
      return { change: 'update', notice: { ...notice, readAt: now }, isSilent: true };
    });
    this.#keep(withRead(this.#memory, id, now), changes);
    this.#options.onChange();
    this.#rouse();
    return unread.length;
  }

  test(): Notice {
    const now = this.#options.clock.now();
    const notice: Notice = {
      ...{ id: this.#memory.nextId, kind: 'test', subject: 'AutoGit', severity: 'info', silent: null },
      title: 'Notifications of AutoGit come here',
      body: 'This one is a test, and says nothing about the lab.',
      // Whoever asks for it has seen it, and there is nothing that could go on.
      ...{ at: now, updatedAt: now, endedAt: now, readAt: now },
      actions: [{ action: 'open', label: 'Open', route: '/notifications' }],
    };
    const memory = { ...this.#memory, nextId: notice.id + 1 };
    this.#keep(memory, [{ change: 'show', notice, isSilent: false }]);
    return notice;
  }

  async *watch(past: number, signal: StopSignal): AsyncGenerator<NoticeChange> {
    const known = past === 0 ? [] : [...this.#history.values()].slice(-past);
    let waiting: NoticeChange[] = known.map((notice) => ({ change: 'update', notice, isSilent: true }));
    let wake: () => void = () => undefined;
    const stop = (): void => wake();
    const isStopped = (): boolean => signal.aborted;
    const listen = (change: NoticeChange): void => {
      waiting.push(change);
      if (waiting.length > mostWaiting) waiting = waiting.slice(-mostWaiting);
      wake();
    };
    this.#listeners.add(listen);
    signal.addEventListener('abort', stop);
    try {
      while (!isStopped()) {
        yield* waiting.splice(0);
        if (waiting.length === 0 && !isStopped()) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      this.#listeners.delete(listen);
      signal.removeEventListener('abort', stop);
    }
  }

  #rouse(): void {
    this.#isAwake = true;
    this.#wake.abort();
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    const isStopped = (): boolean => signal.aborted;
    while (!isStopped()) {
      const now = clock.now();
      const wakeAt = this.#planOrNull(now);
      await clock.sleep(paceMs, signal);
      if (!this.#isAwake && !isStopped()) {
        this.#wake = new AbortController();
        await clock.sleep(
          Math.max(0, Math.min(wakeAt ?? Infinity, now + longestMs) - clock.now()),
          this.#wake.signal,
        );
      }
      this.#isAwake = false;
    }
    // What was seen of this half hour is not to be lost.
    this.#keep(this.#memory, []);
  }

  /** A look that fails must not end the loop: the next one may be better. */
  #planOrNull(now: number): number | null {
    try {
      return this.#plan(now);
    } catch (error) {
      this.#options.log.error('notices could not be planned and are tried again', { error });
      return null;
    }
  }

  /** When the next look is due; `null`: nobody knows of one. */
  #plan(now: number): number | null {
    const { clock, settings } = this.#options;
    const { notices } = settings();
    const state = this.#state;
    if (state === null) return null;
    const before = this.#memory;
    const { memory, changes, wakeAt, undecided } = planNotices({
      ...{ world: state, memory: before, settings: notices, now, offset: offsetAt(now) },
      own: this.#owners.known(notices),
      isSettled: clock.monotonic() - this.#startedAt >= settleMs,
    });
    if (changes.length > 0 || isWorthKeeping(before, memory)) this.#keep(memory, changes);
    else this.#memory = memory;
    if (changes.length > 0 || memory.mutes.length !== before.mutes.length) this.#options.onChange();
    const asked = new Set(undecided);
    void this.#owners.ask(
      state.jobs.filter(({ id }) => asked.has(id)),
      notices,
    );
    return wakeAt;
  }

  /** Takes over what is new. A disk that fails keeps nobody from being told. */
  #keep(memory: NoticeMemory, changes: readonly NoticeChange[]): void {
    this.#memory = memory;
    const history = new Map(this.#history);
    for (const { notice } of changes) {
      history.set(notice.id, notice);
      this.#unsaved.set(notice.id, notice);
    }
    this.#history = new Map([...history].slice(-mostKept));
    try {
      this.#options.store.saveNotices([...this.#unsaved.values()], memory);
      this.#unsaved = new Map();
    } catch (error) {
      this.#options.log.warn('notices could not be written and are kept in memory', { error });
    }
    for (const change of changes) for (const listen of this.#listeners) listen(change);
  }
}

function isUnread({ readAt, silent }: Notice): boolean {
  return readAt === null && silent !== 'off';
}

/** What is learned within a half hour is written when it ends. */
function isWorthKeeping(before: NoticeMemory, after: NoticeMemory): boolean {
  return (
    before.baseline.week !== after.baseline.week ||
    before.failed !== after.failed ||
    before.mutes.length !== after.mutes.length
  );
}
