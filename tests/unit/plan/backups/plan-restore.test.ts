import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BackupRecord } from '../../../../main/model/backup/backup.ts';
import { backupParts } from '../../../../main/model/backup/manifest.ts';
import { isNewer, planRestore } from '../../../../main/plan/backups/plan-restore.ts';
import type { RestoreChoice, RestoreFacts } from '../../../../main/plan/backups/plan-restore.ts';

const backup: BackupRecord = {
  ...{
    id: '2f6d1c1e-0000-4000-8000-000000000001',
    target: 'nas',
    snapshot: 'a'.repeat(64),
    at: 1_700_000_000_000,
  },
  ...{ machine: 'box', instance: 'lab', manifestSha256: 'b'.repeat(64), autogit: '0.2.0', gitlab: 'stack' },
  ...{
    gitlabVersion: '19.3.3',
    parts: ['home', 'gitlab', 'services'],
    bytes: 40e9,
    addedBytes: null,
    files: 10,
  },
  ...{ counts: { projects: 50, users: 12 }, provenAt: null, provenMs: null, damage: null },
};
const facts: RestoreFacts = {
  ...{
    autogit: '0.2.0',
    instance: 'lab',
    gitlab: 'stack',
    gitlabVersion: '19.3.4',
    counts: { projects: 48, users: 12 },
  },
  ...{
    isEmpty: false,
    hasEngine: true,
    hasCompose: true,
    freeBytes: 500e9,
    jobsRunning: 0,
    isStackBusy: false,
  },
  ...{ isRestoring: false, isToTaken: false, later: [] },
};
const whole: RestoreChoice = { parts: null, project: null, to: null };

const errors = (
  record: BackupRecord,
  wish: RestoreChoice,
  there: Partial<RestoreFacts> = {},
): readonly string[] =>
  planRestore(record, wish, { ...facts, ...there })
    .issues.filter(({ severity }) => severity === 'error')
    .map(({ key }) => key.slice('backup.'.length));

describe('a whole restore', () => {
  it('says what is replaced by what, in which steps', () => {
    const plan = planRestore(backup, whole, facts);
    expect(plan.steps.map(({ step }) => step)).toEqual([
      ...['check', 'safety', 'fetch', 'judge', 'home', 'gitlab', 'services', 'tidy'],
    ]);
    expect(plan.changes).toContainEqual({
      part: 'gitlab',
      what: 'projects',
      now: '48',
      then: '50',
      change: 'replace',
    });
    expect(plan.changes).toContainEqual({
      part: 'gitlab',
      what: 'users',
      now: '12',
      then: '12',
      change: 'same',
    });
    expect(plan).toMatchObject({ safety: true, issues: [], to: null });
    expect(plan.awaySeconds).toBeGreaterThan(300);
  });

  it('backs nothing up where nothing is', () => {
    const plan = planRestore(backup, whole, {
      ...facts,
      isEmpty: true,
      gitlab: 'none',
      instance: 'new',
      counts: {},
    });
    expect(plan.safety).toBe(false);
    expect(plan.steps.map(({ step }) => step)).not.toContain('safety');
    expect(plan.changes.map(({ change }) => change)).not.toContain('replace');
    expect(plan.issues).toEqual([]);
  });

  it('is refused before anything changes when it cannot succeed', () => {
    expect(errors({ ...backup, autogit: '0.10.0' }, whole)).toEqual(['restore-newer']);
    expect(errors({ ...backup, manifestSha256: null }, whole)).toEqual(['manifest-swapped']);
    expect(errors({ ...backup, damage: 'a file is missing' }, whole)).toEqual(['restore-damaged']);
    expect(errors(backup, whole, { freeBytes: 40e9 })).toEqual(['no-space']);
    expect(errors(backup, whole, { hasEngine: false })).toEqual(['restore-no-engine']);
    expect(errors(backup, whole, { hasCompose: false })).toEqual(['restore-no-compose']);
    expect(errors(backup, whole, { isStackBusy: true })).toEqual(['stack-busy']);
    expect(errors(backup, whole, { isRestoring: true })).toEqual(['restore-open']);
  });

  it('warns of what a person may want to see to first', () => {
    const warned = planRestore(backup, whole, {
      ...facts,
      jobsRunning: 2,
      instance: 'other',
      freeBytes: 50e9,
    });
    expect(warned.issues.map(({ key, severity }) => [key, severity])).toEqual([
      ['backup.restore-space-close', 'warning'],
      ['backup.restore-jobs-running', 'warning'],
      ['backup.restore-other-lab', 'warning'],
    ]);
  });
});

describe('a part', () => {
  it('leaves the others as they are', () => {
    const { changes, steps } = planRestore(backup, { ...whole, parts: ['home'] }, facts);
    expect(changes.filter(({ change }) => change === 'keep').map(({ part }) => part)).toEqual([
      'gitlab',
      'services',
    ]);
    expect(steps.map(({ step }) => step)).not.toContain('gitlab');
  });

  it('fits only to the home that it was backed up with', () => {
    expect(errors(backup, { ...whole, parts: ['gitlab'] })).toEqual([]);
    expect(errors(backup, { ...whole, parts: ['gitlab'] }, { instance: 'other' })).toEqual([
      'restore-needs-home',
    ]);
    expect(errors(backup, { ...whole, parts: ['gitlab'] }, { gitlab: 'none' })).toEqual([
      'restore-needs-home',
    ]);
  });

  it('has to be in the backup', () => {
    expect(errors(backup, { ...whole, parts: ['sandbox'] })).toContain('restore-part-missing');
    expect(errors({ ...backup, parts: ['home'] }, { ...whole, project: 'a/b', to: '/x' })).toEqual([
      'restore-part-missing',
    ]);
  });
});

describe('to look at', () => {
  it('changes nothing here, and needs neither engine nor another version', () => {
    const plan = planRestore(
      backup,
      { ...whole, to: '/look' },
      { ...facts, hasEngine: false, instance: 'other' },
    );
    expect(plan).toMatchObject({ changes: [], safety: false, awaySeconds: 0, issues: [] });
    expect(plan.steps.map(({ step }) => step)).toEqual(['check', 'fetch', 'judge', 'load', 'tidy']);
    expect(errors(backup, { ...whole, to: '/look' }, { isToTaken: true })).toEqual(['restore-folder-there']);
  });

  it('takes a project only to a folder, and without parts', () => {
    expect(errors(backup, { ...whole, project: 'a/b' })).toEqual(['restore-folder-needed']);
    expect(errors(backup, { parts: ['gitlab'], project: 'a/b', to: '/x' })).toEqual(['restore-wish-mixed']);
    expect(errors(backup, { ...whole, project: 'a/b', to: '/x' })).toEqual([]);
  });
});

describe('the hash', () => {
  it('is of what would be done: other parts, another folder, another present are another plan', () => {
    const hash = (wish: RestoreChoice, there: Partial<RestoreFacts> = {}) =>
      planRestore(backup, wish, { ...facts, ...there }).hash;
    const all = [
      hash(whole),
      hash({ ...whole, parts: ['home'] }),
      hash({ ...whole, to: '/x' }),
      hash(whole, { counts: { projects: 49 } }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(hash(whole, { freeBytes: 400e9 })).toBe(hash(whole));
  });

  it('comes with a plan for anything', () => {
    const parts = fc.option(fc.uniqueArray(fc.constantFrom(...backupParts), { minLength: 1 }));
    const text = fc.option(fc.string());
    fc.assert(
      fc.property(
        fc.subarray([...backupParts]),
        parts,
        text,
        text,
        fc.boolean(),
        (has, wanted, project, to, isEmpty) => {
          const plan = planRestore(
            { ...backup, parts: has },
            { parts: wanted, project, to },
            { ...facts, isEmpty },
          );
          expect(plan.steps.at(-1)?.step).toBe('tidy');
          expect(plan.parts.every((part) => has.includes(part))).toBe(true);
        },
      ),
    );
  });
});

describe('versions', () => {
  it('are compared by their numbers', () => {
    expect([
      isNewer('0.10.0', '0.9.9'),
      isNewer('1.0.0', '1.0.0'),
      isNewer('0.9.9', '0.10.0'),
      isNewer('x', '1.0.0'),
    ]).toEqual([true, false, false, false]);
  });
});
