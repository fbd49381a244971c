// A lab that is only looked at by the planner of notices: time goes by, jobs wait, and what is told is collected.
import type { Issue } from '../../main/model/issue.ts';
import type { Notice, NoticeChange } from '../../main/model/notice.ts';
import { emptyNoticeMemory, parseNoticeMemory, renderNoticeMemory } from '../../main/model/notice-memory.ts';
import type { NoticeMemory } from '../../main/model/notice-memory.ts';
import { defaultNoticeSettings } from '../../main/model/notice-settings.ts';
import type { NoticeSettings } from '../../main/model/notice-settings.ts';
import { planNotices } from '../../main/plan/notices/plan-notices.ts';
import type { OwnJobs } from '../../main/plan/notices/failed-jobs.ts';
import type { NoticeJob, NoticeWorld } from '../../main/plan/notices/world.ts';

export const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;
/** Monday, 2026-06-01, 00:00 UTC. */
export const monday = Date.UTC(2026, 5, 1);

export const calmWorld: NoticeWorld = {
  mode: 'serve',
  nodes: [{ id: 'node-1', name: 'local', engine: { state: 'fresh', problem: null } }],
  gitlab: { kind: 'server', state: 'ready', url: 'https://gitlab.test', problem: null },
  pools: [{ name: 'default', waiting: 0, max: 4, paused: false }],
  jobs: [],
  issues: [],
};

export function someJob(change: Partial<NoticeJob> = {}): NoticeJob {
  return {
    ...{ id: 1, name: 'test', status: 'pending', project: 'home/website', ref: 'main', tags: [] },
    finishedAt: null,
    ...change,
  };
}

export function someIssue(change: Partial<Issue> = {}): Issue {
  return {
    ...{ key: 'host.disk-low', severity: 'warning', subject: '/srv' },
    message: '2 GB of 500 GB are free on /srv.',
    next: 'Free space there.',
    ...change,
  };
}

const waitingJobs = new Map<number, readonly NoticeJob[]>();

/** A lab in which so many jobs wait. */
export function waitingWorld(count: number, world: NoticeWorld = calmWorld): NoticeWorld {
  const jobs = waitingJobs.get(count) ?? Array.from({ length: count }, (_, id) => someJob({ id: id + 1 }));
  waitingJobs.set(count, jobs);
  return { ...world, jobs, pools: world.pools.map((pool) => ({ ...pool, waiting: count })) };
}

export interface NoticeLab {
  now: number;
  /** Minutes by which the clock of the place is ahead of UTC. */
  offset: number;
  settings: NoticeSettings;
  memory: NoticeMemory;
  own: OwnJobs;
  isSettled: boolean;
  /** Every change, and when it was told. */
  readonly told: (NoticeChange & { readonly when: number })[];
  /** Looks once; gives what is told. */
  look(world: NoticeWorld): readonly NoticeChange[];
  /** Looks every minute for so long. */
  live(
    ms: number,
    world: NoticeWorld | ((now: number) => NoticeWorld),
    stepMs?: number,
  ): readonly NoticeChange[];
  /** As a core that ends and starts again. */
  restart(): void;
  /** When somebody was disturbed. */
  readonly shouts: () => readonly number[];
  readonly undecided: () => readonly number[];
}

export function createNoticeLab(
  change: Partial<Pick<NoticeLab, 'now' | 'offset' | 'settings'>> = {},
): NoticeLab {
  let undecided: readonly number[] = [];
  const lab: NoticeLab = {
    ...{ now: monday, offset: 0, settings: defaultNoticeSettings, memory: emptyNoticeMemory },
    ...{ own: null, isSettled: true, told: [] },
    ...change,
    look: (world) => {
      const { now, offset, settings, memory, own, isSettled } = lab;
      const plan = planNotices({ world, memory, settings, now, offset, own, isSettled });
      lab.memory = plan.memory;
      undecided = plan.undecided;
      lab.told.push(...plan.changes.map((one) => ({ ...one, when: now })));
      return plan.changes;
    },
    live: (ms, world, stepMs = minute) => {
      const end = lab.now + ms;
      const before = lab.told.length;
      while (lab.now < end) {
        lab.look(typeof world === 'function' ? world(lab.now) : world);
        lab.now += stepMs;
      }
      return lab.told.slice(before);
    },
    restart: () => {
      const kept = parseNoticeMemory(JSON.parse(renderNoticeMemory(lab.memory)));
      if (kept === null) throw new Error('what is remembered cannot be read again');
      lab.memory = kept;
    },
    shouts: () => lab.told.filter(({ isSilent }) => !isSilent).map(({ when }) => when),
    undecided: () => undecided,
  };
  return lab;
}

/** The newest state of every notice that was told. */
export function noticesOf({ told }: Pick<NoticeLab, 'told'>): readonly Notice[] {
  return [...new Map(told.map(({ notice }) => [notice.id, notice])).values()];
}

/** A lab in which these jobs have failed. */
export function failing(ids: readonly number[], change: Partial<NoticeJob> = {}): NoticeWorld {
  const jobs = ids.map((id) =>
    someJob({ id, name: `test ${id}`, status: 'failed', finishedAt: monday, ...change }),
  );
  return { ...calmWorld, jobs };
}
