import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepSchema } from '../../../../main/model/backup/settings.ts';
import { planKeep } from '../../../../main/plan/backups/keep.ts';
import type { KeepGround } from '../../../../main/plan/backups/keep.ts';
import { someBackup } from '../../../fakes/backup-records.ts';

const day = 86_400_000;
const now = Date.parse('2026-05-20T12:00Z');
const ground: KeepGround = { now, zone: 'Europe/Berlin', instance: 'home', doubt: null };
const none = keepSchema.parse({ days: 0 });
const backup = (days: number, change: Parameters<typeof someBackup>[0] = {}) =>
  someBackup({ id: `b-${days}`, snapshot: `s-${days}`, at: now - days * day, ...change });
const gone = (plan: ReturnType<typeof planKeep>): readonly string[] =>
  plan.backups.filter(({ kept }) => kept.length === 0).map(({ backup: { id } }) => id);

describe('what of backups stays', () => {
  it('is what is young enough, by the default 30 days', () => {
    const plan = planKeep(
      [0, 29, 31, 40].map((days) => backup(days)),
      keepSchema.parse({}),
      ground,
    );
    expect(gone(plan)).toEqual(['b-31', 'b-40']);
    expect(plan.backups[0]?.kept).toEqual(['the newest', 'younger than 30 days']);
  });

  it('is the newest of each day, week, month and year that are asked for', () => {
    const records = [0, 0.2, 1, 2, 9, 40, 400].map((days) => backup(days));
    const keep = { ...none, daily: 2, weekly: 2, monthly: 2, yearly: 2 };
    const plan = planKeep(records, keep, ground);
    const kept = Object.fromEntries(plan.backups.map(({ backup: { id }, kept: why }) => [id, why]));
    expect(kept['b-0']).toContain('the last of its day');
    expect(kept['b-0.2']).toEqual([]);
    expect(kept['b-1']).toEqual(['the last of its day']);
    expect(kept['b-2']).toEqual([]);
    expect(kept['b-9']).toEqual(['the last of its week']);
    expect(kept['b-40']).toEqual(['the last of its month']);
    expect(kept['b-400']).toEqual(['the last of its year']);
  });

  it('is always the newest, and the newest that was proven', () => {
    const records = [backup(1), backup(50, { provenAt: 1 }), backup(60, { provenAt: 2 })];
    expect(gone(planKeep(records, none, ground))).toEqual(['b-60']);
  });

  it('is everything of other homes', () => {
    const records = [backup(1), backup(500, { instance: 'other', machine: 'elsewhere' }), backup(90)];
    const plan = planKeep(records, none, ground);
    expect(gone(plan)).toEqual(['b-90']);
    expect(plan.backups.at(-1)?.kept).toEqual(['of another home, elsewhere']);
  });

  it.each([
    ['one is from the future', [backup(-1), backup(90)], {}],
    ['one is damaged', [backup(1), backup(80, { damage: 'a pack is missing.' }), backup(90)], {}],
    ['somebody doubts', [backup(1), backup(90)], { doubt: 'The clock is off.' }],
  ])('is everything while %s', (_, records, more) => {
    const plan = planKeep(records, none, { ...ground, ...more });
    expect(gone(plan)).toEqual([]);
    expect(plan.doubt).not.toBeNull();
  });

  it('never loses the newest, what is proven, or what is not ours, whatever is asked for', () => {
    const few = fc.integer({ min: 0, max: 4 });
    const keeps = fc.record({ last: few, days: few, daily: few, weekly: few, monthly: few, yearly: few });
    const records = fc.uniqueArray(
      fc.record({
        days: fc.integer({ min: 0, max: 1_500 }),
        isOurs: fc.boolean(),
        isProven: fc.boolean(),
      }),
      { selector: ({ days }) => days },
    );
    fc.assert(
      fc.property(keeps, records, (keep, made) => {
        const all = made.map(({ days, isOurs, isProven }) =>
          backup(days, { instance: isOurs ? 'home' : 'other', provenAt: isProven ? 1 : null }),
        );
        const plan = planKeep(all, keep, ground);
        expect(plan.backups).toHaveLength(all.length);
        const left = plan.backups.filter(({ kept }) => kept.length > 0).map(({ backup: one }) => one);
        const own = all.filter(({ instance }) => instance === 'home').toSorted((a, b) => b.at - a.at);
        if (own[0] !== undefined) expect(left).toContain(own[0]);
        const proven = own.find(({ provenAt }) => provenAt !== null);
        if (proven !== undefined) expect(left).toContain(proven);
        for (const one of all) if (one.instance === 'other') expect(left).toContain(one);
        for (const one of own.slice(0, keep.last)) expect(left).toContain(one);
        const young = own.filter(({ at }) => at > now - keep.days * day);
        for (const one of young) expect(left).toContain(one);
        const most = 2 + keep.last + young.length + keep.daily + keep.weekly + keep.monthly + keep.yearly;
        expect(left.filter(({ instance }) => instance === 'home').length).toBeLessThanOrEqual(most);
      }),
    );
  });
});
