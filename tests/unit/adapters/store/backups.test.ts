import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../main/adapters/store/database.ts';
import { migrate } from '../../../../main/adapters/store/migrate.ts';
import { migrations } from '../../../../main/adapters/store/migrations/index.ts';
import { mostKept, openStore, storeOn } from '../../../../main/adapters/store/open-store.ts';
import { someBackup, someBackupRun, someTargetState } from '../../../fakes/backup-records.ts';

const begun = {
  verb: 'create',
  cause: 'person',
  schedule: null,
  targets: ['nas', 'usb'],
  startedAt: 5,
  backup: null,
} as const;
const wish = { ...begun, targets: [...begun.targets] };

describe('the journal of backups', () => {
  it('keeps a run from its beginning to its end', () => {
    const { backups, close } = openStore(':memory:', { now: () => 1_000 });
    const id = backups.begin(wish);
    expect(backups.run(id)).toEqual({ id, ...wish, endedAt: null, outcome: null, failures: [] });
    const failures = [
      { target: 'usb', key: 'backup.target-full', message: 'It is full.', next: 'Make room.' },
    ];
    backups.update(id, { endedAt: 9, outcome: 'failed', failures, backup: 'b' });
    expect(backups.runs(10)).toMatchObject([{ id, endedAt: 9, outcome: 'failed', failures, backup: 'b' }]);
    close();
  });

  it('knows the last that went well, also of one target where another failed', () => {
    const { backups, close } = openStore(':memory:', { now: () => 1_000 });
    const id = backups.begin(wish);
    const { failures } = someBackupRun({ failures: [{ target: 'usb', key: 'k', message: 'm', next: 'n' }] });
    backups.update(id, { endedAt: 9, outcome: 'failed', failures });
    expect(backups.lastDone('create', 'nas')?.id).toBe(id);
    expect(backups.lastDone('create', 'usb')).toBeNull();
    expect(backups.lastDone('create', null)).toBeNull();
    expect(backups.lastDone('verify', 'nas')).toBeNull();
    close();
  });

  it('keeps the newest runs, and the newest good one of each verb', () => {
    const { backups, close } = openStore(':memory:', { now: () => 1_000 });
    const good = backups.begin(wish);
    backups.update(good, { endedAt: 9, outcome: 'done' });
    for (let count = 0; count < mostKept.backupRuns + 20; count += 1)
      backups.update(backups.begin(wish), { endedAt: 9, outcome: 'failed' });
    const kept = backups.runs(10_000);
    expect(kept.length).toBeLessThanOrEqual(mostKept.backupRuns + 2);
    expect(kept.at(-1)?.id).toBe(good);
    close();
  });

  it('has the records of each target in the place of those before', () => {
    const { backups, close } = openStore(':memory:', { now: () => 1_000 });
    const here = someBackup({ at: 2 });
    const there = someBackup({ target: 'usb', at: 3 });
    backups.setRecords('nas', [someBackup({ snapshot: 'c' }), here]);
    backups.setRecord(there);
    backups.setRecords('nas', [here]);
    expect(backups.records()).toEqual([there, here]);
    backups.setRecord({ ...here, provenAt: 7, provenMs: 8 });
    expect(backups.records()[1]).toMatchObject({ provenAt: 7, provenMs: 8 });
    backups.setTarget(someTargetState());
    backups.removeTarget('nas');
    expect(backups.records()).toEqual([there]);
    expect(backups.targets()).toEqual([]);
    close();
  });

  it('leaves out rows that somebody has damaged', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations);
    const { backups } = storeOn(database, { now: () => 1_000 });
    backups.setTarget(someTargetState());
    backups.setTarget(someTargetState({ name: 'usb' }));
    database.exec(`UPDATE backup_targets SET state = '{"name": 7}' WHERE name = 'nas'`);
    expect(backups.targets().map(({ name }) => name)).toEqual(['usb']);
    database.close();
  });
});

describe('the twelfth step', () => {
  it('adds tables for backups to a home that has none', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations.slice(0, 11));
    migrate(database, migrations);
    expect(storeOn(database, { now: () => 1_000 }).backups.runs(5)).toEqual([]);
    database.close();
  });
});
