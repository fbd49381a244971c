// Whose a failed job is, asked of GitLab once for each job, and only where a person wants to hear of theirs alone.
import type { Log } from '../log.ts';
import type { NoticeSettings } from '../model/notice-settings.ts';
import type { Clock, Gitlab } from '../ports.ts';

/** Jobs whose owner is remembered. */
const mostKept = 2_000;
/** Questions at a time: who restarts a large pipeline has many failed jobs at once. */
const mostAsked = 20;
/** After a question that failed. Milliseconds. */
const retryMs = 30_000;

export interface NoticeOwners {
  /** What is known of each job; `null`: all count. */
  known(settings: NoticeSettings): ReadonlyMap<number, boolean> | null;
  /** Asks whose these are, unless it is asking already. Never rejects. */
  ask(
    jobs: readonly { readonly id: number; readonly projectId: number }[],
    settings: NoticeSettings,
  ): Promise<void>;
}

/** `onNews`: something has become known. */
export function createNoticeOwners(options: {
  readonly gitlab: () => Pick<Gitlab, 'self' | 'jobOwner'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly onNews: () => void;
}): NoticeOwners {
  const { gitlab, clock, log, onNews } = options;
  const owners = new Map<number, string | null>();
  /** At which GitLab `self` was asked, and what it said. */
  let self: string | null = null;
  let isAsking = false;
  let failedAt: number | null = null;
  const isTooEarly = (): boolean => {
    const since = failedAt === null ? Infinity : clock.now() - failedAt;
    return isAsking || (since >= 0 && since < retryMs);
  };
  return {
    known: ({ jobs, person }) => {
      if (jobs === 'all') return null;
      const name = person ?? self;
      return new Map([...owners].map(([id, owner]) => [id, name !== null && owner === name]));
    },
    ask: async (jobs, { person }) => {
      if (jobs.length === 0 || isTooEarly()) return;
      isAsking = true;
      try {
        self = person === null ? await gitlab().self() : self;
        for (const { id, projectId } of jobs.slice(0, mostAsked)) {
          owners.set(id, await gitlab().jobOwner(projectId, id));
        }
        for (const id of [...owners.keys()].slice(0, Math.max(0, owners.size - mostKept))) owners.delete(id);
        failedAt = null;
        onNews();
      } catch (error) {
        failedAt = clock.now();
        log.debug('it is not known whose failed jobs are', { error });
      } finally {
        isAsking = false;
      }
    },
  };
}
