// The doctor's look at backups of a desk.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { noBackups } from '../../../../main/coordinator/backups/backup-desk.ts';
import { examineBackups } from '../../../../main/coordinator/backups/examine-backups.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { folderAt, openBackupBench } from '../../../fakes/backup-bench.ts';
import type { BackupBench } from '../../../fakes/backup-bench.ts';

const nas = folderAt('nas');
const never = new AbortController().signal;
let bench: BackupBench;
beforeEach(async () => {
  bench = await openBackupBench({ targets: [nas] });
  bench.restic.room = { free: 1e12, total: 2e12 };
});
afterEach(() => bench.close());
const keys = async (): Promise<readonly string[]> =>
  (await examineBackups(bench.desk)).findings.map(({ key }) => key);

it('looks at each place anew', async () => {
  await bench.restic.init(bench.place(nas), never);
  expect(await keys()).toEqual(['backup.sheet-not-kept', 'backup.none-yet']);
  bench.restic.fail('nas', 'backup.target-unreachable');
  expect(await keys()).toContain('backup.target-unreachable');
  bench.restic.fail('nas', null);
  expect(await keys()).not.toContain('backup.target-unreachable');
});

it('names what nobody has checked or proven since the first backup', async () => {
  await bench.desk.beforeUpgrade(['gitlab'], never);
  expect(await keys()).toEqual(['backup.sheet-not-kept', 'backup.unverified', 'backup.unproven']);
});

it('says that restic is missing, and asks no place then', async () => {
  bench.restic.found = new AutoGitError({ key: 'backup.restic-missing', message: 'None.', next: 'Install.' });
  expect(await keys()).toContain('backup.restic-missing');
  expect(bench.restic.calls).toEqual([]);
});

it('fetches no image of restic, and says what it does not know for that', async () => {
  bench.restic.found = { version: null, runs: 'image', isHere: false };
  const { unknown } = await examineBackups(bench.desk);
  expect(unknown).toEqual([expect.stringContaining('not fetched yet')]);
  expect(bench.restic.calls).toEqual([]);
});

it('waits for no place that is silent', async () => {
  bench.restic.during = (_verb, _target, signal) =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('silent')), { once: true });
    });
  const { unknown } = await examineBackups(bench.desk, 20);
  expect(unknown).toEqual([expect.stringContaining('Place nas: it did not answer')]);
});

it('says that a core has no backups', async () => {
  expect(await examineBackups(noBackups())).toMatchObject({
    findings: [],
    checks: 0,
    unknown: [expect.stringContaining('makes no backups')],
  });
});
