// Notices of the fake core: a history that requests change as the real ones do, and that tests add to.
import type { CallName, Output, ParsedInput, StopSignal } from '../../main/contract/contract.ts';
import { AutoGitError } from '../../main/errors.ts';
import type { Mute, Notice, NoticeChange } from '../../main/model/notice.ts';
import { outcome } from './fake-pool-calls.ts';

type NoticeCall = Extract<CallName, `notice.${string}`>;
type Calls = { readonly [N in NoticeCall]: (input: ParsedInput<N>) => Output<N> };

export interface FakeNotices {
  readonly calls: Calls;
  watch(input: ParsedInput<'notice.watch'>, stop: StopSignal): AsyncGenerator<Output<'notice.watch'>>;
  /** Something is told, says something else, or is over. */
  tell(change: NoticeChange): void;
  readonly notices: () => readonly Notice[];
  readonly mutes: () => readonly Mute[];
}

/** `notices`: the oldest first. `onChange`: the history or a mute is another one. */
export function createFakeNotices(
  notices: readonly Notice[] = [],
  now: () => number = Date.now,
  onChange: () => void = () => undefined,
): FakeNotices {
  const history = new Map(notices.map((notice) => [notice.id, notice]));
  let mutes: readonly Mute[] = [];
  const listeners = new Set<(change: NoticeChange) => void>();
  const tell = (change: NoticeChange): void => {
    history.set(change.notice.id, change.notice);
    for (const listen of listeners) listen(change);
    onChange();
  };
  const find = (id: number): Notice => {
    const notice = history.get(id);
    if (notice !== undefined) return notice;
    throw new AutoGitError({
      key: 'notice.unknown',
      message: `There is no notice ${id}.`,
      next: 'See the list.',
    });
  };
  const read = (id: number | null): void => {
    for (const notice of history.values()) {
      if ((id === null || notice.id === id) && notice.readAt === null)
        tell({ change: 'update', notice: { ...notice, readAt: now() }, isSilent: true });
    }
  };
  const mute = (kind: Mute['kind'], minutes: number): void => {
    const others = mutes.filter((one) => kind !== 'all' && one.kind !== kind);
    mutes = minutes === 0 ? others : [...others, { kind, until: now() + minutes * 60_000 }];
    onChange();
  };
  return {
    notices: () => [...history.values()],
    mutes: () => mutes,
    tell,
    calls: callsOf({ find, read, mute, tell, history, mutes: () => mutes, now }),
    watch: ({ past }, stop) => follow(past === 0 ? [] : [...history.values()].slice(-past), listeners, stop),
  };
}

interface Book {
  readonly find: (id: number) => Notice;
  readonly read: (id: number | null) => void;
  readonly mute: (kind: Mute['kind'], minutes: number) => void;
  readonly tell: (change: NoticeChange) => void;
  readonly history: ReadonlyMap<number, Notice>;
  readonly mutes: () => readonly Mute[];
  readonly now: () => number;
}

function copyOf(notice: Notice): Output<'notice.list'>['notices'][number] {
  return { ...notice, actions: [...notice.actions] };
}

function callsOf({ find, read, mute, tell, history, mutes, now }: Book): Calls {
  return {
    'notice.list': ({ open, limit }) => ({
      notices: [...history.values()]
        .toReversed()
        .filter(({ endedAt }) => !open || endedAt === null)
        .slice(0, limit)
        .map(copyOf),
      mutes: [...mutes()],
      unread: [...history.values()].filter(({ readAt }) => readAt === null).length,
    }),
    'notice.read': ({ id, dryRun }) => {
      if (!dryRun) read(id ?? null);
      return outcome(dryRun, 'Read.');
    },
    'notice.mute': ({ kind, minutes, dryRun }) => {
      if (!dryRun) mute(kind, minutes);
      return { ...outcome(dryRun, 'Muted.'), mutes: [...mutes()] };
    },
    'notice.act': ({ id, action, dryRun }) => {
      const { kind, actions } = find(id);
      const offered = actions.find((one) => one.action === action);
      if (!dryRun && action === 'mute' && kind !== 'test') mute(kind, 60);
      if (!dryRun) read(id);
      return { ...outcome(dryRun, 'Done.'), route: offered?.route ?? null };
    },
    'notice.test': ({ dryRun }) => {
      if (dryRun) return { ...outcome(true, 'A notice would be sent.'), notice: null };
      const notice = someNotice({
        ...{ id: Math.max(0, ...history.keys()) + 1, kind: 'test', subject: 'AutoGit', severity: 'info' },
        ...{ title: 'Notifications of AutoGit come here', body: 'This one is a test.' },
        ...{ at: now(), updatedAt: now(), endedAt: now(), readAt: now() },
      });
      tell({ change: 'show', notice, isSilent: false });
      return { ...outcome(false, 'A notice was sent.'), notice: copyOf(notice) };
    },
  };
}

async function* follow(
  known: readonly Notice[],
  listeners: Set<(change: NoticeChange) => void>,
  stop: StopSignal,
): AsyncGenerator<Output<'notice.watch'>> {
  const waiting: NoticeChange[] = known.map((notice) => ({ change: 'update', notice, isSilent: true }));
  let wake: () => void = () => undefined;
  const listen = (change: NoticeChange): void => {
    waiting.push(change);
    wake();
  };
  const end = (): void => wake();
  listeners.add(listen);
  stop.addEventListener('abort', end);
  try {
    while (!stop.aborted) {
      for (const change of waiting.splice(0)) yield { ...change, notice: copyOf(change.notice) };
      if (waiting.length === 0) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    listeners.delete(listen);
    stop.removeEventListener('abort', end);
  }
}

/** A spike that goes on, but for what is said. */
export function someNotice(change: Partial<Notice> = {}): Notice {
  return {
    ...{ id: 1, kind: 'job-spike', subject: 'default', severity: 'warning', silent: null },
    title: '28 jobs wait',
    body: 'Usually 6 wait at this time. Pool default may have 4 runners, and 28 of them wait for it.',
    ...{ at: 1_700_000_000_000, updatedAt: 1_700_000_000_000, endedAt: null, readAt: null },
    actions: [
      { action: 'open', label: 'Open', route: '/jobs?status=waiting' },
      { action: 'add-runner', label: 'One more runner for default', route: null },
      { action: 'mute', label: 'Mute for 1 h', route: null },
    ],
    ...change,
  };
}
