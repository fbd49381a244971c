import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noticeSchema } from '../../../../main/model/notice.ts';
import {
  noticeMemorySchema,
  parseNoticeMemory,
  renderNoticeMemory,
} from '../../../../main/model/notice-memory.ts';
import { defaultNoticeSettings } from '../../../../main/model/notice-settings.ts';
import type { NoticeSettings } from '../../../../main/model/notice-settings.ts';
import { withMute, withRead } from '../../../../main/plan/notices/plan-notices.ts';
import type { NoticeWorld } from '../../../../main/plan/notices/world.ts';
import {
  calmWorld,
  createNoticeLab,
  day,
  failing,
  hour,
  minute,
  monday,
  noticesOf,
  someIssue,
  someJob,
  waitingWorld,
} from '../../../fakes/notice-lab.ts';

const problem = { key: 'engine.unreachable', message: 'Nothing answers.', next: 'Start Docker.' };
const engineGone: NoticeWorld = {
  ...calmWorld,
  nodes: [{ id: 'node-1', name: 'local', engine: { state: 'failed', problem } }],
};
const gitlabGone: NoticeWorld = {
  ...calmWorld,
  gitlab: { kind: 'server', state: 'failed', url: 'https://gitlab.test', problem },
};
const diskLow: NoticeWorld = { ...calmWorld, issues: [someIssue()] };

describe('a matter that lasts', () => {
  it.each([
    ['engine', engineGone, 0],
    ['gitlab', gitlabGone, 5],
    ['disk', diskLow, 0],
    ['gpu', { ...calmWorld, issues: [someIssue({ key: 'gpu.fan-stuck', severity: 'error' })] }, 0],
    ['certificate', { ...calmWorld, issues: [someIssue({ key: 'stack.certificate-ending' })] }, 0],
    ['certificate', { ...calmWorld, issues: [someIssue({ key: 'acme.limit-reached' })] }, 0],
    ['backup', { ...calmWorld, issues: [someIssue({ key: 'backup.overdue' })] }, 0],
    ['restarts', { ...calmWorld, issues: [someIssue({ key: 'stack.restart-storm' })] }, 0],
    ['restarts', { ...calmWorld, issues: [someIssue({ key: 'pool.stopped', subject: 'pool gpu' })] }, 0],
    ['update', { ...calmWorld, issues: [someIssue({ key: 'update.available', severity: 'info' })] }, 0],
  ] as const)('is told once: %s', (kind, world, minutes) => {
    const lab = createNoticeLab();
    lab.live(minutes * minute, world);
    expect(lab.told).toEqual([]);
    lab.live(2 * hour, world);
    expect(lab.told.map(({ change, notice }) => [change, notice.kind])).toEqual([['show', kind]]);
    const closed = lab.live(10 * minute, calmWorld);
    expect(closed.map(({ change, isSilent }) => [change, isSilent])).toEqual([['close', true]]);
    expect(closed[0]?.notice.endedAt).not.toBeNull();
  });

  it('is not told when it is over at once, and not of those that are only notes', () => {
    const lab = createNoticeLab();
    lab.live(15_000, engineGone, 5_000);
    lab.live(4 * minute, gitlabGone);
    lab.live(hour, {
      ...calmWorld,
      issues: [someIssue({ severity: 'info' }), someIssue({ key: 'gpu.foreign' })],
    });
    expect(lab.told).toEqual([]);
  });

  it('is one for a card with two problems, and the worse one is told', () => {
    const lab = createNoticeLab();
    const hot = someIssue({ key: 'gpu.hot', subject: 'GPU-1', message: 'It is hot.' });
    const lost = someIssue({ key: 'gpu.lost', subject: 'GPU-1', severity: 'error', message: 'It is lost.' });
    lab.live(5 * minute, { ...calmWorld, issues: [hot] });
    lab.live(5 * minute, { ...calmWorld, issues: [hot, lost] });
    expect(lab.told.map(({ change, isSilent }) => [change, isSilent])).toEqual([
      ['show', false],
      // It has become worse: that may disturb.
      ['update', false],
    ]);
    expect(lab.told[1]?.notice.body).toContain('It is lost.');
  });

  it('that comes and goes is one notice, and disturbs once', () => {
    const lab = createNoticeLab();
    lab.live(6 * hour, (now) => ((now / minute) % 8 < 4 ? diskLow : calmWorld));
    expect(new Set(lab.told.map(({ notice }) => notice.id)).size).toBe(1);
    expect(lab.shouts()).toHaveLength(1);
  });

  it('that comes again the next day is another notice', () => {
    const lab = createNoticeLab();
    lab.live(hour, diskLow);
    lab.live(day, calmWorld);
    lab.live(hour, diskLow);
    expect(lab.shouts()).toHaveLength(2);
  });

  it('goes on over a restart of the core: nothing is over before the checks have looked', () => {
    const lab = createNoticeLab();
    lab.live(10 * minute, diskLow);
    lab.restart();
    lab.isSettled = false;
    lab.live(4 * minute, calmWorld);
    lab.isSettled = true;
    lab.live(hour, diskLow);
    expect(lab.told.map(({ change }) => change)).toEqual(['show']);
  });

  it('is told once where many machines have it, each for itself, and never more than a person reads', () => {
    const lab = createNoticeLab();
    const issues = Array.from({ length: 1_000 }, (_, index) => someIssue({ subject: `/disk/${index}` }));
    lab.live(10 * minute, { ...calmWorld, issues });
    expect(lab.told).toHaveLength(100);
    expect(parseNoticeMemory(JSON.parse(renderNoticeMemory(lab.memory)))).toEqual(lab.memory);
  });

  it('says of an engine that is gone not also that GitLab is, and nothing before there is a lab', () => {
    const lab = createNoticeLab();
    lab.live(hour, { ...engineGone, gitlab: gitlabGone.gitlab });
    expect(lab.told.map(({ notice }) => notice.kind)).toEqual(['engine']);
    const first = createNoticeLab();
    first.live(hour, { ...engineGone, gitlab: { kind: 'none', state: 'none', url: null, problem: null } });
    expect(first.told).toEqual([]);
  });
});

const withQuiet = (from: string, to: string): NoticeSettings => ({
  ...defaultNoticeSettings,
  quietHours: { on: true, from, to },
});

describe('what is silent', () => {
  it('in quiet hours over midnight stands in the history, and is shown in the morning if it goes on', () => {
    const lab = createNoticeLab({ now: monday + 23 * hour, settings: withQuiet('22:00', '07:00') });
    lab.live(hour, diskLow);
    expect(lab.told[0]).toMatchObject({ change: 'show', isSilent: true, notice: { silent: 'quiet-hours' } });
    lab.live(2 * hour, engineGone);
    lab.live(8 * hour, diskLow);
    const shown = lab.told.filter(({ isSilent }) => !isSilent);
    expect(shown.map(({ notice, when }) => [notice.kind, (when - monday) / hour])).toEqual([['disk', 31]]);
  });

  it('by the clock of the place, not by UTC', () => {
    const lab = createNoticeLab({
      now: monday + 12 * hour,
      offset: 600,
      settings: withQuiet('22:00', '07:00'),
    });
    lab.live(hour, diskLow);
    expect(lab.told[0]?.notice.silent).toBe('quiet-hours');
  });

  it('because its kind is off or muted: and a mute ends by itself', () => {
    const { kinds } = defaultNoticeSettings;
    const off = createNoticeLab({ settings: { ...defaultNoticeSettings, kinds: { ...kinds, disk: false } } });
    off.live(hour, diskLow);
    expect(off.told).toMatchObject([{ isSilent: true, notice: { silent: 'off' } }]);
    const lab = createNoticeLab();
    lab.memory = withMute(lab.memory, 'disk', lab.now + hour, lab.now);
    lab.live(50 * minute, { ...engineGone, issues: diskLow.issues });
    expect(lab.told.map(({ notice }) => [notice.kind, notice.silent])).toEqual([
      ['engine', null],
      ['disk', 'muted'],
    ]);
    lab.live(20 * minute, { ...engineGone, issues: diskLow.issues });
    expect(lab.told.at(-1)).toMatchObject({ change: 'show', isSilent: false, notice: { silent: null } });
    expect(lab.memory.mutes).toEqual([]);
  });

  it('a mute of all takes the others in, and hearing all again ends every one', () => {
    const { now } = createNoticeLab();
    let { memory } = createNoticeLab();
    memory = withMute(memory, 'gpu', now + hour, now);
    memory = withMute(memory, 'disk', now + hour, now);
    expect(memory.mutes.map(({ kind }) => kind)).toEqual(['gpu', 'disk']);
    memory = withMute(memory, 'gpu', now, now);
    expect(memory.mutes.map(({ kind }) => kind)).toEqual(['disk']);
    memory = withMute(memory, 'all', now + hour, now);
    expect(memory.mutes.map(({ kind }) => kind)).toEqual(['all']);
    expect(withMute(memory, 'all', now, now).mutes).toEqual([]);
  });

  it('ends with a clock that is set back by a year: no mute lasts for longer than a day', () => {
    const lab = createNoticeLab();
    lab.memory = withMute(lab.memory, 'all', lab.now + hour, lab.now);
    lab.now -= 365 * day;
    lab.live(hour, diskLow);
    expect(lab.shouts()).toHaveLength(1);
  });
});

const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom(
    '\u202e</b><script>alert(1)</script>',
    'a\u0000b\u001b[2Jc\nd\u2028e',
    '\u05d0\u05d1\u05d2 \u0645\u0631\u062d\u0628\u0627',
    '👩‍👩‍👧‍👦'.repeat(50),
    'x'.repeat(65_536),
    '\ud800',
  ),
);

describe('names of strangers', () => {
  it('stay one line of text with an end, whatever they are', () => {
    fc.assert(
      fc.property(nasty, nasty, (name, other) => {
        const lab = createNoticeLab();
        lab.look(failing([]));
        const jobs = failing([1], { name, project: other, ref: name }).jobs;
        const issues = ['pool.stopped', 'stack.restart-storm', 'host.disk-low'].map((key) =>
          someIssue({ key, subject: name, message: other, next: name }),
        );
        lab.live(5 * minute, { ...engineGone, jobs, issues });
        expect(lab.told.length).toBeGreaterThan(3);
        for (const { notice } of lab.told) {
          for (const [text, most] of [
            [notice.title, 120],
            [notice.body, 280],
            [notice.subject, 100],
          ] as const) {
            expect(text).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
            expect(text.isWellFormed()).toBe(true);
            expect([...new Intl.Segmenter().segment(text)].length).toBeLessThanOrEqual(most);
          }
        }
      }),
      { numRuns: 50 },
    );
  });
});

const worlds: fc.Arbitrary<NoticeWorld> = fc
  .record({
    mode: fc.constantFrom('serve', 'drain', 'teardown'),
    engine: fc.constantFrom('fresh', 'stale', 'failed', 'never'),
    gitlab: fc.record({
      kind: fc.constantFrom('none', 'sandbox', 'server'),
      state: fc.constantFrom('none', 'stopped', 'starting', 'ready', 'stale', 'failed'),
    }),
    waiting: fc.nat({ max: 60 }),
    failed: fc.uniqueArray(fc.integer({ min: 100, max: 110 }), { maxLength: 4 }),
    issues: fc.array(
      fc.record({
        key: fc.constantFrom(
          'gpu.hot',
          'host.disk-low',
          'pool.stopped',
          'update.available',
          'backup.failed',
          'a.b',
        ),
        severity: fc.constantFrom('info', 'warning', 'error'),
        subject: fc.constantFrom('a', 'b', '__proto__'),
      }),
      { maxLength: 4 },
    ),
  } as const)
  .map(({ mode, engine, gitlab, waiting, failed, issues }) => ({
    ...{ mode, issues: issues.map(someIssue) },
    nodes: [{ id: 'node-1', name: 'local', engine: { state: engine, problem } }],
    gitlab: { ...gitlab, url: null, problem: null },
    pools: waitingWorld(waiting).pools,
    jobs: [...waitingWorld(waiting).jobs, ...failing(failed).jobs],
  }));

describe('planning notices', () => {
  it('never throws, tells each matter in one notice at a time, and is remembered as it is', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            world: worlds,
            leap: fc.oneof(fc.integer({ min: 0, max: 600_000 }), fc.integer({ min: -1e10, max: 1e10 })),
            deed: fc.constantFrom('none', 'none', 'read', 'mute', 'restart', 'quiet', 'off'),
            isSettled: fc.boolean(),
          } as const),
          { maxLength: 60 },
        ),
        (steps) => {
          const lab = createNoticeLab();
          for (const { world, leap, deed, isSettled } of steps) {
            lab.now += leap;
            lab.isSettled = isSettled;
            if (deed === 'read') lab.memory = withRead(lab.memory, null, lab.now);
            if (deed === 'mute') lab.memory = withMute(lab.memory, 'all', lab.now + hour, lab.now);
            if (deed === 'restart') lab.restart();
            lab.settings = deed === 'quiet' ? withQuiet('00:00', '00:00') : defaultNoticeSettings;
            const changes = lab.look(world);
            const open = lab.memory.open.map(({ matter }) => matter);
            expect(new Set(open).size).toBe(open.length);
            expect(
              noticeMemorySchema.safeParse(JSON.parse(renderNoticeMemory(lab.memory))).error,
            ).toBeUndefined();
            for (const { notice, isSilent, change } of changes) {
              expect(noticeSchema.safeParse(notice).error).toBeUndefined();
              if (deed === 'quiet' || change === 'close') expect(isSilent).toBe(true);
            }
          }
          // Every notice that ended was there before, and each has a number of its own.
          const shown = lab.told.filter(({ change }) => change === 'show').map(({ notice }) => notice.id);
          for (const { id } of noticesOf(lab)) expect(shown).toContain(id);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of a lab with a thousand jobs takes little of a pass', () => {
    const lab = createNoticeLab();
    const jobs = Array.from({ length: 1_200 }, (_, id) =>
      someJob({
        id: id + 1,
        status: id < 1_000 ? 'pending' : id % 2 === 0 ? 'failed' : 'success',
        finishedAt: monday,
      }),
    );
    const world = { ...waitingWorld(0), jobs };
    // Counted, not timed: the jobs are gone through a fixed number of times, however many looks there are.
    let reads = 0;
    const counted = new Proxy(jobs, {
      get: (target, name) => {
        if (name === Symbol.iterator || name === 'filter' || name === 'some') reads += 1;
        const value: unknown = Reflect.get(target, name);
        return value;
      },
    });
    lab.look({ ...world, jobs: counted });
    lab.look({ ...world, jobs: counted });
    expect(reads).toBeLessThanOrEqual(8);
  });
});
