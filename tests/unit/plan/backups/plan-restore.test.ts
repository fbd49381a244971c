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
  ...{ isRestoring: false, isToTaken: false, hasAnswered: true, unusedData: null },
  isStackUnread: false,
  installs: { version: '19.3.3', isEnterprise: false, stops: ['17.11', '18.2', '18.5', '19.2'] },
  ...{ images: null, architecture: 'amd64', madeFor: { 'gitlab/gitlab-ce': ['amd64', 'arm64'] } },
};
const whole: RestoreChoice = { parts: null, project: null, to: null, withoutSafety: false };

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
      hasAnswered: false,
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
    const same = { gitlabVersion: '19.3.3' };
    expect(errors(backup, { ...whole, parts: ['gitlab'] }, same)).toEqual([]);
    expect(errors(backup, { ...whole, parts: ['gitlab'] }, { ...same, instance: 'other' })).toEqual([
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
    expect(errors(backup, { ...whole, parts: ['gitlab'], project: 'a/b', to: '/x' })).toEqual([
      'restore-wish-mixed',
    ]);
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

  it('is another one without a safety backup', () => {
    expect(planRestore(backup, { ...whole, withoutSafety: true }, facts).hash).not.toBe(
      planRestore(backup, whole, facts).hash,
    );
  });
});

describe('what is there now', () => {
  const rowsOf = (there: Partial<RestoreFacts>, record: BackupRecord = backup) =>
    planRestore(record, whole, { ...facts, ...there }).changes;
  const projects = (there: Partial<RestoreFacts>) => rowsOf(there).find(({ what }) => what === 'projects');
  const wholeOf = (part: string, there: Partial<RestoreFacts>) =>
    rowsOf(there).find((row) => row.part === part)?.now;

  it('is not known where GitLab does not answer, or does not tell: never nothing', () => {
    const unknown = { now: 'not known', then: '50', change: 'replace' };
    expect(projects({ hasAnswered: false, counts: {} })).toMatchObject(unknown);
    expect(projects({ counts: { users: 12 } })).toMatchObject(unknown);
    expect(wholeOf('gitlab', { hasAnswered: false, counts: {} })).toBe(
      'GitLab 19.3.4, which does not answer: what is in it is not known',
    );
    expect(projects({ gitlab: 'none', counts: {} })).toMatchObject({ now: '', change: 'create' });
  });

  it('is told also where the backup does not count it', () => {
    const counts = { projects: 48, users: 12, groups: 1, hooks: 3, runners: 5, pools: 4, targets: 1 };
    expect(wholeOf('gitlab', { counts })).toBe('GitLab 19.3.4: 1 group, 3 hooks, 5 runners');
    expect(wholeOf('home', { counts })).toBe('what is here: 4 pools, 1 target');
  });

  it('is told of a GitLab that nobody serves any more afterwards', () => {
    const there = { gitlab: 'sandbox', counts: { projects: 3, users: 1 } } as const;
    const served = (facet: Partial<RestoreFacts>) =>
      rowsOf(facet).find(({ what }) => what === 'the GitLab that runners serve')?.now;
    expect(served(there)).toBe('the sandbox: 3 projects, 1 user');
    expect(served({ ...there, hasAnswered: false })).toBe('the sandbox, which does not answer');
    expect(served({ ...there, gitlab: 'elsewhere', hasAnswered: false })).toBe('one that is elsewhere');
    expect(served({})).toBeUndefined();
  });

  it('is never shown as new where something is there', () => {
    const count = fc.option(fc.integer({ min: 0, max: 9 }), { nil: undefined });
    const some = fc.record({ projects: count, users: count, hooks: count, pools: count });
    const kind = fc.constantFrom('none', 'sandbox', 'stack', 'elsewhere' as const);
    const given = fc.record({
      ...{ then: some, now: some, kind, of: kind, isEmpty: fc.boolean(), hasAnswered: fc.boolean() },
      unusedData: fc.option(fc.constant('/srv/lab/gitlab/data')),
    });
    const known = (counts: Readonly<Record<string, number | undefined>>): Record<string, number> =>
      Object.fromEntries(Object.entries(counts).flatMap(([name, n]) => (n === undefined ? [] : [[name, n]])));
    fc.assert(
      fc.property(given, ({ then, now, kind: gitlab, of, ...rest }) => {
        const parts = ['home', ...(of === 'sandbox' ? ['sandbox' as const] : ['gitlab' as const])] as const;
        const record: BackupRecord = { ...backup, gitlab: of, parts: [...parts], counts: known(then) };
        const { changes } = planRestore(record, whole, { ...facts, ...rest, gitlab, counts: known(now) });
        for (const { part, what, now: shown, then: after, change } of changes) {
          expect(change === 'create').toBe(shown === '');
          if (change === 'same') expect(shown).toBe(after);
          const isHere = (part === 'gitlab' && gitlab === 'stack') || (part === 'sandbox' && gitlab === part);
          if (isHere) expect(shown, what).not.toBe('');
        }
      }),
    );
  });
});

describe('the version of GitLab', () => {
  const versionsOf = (gitlabVersion: string) => planRestore({ ...backup, gitlabVersion }, whole, facts);

  it('is that of the backup, with the stops of an upgrade afterwards', () => {
    const old = versionsOf('18.1.4');
    expect(old.versions).toMatchObject({ backup: '18.1.4', now: '19.3.4', installs: '19.3.3' });
    expect(old.versions?.stops).toEqual(['18.2', '18.5', '19.2']);
    expect(old.versions?.words).toContain('has to stop at 18.2, 18.5 and 19.2');
    expect(old.issues.map(({ key, severity }) => [key, severity])).toEqual([
      ['backup.restore-upgrade-later', 'warning'],
    ]);
    expect(versionsOf('19.2.9')).toMatchObject({ versions: { stops: [] }, issues: [] });
    expect(versionsOf('19.2.9').versions?.words).toContain('takes it to 19.3.3');
    expect(versionsOf('19.3.3').versions?.words).toContain('nothing is upgraded afterwards');
    expect(planRestore({ ...backup, parts: ['home'] }, whole, facts).versions).toBeNull();
  });

  it('may not be newer than this AutoGit knows, nor of another edition', () => {
    expect(errors({ ...backup, gitlabVersion: '19.4.0' }, whole)).toEqual(['restore-gitlab-newer']);
    expect(errors({ ...backup, gitlabVersion: '19.3.9' }, whole)).toEqual([]);
    expect(errors({ ...backup, gitlabVersion: '19.3.3-ee' }, whole)).toEqual(['restore-edition']);
    const images = { gitlab: 'gitlab/gitlab-ee:19.3.3-ee.0@sha256:00' };
    expect(errors(backup, whole, { images })).toEqual(['restore-edition']);
    expect(errors({ ...backup, gitlabVersion: '20.1.0' }, whole, { installs: null })).toEqual([]);
  });

  it('has to be the one of the files that are here, where those are not restored', () => {
    const alone = { ...whole, parts: ['gitlab', 'services'] as const };
    expect(errors(backup, alone)).toEqual(['restore-version-differs']);
    expect(errors(backup, alone, { gitlabVersion: '19.3.3' })).toEqual([]);
    expect(errors(backup, alone, { gitlabVersion: '' })).toEqual([]);
  });

  it('comes in an image that is made for the engine here', () => {
    const images = { gitlab: 'docker.io/gitlab/gitlab-ce:19.3.3-ce.0@sha256:00', own: 'me/own:1' };
    expect(errors(backup, whole, { images, architecture: 'arm64' })).toEqual([]);
    expect(errors(backup, whole, { images, architecture: 'riscv64' })).toEqual(['restore-architecture']);
    expect(errors(backup, whole, { images, architecture: null })).toEqual([]);
    expect(errors(backup, { ...whole, parts: ['home'] }, { images, architecture: 'riscv64' })).toEqual([]);
  });

  it('stops only between the two, in order, whatever they are', () => {
    const version = fc.tuple(fc.integer({ min: 17, max: 20 }), fc.integer({ min: 0, max: 11 }));
    fc.assert(
      fc.property(version, version, (from, to) => {
        const installs = {
          version: `${to.join('.')}.0`,
          isEnterprise: false,
          stops: ['17.8', '18.5', '18.11'],
        };
        const record = { ...backup, gitlabVersion: `${from.join('.')}.3` };
        const { versions } = planRestore(record, whole, { ...facts, installs });
        const number = ([major, minor]: readonly number[]): number => (major ?? 0) * 100 + (minor ?? 0);
        const stops = (versions?.stops ?? []).map((stop) => number(stop.split('.').map(Number)));
        expect(stops).toEqual(stops.toSorted((a, b) => a - b));
        expect(stops.every((stop) => stop > number(from) && stop < number(to))).toBe(true);
        expect(stops.length).toBe(
          [1708, 1805, 1811].filter((n) => n > number(from) && n < number(to)).length,
        );
      }),
    );
  });
});

describe('without a safety backup', () => {
  const bare = { ...whole, withoutSafety: true };
  const keys = (wish: RestoreChoice, there: Partial<RestoreFacts> = {}) =>
    planRestore(backup, wish, { ...facts, ...there }).issues.map(({ key }) => key);

  it('is a choice that is said to have no way back, and only where something is there', () => {
    const plan = planRestore(backup, bare, facts);
    expect(plan).toMatchObject({ safety: false, withoutSafety: true });
    expect(plan.steps.map(({ step }) => step)).not.toContain('safety');
    expect(plan.issues.map(({ key, severity }) => [key, severity])).toEqual([
      ['backup.restore-no-way-back', 'warning'],
    ]);
    const empty = { isEmpty: true, gitlab: 'none', instance: 'new', counts: {} } as const;
    expect(planRestore(backup, bare, { ...facts, ...empty })).toMatchObject({
      withoutSafety: false,
      issues: [],
    });
    const look = planRestore(backup, { ...bare, to: '/look' }, facts);
    expect(look).toMatchObject({ withoutSafety: false, issues: [] });
  });

  it('is named where a safety backup cannot be made, or hardly', () => {
    const data = {
      unusedData: '/srv/lab/gitlab/data',
      gitlab: 'none',
      isEmpty: true,
      instance: 'new',
    } as const;
    expect(keys(whole, data)).toEqual(['backup.restore-data-there']);
    expect(keys(bare, data)).toEqual(['backup.restore-no-way-back']);
    expect(keys(whole, { hasAnswered: false })).toEqual(['backup.restore-safety-unlikely']);
    expect(keys(bare, { hasAnswered: false })).toEqual(['backup.restore-no-way-back']);
    expect(keys(whole, { freeBytes: 50e9 })).toEqual(['backup.restore-space-close']);
    expect(keys(bare, { freeBytes: 50e9 })).toEqual(['backup.restore-no-way-back']);
    const unread = { isStackUnread: true, isEmpty: true, gitlab: 'none', instance: 'new' } as const;
    expect(keys(whole, unread)).toEqual(['backup.restore-data-unknown']);
    expect(keys(bare, unread)).toEqual(['backup.restore-no-way-back']);
    expect(planRestore(backup, bare, { ...facts, ...unread }).withoutSafety).toBe(true);
    for (const there of [data, { hasAnswered: false }, { freeBytes: 50e9 }])
      expect(planRestore(backup, whole, { ...facts, ...there }).issues[0]?.next).toContain(
        '--without-safety',
      );
  });
});

describe('a plan', () => {
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
        fc.boolean(),
        (has, wanted, project, to, isEmpty, withoutSafety) => {
          const plan = planRestore(
            { ...backup, parts: has },
            { parts: wanted, project, to, withoutSafety },
            { ...facts, isEmpty },
          );
          expect(plan.steps.at(-1)?.step).toBe('tidy');
          expect(plan.steps.some(({ step }) => step === 'safety')).toBe(plan.safety);
          expect(plan.safety && plan.withoutSafety).toBe(false);
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
