// How far a run of backups is, for everybody who watches; told a few times a second at most.
import type { BackupFailure, BackupProgress, BackupRun } from '../../model/backup/backup.ts';
import type { Clock } from '../../ports.ts';
import type { BackupNews } from './backup-ground.ts';
import { follow } from '../follow.ts';

/** Between two pushes. Milliseconds. */
const paceMs = 200;

export interface BackupBoard {
  current(): BackupProgress | null;
  begin(run: Pick<BackupRun, 'id' | 'verb'>): void;
  tell(news: BackupNews): void;
  end(outcome: NonNullable<BackupRun['outcome']>, message: string, failure: BackupFailure | null): void;
  /** A slow reader misses what was between. */
  watch(signal: AbortSignal): AsyncIterable<BackupProgress>;
}

interface BoardOptions {
  readonly clock: Pick<Clock, 'monotonic' | 'sleep'>;
  readonly onPush: () => void;
  readonly isExpecting?: boolean;
}

/**
 * `before`: how the last run ended. `onPush`: told of each push. `isExpecting`: a run is about to begin, as after a restore has
 * brought another home, and whoever watches waits for it.
 */
export function createBackupBoard(
  before: BackupProgress | null,
  { clock, onPush, isExpecting = false }: BoardOptions,
): BackupBoard {
  let current = before;
  let isOver = !isExpecting;
  let changed = Promise.withResolvers<undefined>();
  let pushedAt = Number.NEGATIVE_INFINITY;
  let isPending = false;
  const push = (): void => {
    pushedAt = clock.monotonic();
    const { resolve } = changed;
    changed = Promise.withResolvers<undefined>();
    resolve(undefined);
    onPush();
  };
  const pushSoon = (): void => {
    if (isPending) return;
    const wait = pushedAt + paceMs - clock.monotonic();
    if (wait <= 0) {
      push();
      return;
    }
    isPending = true;
    void clock.sleep(wait).then(() => {
      isPending = false;
      push();
    });
  };
  return {
    current: () => current,
    begin: ({ id, verb }) => {
      isOver = false;
      current = {
        ...{ run: id, verb, step: null, message: 'Beginning', target: null, bytes: null, files: null },
        ...{ secondsLeft: null, outcome: null, failure: null },
      };
      push();
    },
    tell: (news) => {
      if (current === null || isOver) return;
      const isNewStep = news.step !== undefined && news.step !== current.step;
      // Numbers of another step say nothing about this one.
      const numbers = isNewStep ? { bytes: null, files: null, secondsLeft: null } : {};
      current = { ...current, ...numbers, ...news };
      pushSoon();
    },
    end: (outcome, message, failure) => {
      isOver = true;
      if (current !== null) current = { ...current, outcome, message, failure, secondsLeft: null };
      push();
    },
    watch: (signal) => follow(() => ({ current, isOver, changed: changed.promise }), signal),
  };
}
