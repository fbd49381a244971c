import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ended, planDue, pulledBack, retryMs, settled, startOf } from '../../../../main/plan/backups/due.ts';
import type { DueRule, DueWorld, RuleMemory } from '../../../../main/plan/backups/due.ts';
import { nextTime, nextTimes } from '../../../../main/plan/backups/when.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const at = (text: string): number => Date.parse(text);

const memory = (settledAt: number): RuleMemory => ({
  settledAt,
  failures: 0,
  failedAt: null,
  failedTargets: [],
});

function someRule(change: Partial<DueRule> = {}): DueRule {
  return {
    ...{ key: 'create nightly', verb: 'create', schedule: 'nightly', targets: ['nas'] },
    when: { cron: '0 2 * * *', words: 'daily at 02:00' },
    memory: memory(at('2026-05-01T12:00Z')),
    ...change,
  };
}

function someWorld(change: Partial<DueWorld> = {}): DueWorld {
  return {
    ...{ now: at('2026-05-02T02:00Z'), zone: 'UTC', instance: 'i', jitterMinutes: 0, rules: [someRule()] },
    ...{
      isBusy: false,
      waitForJobs: false,
      runningJobs: 0,
      waitingSince: {},
      clockDoubt: null,
      pluggedIn: [],
    },
    ...change,
  };
}

describe('what is due', () => {
  it('begins at its time, not before, and says when to look again', () => {
    const early = planDue(someWorld({ now: at('2026-05-02T01:59Z') }));
    expect(early).toMatchObject({ begin: null, wakeAt: at('2026-05-02T02:00Z') });
    expect(planDue(someWorld()).begin).toMatchObject({ verb: 'create', cause: 'schedule', targets: ['nas'] });
  });

  it('is made up for once after a long sleep, as missed', () => {
    const now = at('2026-05-06T09:00Z');
    const { begin } = planDue(someWorld({ now }));
    expect(begin).toMatchObject({ cause: 'missed', dueAt: at('2026-05-06T02:00Z') });
    const after = settled(memory(at('2026-05-01T12:00Z')), begin?.dueAt ?? 0);
    const next = planDue(someWorld({ now: now + minute, rules: [someRule({ memory: after })] }));
    expect(next).toMatchObject({ begin: null, wakeAt: at('2026-05-07T02:00Z') });
  });

  it('begins one at a time, backups first', () => {
    const rules = [someRule({ key: 'prune', verb: 'prune', schedule: null }), someRule()];
    expect(planDue(someWorld({ rules })).begin?.verb).toBe('create');
    const busy = planDue(someWorld({ rules, isBusy: true }));
    expect(busy.begin).toBeNull();
    expect(busy.waiting?.why).toMatch(/Another run/);
  });

  it('waits for jobs, for six hours at most', () => {
    const waits = { waitForJobs: true, runningJobs: 2 };
    const first = planDue(someWorld(waits));
    expect(first.begin).toBeNull();
    expect(first.waiting?.key).toBe('create nightly');
    expect(first.waiting?.why).toMatch(/2 run\b/);
    const since = someWorld().now;
    const later = { now: since + 6 * hour, waitingSince: { 'create nightly': since } };
    expect(planDue(someWorld({ ...waits, ...later })).begin?.verb).toBe('create');
    expect(planDue(someWorld({ waitForJobs: true, runningJobs: 0 })).begin?.verb).toBe('create');
  });

  it('removes nothing while the clock is in doubt, and backs up all the same', () => {
    const prune = someRule({ key: 'prune', verb: 'prune', schedule: null });
    const doubt = { clockDoubt: 'The clock is 2 hours off.' };
    expect(planDue(someWorld({ rules: [prune], ...doubt }))).toMatchObject({ begin: null });
    expect(planDue(someWorld({ rules: [prune, someRule()], ...doubt })).begin?.verb).toBe('create');
  });

  it('is let go where no target of it is there, and a disk that is plugged in is backed up to', () => {
    const absent = planDue(someWorld({ rules: [someRule({ targets: [] })] }));
    expect(absent).toMatchObject({ begin: null, skip: [{ key: 'create nightly', dueAt: someWorld().now }] });
    const plugged = planDue(someWorld({ rules: [], pluggedIn: ['disk'] }));
    expect(plugged.begin).toMatchObject({ cause: 'plugged-in', targets: ['disk'], key: null });
  });

  it('is tried again after a failure, by a table, at the targets that failed, until its next time', () => {
    const now = someWorld().now;
    let own = settled(memory(0), now);
    let failedAt = now;
    for (const wait of retryMs) {
      own = ended(own, ['usb'], failedAt);
      const rule = someRule({ memory: own, targets: ['nas', 'usb'] });
      expect(planDue(someWorld({ now: failedAt + wait - 1, rules: [rule] })).begin).toBeNull();
      const again = planDue(someWorld({ now: failedAt + wait, rules: [rule] }));
      expect(again.begin).toMatchObject({ targets: ['usb'], cause: 'schedule', dueAt: now });
      own = settled(own, again.begin?.dueAt ?? 0);
      failedAt += wait;
    }
    own = ended(own, ['usb'], failedAt);
    const last = planDue(someWorld({ now: failedAt + 4 * hour, rules: [someRule({ memory: own })] }));
    expect(last).toMatchObject({ begin: null, wakeAt: at('2026-05-03T02:00Z') });
    expect(ended(own, null, now)).toMatchObject({ failures: 0, failedAt: null });
  });

  it('begins a little later, always by the same amount, and well before its next time', () => {
    const ground = { zone: 'UTC', instance: 'home', jitterMinutes: 360 };
    fc.assert(
      fc.property(
        fc.constantFrom('0 2 * * *', '*/15 * * * *', '0 5 * * 0'),
        fc.integer({ min: 0, max: 2_000 }),
        (cron, many) => {
          const rule = { when: { cron, words: '' }, key: 'k' };
          const due = nextTime(rule.when, 'UTC', many * day) ?? 0;
          const start = startOf(due, rule, ground);
          expect(start).toBe(startOf(due, rule, ground));
          expect(start).toBeGreaterThanOrEqual(due);
          expect(start).toBeLessThan(nextTime(rule.when, 'UTC', due) ?? 0);
        },
      ),
    );
    const all = ['a', 'b', 'c', 'd'].map((instance) => startOf(day, someRule(), { ...ground, instance }));
    expect(new Set(all).size).toBe(4);
  });

  it('does not wait for a date that a wrong clock has written down', () => {
    const now = someWorld().now;
    const ahead = { ...memory(now + 3_650 * day), failures: 1, failedAt: now + 3_650 * day };
    expect(pulledBack(ahead, now)).toMatchObject({ settledAt: now, failedAt: now });
    const near = memory(now + 2 * hour);
    expect(pulledBack(near, now)).toBe(near);
  });
});

interface Step {
  readonly sleepMs: number;
  readonly jumpMs: number;
}

/** Lives through ten years or so: the loop's sleeps, the machine's, and a clock that is set. */
function live(steps: readonly Step[], zone: string, cron: string, jitterMinutes: number) {
  let now = at('2026-01-15T12:00Z');
  let own = memory(now);
  const begun: { readonly dueAt: number; readonly now: number }[] = [];
  const wakes: number[] = [now];
  for (const { sleepMs, jumpMs } of steps) {
    now += sleepMs + jumpMs;
    wakes.push(now);
    own = pulledBack(own, now);
    const rule = someRule({ when: { cron, words: '' }, memory: own });
    const { begin } = planDue(someWorld({ now, zone, jitterMinutes, rules: [rule] }));
    if (begin === null || begin.dueAt === null) continue;
    begun.push({ dueAt: begin.dueAt, now });
    own = settled(own, begin.dueAt);
  }
  return { begun, wakes };
}

describe('over ten years', () => {
  const zones = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'America/Havana',
    'UTC',
  );
  const rules = fc.constantFrom('30 2 * * *', '0 2 * * 1-5', '0 3 L * *', '0 */6 * * *');

  it('each due time begins exactly once while the machine is awake, on all days with another length, too', () => {
    fc.assert(
      fc.property(
        zones,
        rules,
        fc.integer({ min: 0, max: 60 }),
        fc.integer({ min: 0, max: 3_600 }),
        (zone, cron, jitter, offset) => {
          // Awake: it looks at each start, as the plan says when.
          const from = at('2026-01-15T12:00Z') + offset * day;
          const due = nextTimes({ cron }, zone, from, 12);
          let own = memory(from);
          const begun: number[] = [];
          let now = from;
          while (now <= (due.at(-1) ?? 0) + hour) {
            const plan = planDue(
              someWorld({
                now,
                zone,
                jitterMinutes: jitter,
                rules: [someRule({ when: { cron, words: '' }, memory: own })],
              }),
            );
            if (plan.begin?.dueAt != null) {
              begun.push(plan.begin.dueAt);
              own = settled(own, plan.begin.dueAt);
            }
            now = Math.max(now + 1, plan.wakeAt);
          }
          expect(begun.slice(0, due.length)).toEqual(due);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('nothing begins twice, and what was slept through is made up for once, also when the clock is set back', () => {
    const step = fc.record({
      sleepMs: fc.oneof(fc.integer({ min: minute, max: 6 * hour }), fc.integer({ min: day, max: 40 * day })),
      jumpMs: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        fc.integer({ min: -3 * hour, max: 3 * hour }),
      ),
    });
    fc.assert(
      fc.property(zones, rules, fc.array(step, { minLength: 20, maxLength: 60 }), (zone, cron, steps) => {
        const { begun, wakes } = live(steps, zone, cron, 0);
        const times = begun.map(({ dueAt }) => dueAt);
        expect(new Set(times).size).toBe(times.length);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        for (const one of begun) {
          expect(one.dueAt).toBeLessThanOrEqual(one.now);
          // The newest of what was missed: nothing lies between it and now.
          expect(nextTime({ cron }, zone, one.dueAt) ?? Infinity).toBeGreaterThan(one.now);
        }
        // What was due before the last look was made, or made up for by a newer one.
        const seen = Math.max(...wakes);
        const last = nextTimes({ cron }, zone, at('2026-01-15T12:00Z'), 1)[0] ?? Infinity;
        if (last <= seen) expect(times.length).toBeGreaterThan(0);
      }),
      { numRuns: 20 },
    );
  });
});
