// What a backup asks of restic at each place, where each call derives a key that is slow to derive.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { beginCreate, byPerson } from '../../../../main/coordinator/backups/backup-parts.ts';
import { folderAt, openBackupBench } from '../../../fakes/backup-bench.ts';
import type { BackupBench } from '../../../fakes/backup-bench.ts';

const never = new AbortController().signal;
const nas = folderAt('nas');
let bench: BackupBench;
beforeEach(async () => {
  bench = await openBackupBench({ targets: [nas] });
});
afterEach(() => bench.close());

/** Makes a backup; what it asked restic, and what became of it. */
async function create() {
  const before = bench.restic.calls.length;
  const { run } = await beginCreate([nas], byPerson, bench.desk.parts()).ended;
  const { outcome, failures } = run;
  return { outcome, keys: failures.map(({ key }) => key), calls: bench.restic.calls.slice(before) };
}

it('opens a place by reading what it has, and lists nothing twice', async () => {
  await bench.restic.init(bench.place(nas), never);
  for (const count of [1, 2]) {
    expect(await create()).toEqual({
      ...{ outcome: 'done', keys: [] },
      calls: ['snapshots nas', 'unlock nas', 'backup nas', 'space nas'],
    });
    expect(bench.ground.journal.records()).toHaveLength(count);
  }
});

it('forgets what somebody else has removed from the place meanwhile', async () => {
  await create();
  const [record] = bench.ground.journal.records();
  await bench.restic.forget(bench.place(nas), [record?.snapshot ?? ''], never);
  await create();
  expect(bench.ground.journal.records()).toHaveLength(1);
});

it('makes a repository where there is none, but not where there were backups', async () => {
  expect((await create()).calls.slice(0, 3)).toEqual(['snapshots nas', 'look nas', 'init nas']);
  bench.restic.wipe(bench.place(nas));
  const again = await create();
  expect(again).toMatchObject({ outcome: 'failed', keys: ['backup.no-repository'] });
  expect(again.calls).not.toContain('init nas');
});

it('is made at a place that opens and cannot be listed', async () => {
  await create();
  bench.restic.fail('nas', 'backup.restic-failed', ['snapshots']);
  expect(await create()).toMatchObject({ outcome: 'done' });
  expect(bench.ground.journal.records()).toHaveLength(2);
});

it('waits once for a place that cannot be reached', async () => {
  bench.restic.fail('nas', 'backup.target-unreachable');
  const { keys, calls } = await create();
  expect({ keys, calls }).toEqual({ keys: ['backup.target-unreachable'], calls: ['snapshots nas'] });
});
