// What is answered about backups: how it stands, what lies in one, and what other rules would keep.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { previewKeep } from '../../../../main/coordinator/backups/run-requests.ts';
import { inspectBackup, showBackups } from '../../../../main/coordinator/backups/show-requests.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { folderAt, openBackupBench } from '../../../fakes/backup-bench.ts';
import type { BackupBench } from '../../../fakes/backup-bench.ts';
import { someBackup } from '../../../fakes/backup-records.ts';

const nas = folderAt('nas');
const never = new AbortController().signal;
let bench: BackupBench;
beforeEach(async () => {
  bench = await openBackupBench({ targets: [nas, folderAt('disk')] });
});
afterEach(() => bench.close());

describe('how restic is run', () => {
  const engine = async () => (await showBackups({}, { backups: bench.desk })).engine;

  it.each([
    [{ version: '0.18.1', runs: 'program', isHere: true }, 'restic 0.18.1, installed'],
    [{ version: '0.18.1', runs: 'image', isHere: true }, 'restic 0.18.1, as a container'],
    [{ version: null, runs: 'image', isHere: true }, 'has not run yet'],
    [{ version: null, runs: 'image', isHere: false }, 'not fetched yet'],
  ] as const)('%o is told: %s', async (found, words) => {
    bench.restic.found = found;
    expect(await engine()).toMatchObject({ version: found.version, runs: found.runs });
    expect((await engine()).words).toContain(words);
  });

  it('is why it is not, and asked anew until it is', async () => {
    bench.restic.found = new AutoGitError({ key: 'backup.restic-old', message: 'Too old.', next: 'Update.' });
    expect(await engine()).toEqual({ version: null, runs: null, words: 'Too old.' });
    bench.restic.found = { version: '0.18.1', runs: 'program', isHere: true };
    expect((await engine()).version).toBe('0.18.1');
  });
});

describe('what lies in a folder of a backup', () => {
  const inspect = (path: string) =>
    inspectBackup({ backup: 'newest', target: undefined, path }, { backups: bench.desk });

  it('is that folder alone', async () => {
    bench.staged.set('home/secrets/key', 'k');
    await bench.desk.beforeUpgrade(['gitlab'], never);
    const paths = async (path: string) => (await inspect(path)).entries.map((entry) => entry.path);
    expect(await paths('/')).toEqual(['files.jsonl', 'home', 'manifest.json']);
    expect(await paths('/home/')).toEqual(['home/secrets', 'home/settings.yaml']);
    expect(await inspect('home/secrets')).toMatchObject({
      entries: [{ path: 'home/secrets/key', folder: false, bytes: 1 }],
      more: false,
    });
  });

  it('is bounded, and says that there is more', async () => {
    await bench.desk.beforeUpgrade(['gitlab'], never);
    for (const [count, more] of [
      [1_000, false],
      [1_001, true],
    ] as const) {
      vi.spyOn(bench.restic, 'list').mockImplementation(async function* () {
        for (let number = 0; number < count; number += 1)
          yield { path: `home/many/${number}`, type: 'file', bytes: 1 };
      });
      const found = await inspect('home/many');
      expect([found.entries.length, found.more]).toEqual([1_000, more]);
    }
  });
});

describe('what other rules would keep', () => {
  const day = 86_400_000;
  beforeEach(() => {
    const records = [1, 5, 20, 60].map((days) =>
      someBackup({
        ...{ id: `id-${days}`, snapshot: `${days}`.padEnd(64, '0'), instance: bench.ground.store.instance },
        at: bench.clock.now() - days * day,
      }),
    );
    bench.ground.journal.setRecords('nas', records);
  });
  const nothing = { last: undefined, days: undefined, daily: undefined, weekly: undefined };
  const going = async (keep: Readonly<Record<string, number>>, targets?: string[]) => {
    const input = { ...nothing, monthly: undefined, yearly: undefined, targets, ...keep };
    const { backups } = await previewKeep(input, { backups: bench.desk });
    return backups.filter(({ kept }) => kept.length === 0).map(({ backup }) => backup.id);
  };

  it('is told by what was seen last, without asking a place', async () => {
    expect(await going({})).toEqual(['id-60']);
    expect(await going({ days: 7 })).toEqual(['id-20', 'id-60']);
    expect(await going({ days: 0, last: 3 })).toEqual(['id-60']);
    expect(await going({ yearly: 2, monthly: 12 })).toEqual([]);
    expect(bench.restic.calls).toEqual([]);
  });

  it('is of the named targets', async () => {
    expect(await going({ days: 7 }, ['disk'])).toEqual([]);
    await expect(going({}, ['none'])).rejects.toMatchObject({ key: 'backup.unknown-target' });
  });

  it('counts in a sentence, and is nothing while there is doubt', async () => {
    const input = { ...nothing, monthly: undefined, yearly: undefined, targets: undefined, days: 7 };
    expect((await previewKeep(input, { backups: bench.desk })).sentence).toBe(
      '2 backups would be removed for ever.',
    );
    bench.ground.journal.setRecord(
      someBackup({ id: 'ahead', instance: bench.ground.store.instance, at: bench.clock.now() + 3 * day }),
    );
    const { sentence, backups } = await previewKeep(input, { backups: bench.desk });
    expect(sentence).toContain('Nothing would be removed');
    expect(backups.every(({ kept }) => kept.length > 0)).toBe(true);
  });
});
