// The backup before an upgrade of the stack.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderAt, openBackupBench } from '../../../fakes/backup-bench.ts';
import type { BackupBench } from '../../../fakes/backup-bench.ts';

const never = new AbortController().signal;
const targets = [folderAt('nas'), folderAt('disk')];
let bench: BackupBench;
const reopen = async (settings: Readonly<Record<string, unknown>>): Promise<void> => {
  await bench.close();
  bench = await openBackupBench(settings);
};
beforeEach(async () => {
  bench = await openBackupBench({ targets });
});
afterEach(() => bench.close());

it('is made at every target, and written down as what it is for', async () => {
  expect(bench.desk.backsUpBefore()).toBe(true);
  await bench.desk.beforeUpgrade(['gitlab'], never);
  const [run] = bench.ground.journal.runs(1);
  expect(run).toMatchObject({ verb: 'create', cause: 'upgrade', outcome: 'done', targets: ['nas', 'disk'] });
  expect(bench.ground.journal.records()).toHaveLength(2);
});

it('suffices at one target', async () => {
  bench.restic.fail('nas', 'backup.target-unreachable');
  await bench.desk.beforeUpgrade(['gitlab'], never);
  expect(bench.ground.journal.records().map(({ target }) => target)).toEqual(['disk']);
});

it('that is kept nowhere stands against the upgrade, and says how to go without', async () => {
  for (const { name } of targets) bench.restic.fail(name, 'backup.target-full');
  const message: unknown = expect.stringContaining('gitlab, authelia');
  const next: unknown = expect.stringContaining('autogit stack up --without-backup');
  const refused = { key: 'backup.before-upgrade-failed', message, next };
  await expect(bench.desk.beforeUpgrade(['gitlab', 'authelia'], never)).rejects.toMatchObject(refused);
});

it.each([
  ['nothing is upgraded', { targets }, [], true],
  ['the settings ask for none', { targets, beforeUpgrades: false }, ['gitlab'], false],
  ['there is no target', { targets: [] }, ['gitlab'], false],
])('is not made where %s', async (_when, settings, services, backsUp) => {
  await reopen(settings);
  await bench.desk.beforeUpgrade(services, never);
  expect(bench.ground.journal.runs(1)).toEqual([]);
  expect(bench.desk.backsUpBefore()).toBe(backsUp);
});

it('waits for the run that goes on, and is made after it', async () => {
  const held = Promise.withResolvers<undefined>();
  const { runs } = bench.desk.parts();
  const verify = runs.begin({ verb: 'verify', cause: 'person', schedule: null, targets: [] }, () =>
    held.promise.then(() => ({ message: 'Read.', failures: [], backup: null })),
  );
  const before = bench.desk.beforeUpgrade(['gitlab'], never);
  held.resolve(undefined);
  await Promise.all([verify.ended, before]);
  expect(bench.ground.journal.runs(3).map(({ verb }) => verb)).toEqual(['create', 'verify']);
});

it('ends with the run of the stack that asked for it', async () => {
  const stopping = new AbortController();
  const sending = Promise.withResolvers<undefined>();
  bench.restic.during = (verb, _target, signal) => {
    if (verb !== 'backup') return Promise.resolve();
    sending.resolve(undefined);
    return new Promise((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
    });
  };
  const before = bench.desk.beforeUpgrade(['gitlab'], stopping.signal);
  await sending.promise;
  stopping.abort(new Error('the core stops'));
  await expect(before).rejects.toThrow('the core stops');
  expect(bench.ground.journal.runs(1)[0]?.outcome).toBe('cancelled');
});
