// Backups as a page shows them: one row for each, filters, the month, runs in words, and what is asked of whom.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backupGlance } from '../../../renderer/state/backup-glance.ts';
import {
  backupDays,
  firstDayOf,
  momentOf,
  monthAfter,
  monthOf,
  stepInCalendar,
  weeksOf,
} from '../../../renderer/state/backup-calendar.ts';
import {
  countedWords,
  leftWords,
  pastLook,
  runLook,
  runSteps,
  shareOf,
} from '../../../renderer/state/backup-run.ts';
import {
  awaySentence,
  backupFilterOf,
  backupQueryOf,
  backupsOf,
  countsWords,
  dayOf,
  filterBackups,
  gitlabWords,
} from '../../../renderer/state/backups.ts';
import { someOrder, someProgress, someRecord, someRecords, someRuns } from '../../fakes/backup-lab.ts';

const now = new Date(2026, 10, 23, 12).getTime();
const dayMs = 86_400_000;
const all = { group: 'all', text: '', day: '' } as const;

describe('the same backup at many places', () => {
  it('is one row with all its places, newest first', () => {
    const backups = backupsOf(someRecords(10, now).toReversed());
    expect(backups).toHaveLength(10);
    expect(backups.map(({ at }) => at)).toEqual(backups.map(({ at }) => at).toSorted((a, b) => b - a));
    expect([...(backups[0]?.targets ?? [])].toSorted()).toEqual(['cloud', 'nas', 'usb']);
  });

  it('is proven where any of them was, and damaged where any of them is', () => {
    const proofOf = (...changes: readonly Partial<ReturnType<typeof someRecord>>[]) =>
      backupsOf(changes.map((change, at) => ({ ...someRecord(0, `t${at}`, now), ...change })))[0]?.proof;
    expect(proofOf({}, {})).toBe('unproven');
    expect(proofOf({}, { provenAt: now, provenMs: 1 })).toBe('proven');
    expect(proofOf({ provenAt: now }, { damage: 'A pack is missing.' })).toBe('damaged');
    expect(proofOf({ manifestSha256: null }, { manifestSha256: null })).toBe('foreign');
  });
});

describe('the filter of backups', () => {
  const backups = backupsOf(someRecords(30, now));

  it('finds by day, place, id and version, and by the state of proof', () => {
    const [first] = backups;
    if (first === undefined) throw new Error('there is none');
    expect(filterBackups(backups, { ...all, day: dayOf(first.at) })).toEqual([first]);
    expect(filterBackups(backups, { ...all, text: first.id.slice(0, 8) })).toEqual([first]);
    expect(filterBackups(backups, { ...all, text: 'USB 19.3' })).toHaveLength(4);
    expect(filterBackups(backups, { ...all, group: 'damaged' }).map(({ proof }) => proof)).toEqual([
      'damaged',
    ]);
    expect(filterBackups(backups, { ...all, text: 'elsewhere' })).toEqual([]);
  });

  it('survives the address, and takes nothing from it that it does not know', () => {
    const filter = { group: 'proven', text: 'nas', day: '2026-11-22' } as const;
    expect(backupFilterOf(backupQueryOf(filter))).toEqual(filter);
    expect(backupFilterOf({ show: 'x', day: '<script>' })).toEqual(all);
  });

  it('shows each backup in the group of its proof and in no other', () => {
    const groups = (['proven', 'unproven', 'damaged'] as const).map(
      (group) => filterBackups(backups, { ...all, group }).length,
    );
    expect(groups.reduce((sum, one) => sum + one, 0)).toBe(backups.length);
  });
});

describe('the month of backups', () => {
  it('has each of its days once, in weeks that begin as the language has it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1990, max: 2090 }),
        fc.integer({ min: 0, max: 11 }),
        fc.integer({ min: 0, max: 6 }),
        (year, month, firstDay) => {
          const weeks = weeksOf({ year, month }, firstDay);
          const days = weeks.flat();
          expect(days).toHaveLength(42);
          expect(new Set(days.map(({ key }) => key)).size).toBe(42);
          expect(days.filter(({ isInMonth }) => isInMonth)).toHaveLength(
            new Date(year, month + 1, 0).getDate(),
          );
          for (const [first] of weeks) expect(new Date(momentOf(first?.key ?? '')).getDay()).toBe(firstDay);
        },
      ),
    );
  });

  it('is walked through by keys: days, weeks, months and their ends, across changes of clocks', () => {
    expect(stepInCalendar('2026-03-29', 'ArrowRight')).toBe('2026-03-30');
    expect(stepInCalendar('2026-10-25', 'ArrowLeft')).toBe('2026-10-24');
    expect(stepInCalendar('2026-11-03', 'ArrowUp')).toBe('2026-10-27');
    expect(stepInCalendar('2027-01-31', 'PageDown')).toBe('2027-02-28');
    expect(stepInCalendar('2026-01-15', 'PageUp')).toBe('2025-12-15');
    expect(stepInCalendar('2028-02-11', 'End')).toBe('2028-02-29');
    expect(stepInCalendar('2028-02-11', 'Home')).toBe('2028-02-01');
    expect(stepInCalendar('2028-02-11', 'x')).toBeNull();
    expect(monthAfter({ year: 2026, month: 11 }, 1)).toEqual({ year: 2027, month: 0 });
    expect(monthAfter(monthOf(now), -11)).toEqual({ year: 2025, month: 11 });
  });

  it('marks a day by its worst backup, and by how much was new beside other days', () => {
    const day = (number: number, change: Partial<ReturnType<typeof someRecord>>) => ({
      ...someRecord(number, 'nas', now),
      ...change,
    });
    const days = backupDays(
      backupsOf([
        day(0, { at: now, addedBytes: 100, provenAt: now }),
        day(1, { at: now - 1, addedBytes: 900, damage: 'A pack is missing.' }),
        day(2, { at: now - dayMs, addedBytes: 300 }),
        day(3, { at: now - 2 * dayMs, addedBytes: null }),
      ]),
    );
    expect(days.get(dayOf(now))).toEqual({ number: 2, proof: 'damaged', size: 3, bytes: 1000 });
    expect(days.get(dayOf(now - dayMs))).toMatchObject({ number: 1, proof: 'unproven', size: 2 });
    expect(days.get(dayOf(now - 2 * dayMs))).toMatchObject({ size: 1, bytes: null });
  });

  it('begins on a Monday where nothing is known of a language', () => {
    expect(firstDayOf('no-such-language-at-all')).toBe(1);
    expect(firstDayOf('en-US') % 7).toBe(firstDayOf('en-US'));
  });
});

describe('a run of backups', () => {
  it('shows its steps as they are done, now and next, and how it has ended', () => {
    const states = (change: Partial<typeof someProgress>) =>
      runSteps({ ...someProgress, ...change }).map(({ state }) => state);
    expect(states({})).toEqual(['done', 'done', 'now', 'next']);
    expect(states({ outcome: 'failed' })).toEqual(['done', 'done', 'failed', 'left']);
    expect(new Set(states({ outcome: 'done' }))).toEqual(new Set(['done']));
    expect(states({ step: null })).toEqual(['next', 'next', 'next', 'next']);
  });

  it('shows a step that nobody expected by itself, and those of a plan instead of the usual', () => {
    expect(runSteps({ ...someProgress, step: 'gitlab' })).toMatchObject([{ step: 'gitlab', state: 'now' }]);
    const planned = [
      { step: 'fetch', words: 'Fetch it' },
      { step: 'home', words: 'Put it in place' },
    ] as const;
    expect(runSteps({ ...someProgress, verb: 'restore', step: 'home' }, planned)).toMatchObject([
      { words: 'Fetch it', state: 'done' },
      { words: 'Put it in place', state: 'now' },
    ]);
  });

  it('counts only what is counted, and guesses nothing', () => {
    expect(countedWords(someProgress)).toBe('1.3 GB of 4.2 GB, 20,412 of 61,204 files');
    expect(countedWords({ bytes: null, files: null })).toBe('');
    expect(shareOf({ bytes: { done: 1, total: 4 } })).toBe(0.25);
    expect(shareOf({ bytes: { done: 0, total: 0 } })).toBeNull();
    expect(leftWords(95)).toBe('about 2 min left');
    expect(leftWords(31)).toBe('about 40 s left');
    expect(leftWords(null)).toBeNull();
  });

  it('that was taken back is not called done', () => {
    expect(runLook({ verb: 'restore', outcome: 'rolled-back' })).toMatchObject({ tone: 'waiting' });
    expect(runLook({ verb: 'restore', outcome: 'rolled-back' }).word).toContain('as it was before');
    const [run] = someRuns(now);
    if (run === undefined) throw new Error('there is no run');
    expect(pastLook(run).word).toBe('Done');
    const failure = { target: 'usb', key: 'backup.target-full', message: 'It is full.', next: 'Make room.' };
    expect(pastLook({ ...run, failures: [failure] }).word).toBe('In part');
  });
});

describe('backups in words', () => {
  it('say what is stopped for them before the first one is made', () => {
    expect(awaySentence(someOrder)).toMatch(/^Nothing is stopped/);
    const away = someOrder.map((one) => (one.part === 'services' ? { ...one, awaySeconds: 12 } : one));
    expect(awaySentence(away)).toBe('Away while a backup is made: The other services for about 12 s.');
  });

  it('count one and many, and name a GitLab that is not in them', () => {
    expect(countsWords({ projects: 1, users: 12 })).toBe('1 project, 12 users');
    expect(gitlabWords({ gitlab: 'elsewhere', gitlabVersion: '' })).toContain('not in it');
  });

  it('stand on the overview with last, next and proof; none, never proven or old is to be looked at', () => {
    const backups = {
      lastBackupAt: now - 6 * 3_600_000,
      lastProvenAt: now - 3 * dayMs,
      lastProvenMs: 100_000,
    };
    const shown = { ...backups, running: null, version: 1 };
    expect(backupGlance(shown, now + 7_200_000, now)).toEqual({
      ...{ value: '6 h ago', note: 'next in 2 h; proven 3 d ago', tone: null },
    });
    expect(backupGlance({ ...shown, lastProvenAt: null }, null, now)).toMatchObject({
      ...{ note: 'none is planned; never proven', tone: 'waiting' },
    });
    expect(backupGlance({ ...shown, lastBackupAt: now - 9 * dayMs }, null, now).tone).toBe('waiting');
    expect(backupGlance(null, null, now)).toMatchObject({ value: 'None yet', tone: 'waiting' });
    const running = { verb: 'create', message: 'Sending to nas', share: 0.42 };
    expect(backupGlance({ ...shown, running }, null, now).value).toBe('Backing up 42 %');
  });
});
