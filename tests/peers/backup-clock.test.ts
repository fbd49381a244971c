// A clock that is two hours off, with real restic: it is noticed and named, nothing is removed, and what is due is made once.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { z } from 'zod';
import { createRestic } from '../../main/adapters/backup/restic.ts';
import { steadyClock } from '../../main/adapters/host/clock.ts';
import { beginCreate, beginPrune, byPerson } from '../../main/coordinator/backups/backup-parts.ts';
import type { BackupRun } from '../../main/model/backup/backup.ts';
import type { BackupTarget } from '../../main/model/backup/target.ts';
import { openBackupBench } from '../fakes/backup-bench.ts';
import type { BackupBench } from '../fakes/backup-bench.ts';
import { FakeClock } from '../fakes/fake-clock.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { describeWithPeer, findRestic } from './peers.ts';
import { writeLock } from './restic-lock.ts';

const run = promisify(execFile);
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let folder: string;
let target: BackupTarget & { readonly kind: 'folder' };
let clock: FakeClock;
let bench: BackupBench;
const containing = (text: string): unknown => expect.stringContaining(text);

/** A desk on the real restic, whose clock a test sets. `isRunning`: AutoGit runs on while that is done, and sees it. */
async function openDesk(restic: string, isRunning: boolean): Promise<void> {
  const environment = { ...process.env, AUTOGIT_RESTIC: restic };
  // Nothing but the nightly backup is due in these days.
  const rest = { verify: '0 0 29 2 *', drill: '0 0 29 2 *', prune: '0 0 29 2 *' };
  bench = await openBackupBench(
    { targets: [target], jitterMinutes: 0, timezone: 'UTC', keep: { last: 1, days: 0 }, ...rest },
    {
      restic: createRestic({ environment, folder: join(folder, 'restic'), log: silentLog, image: null }),
      clock: isRunning ? steadyClock(clock) : clock,
    },
  );
}

const opened = (): NodeJS.ProcessEnv => ({
  ...process.env,
  ...{ RESTIC_PASSWORD: 'twelve words', RESTIC_CACHE_DIR: join(folder, 'cache') },
});

/** How many backups the repository itself has. */
async function kept(restic: string): Promise<number> {
  const args = ['-r', target.path, 'snapshots', '--json', '--no-lock'];
  const { stdout } = await run(restic, args, { env: opened() });
  return z.array(z.unknown()).parse(JSON.parse(stdout)).length;
}

const locks = (): Promise<readonly string[]> => readdir(join(target.path, 'locks'));

async function create(): Promise<BackupRun> {
  return (await beginCreate([target], byPerson, bench.desk.parts()).ended).run;
}

async function prune(): Promise<BackupRun> {
  return (await beginPrune([target], byPerson, bench.desk.parts()).ended).run;
}

const refused = (key: string): object => ({ outcome: 'failed', failures: [{ key }] });

function clockIssue(): string | undefined {
  return bench.desk.issues().find(({ key }) => key === 'backup.clock')?.message;
}

/** When runs have begun, once so many have ended well. */
async function begun(count: number): Promise<readonly number[]> {
  const { journal } = bench.ground;
  const done = (): readonly BackupRun[] => journal.runs(9).filter(({ outcome }) => outcome === 'done');
  // restic takes its own time, and nothing begins meanwhile: only then may the desk's go on.
  const look = async (): Promise<number> => {
    await clock.advance(1_000);
    return done().length;
  };
  await expect.poll(look, { timeout: 60_000 }).toBe(count);
  expect(journal.runs(9)).toHaveLength(count);
  return done().map(({ startedAt }) => startedAt);
}

/** Of a machine that works with the repository at this moment, by a clock that is so far ahead. */
async function lockOf(restic: string, aheadMs: number): Promise<void> {
  const lock = { host: 'attic', at: Date.now() + aheadMs, exclusive: true };
  await writeLock(restic, target.path, opened(), lock);
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-clock-'));
  target = { name: 'nas', kind: 'folder', path: join(folder, 'repository') };
  clock = new FakeClock(Date.now());
});
afterEach(async () => {
  await bench.close();
  await rm(folder, { recursive: true, force: true });
});

describeWithPeer('a clock that is two hours off', await findRestic(), (restic) => {
  it('behind the backups is named, and none of them is removed', { timeout: 120_000 }, async () => {
    await openDesk(restic(), false);
    await create();
    await create();
    clock.set(clock.now() - 2 * hour);
    expect(clockIssue()).toContain("ahead of this machine's clock. No backup is removed");
    expect(await prune()).toMatchObject(refused('backup.prune-doubt'));
    expect(await create()).toMatchObject({ outcome: 'done' });
    expect(await kept(restic())).toBe(3);
    clock.set(clock.now() + 2 * hour);
    expect(clockIssue()).toBeUndefined();
    expect(await prune()).toMatchObject({ outcome: 'done' });
    expect(await kept(restic())).toBe(1);
  });

  it('set back while AutoGit runs is named, and nothing is removed', { timeout: 120_000 }, async () => {
    await openDesk(restic(), true);
    await create();
    clock.set(clock.now() - 2 * hour);
    expect(clockIssue()).toContain('set back by 2 hours while AutoGit ran');
    await create();
    expect(await prune()).toMatchObject(refused('backup.prune-doubt'));
    expect(await kept(restic())).toBe(2);
  });

  it.each([
    ['fast, and set right after it', 2],
    ['slow, and set right before it', -2],
  ])('%s: a night is backed up once, and so is the next', { timeout: 180_000 }, async (_how, hours) => {
    const midnight = Math.ceil(Date.now() / day) * day;
    // Of the machine: a minute before two where it is fast, and where it is slow two in truth was an hour ago.
    clock = new FakeClock(midnight + (hours > 0 ? 2 * hour - minute : hour));
    await openDesk(restic(), false);
    await bench.desk.start();
    if (hours > 0) {
      await clock.advance(2 * minute);
      await begun(1);
    }
    clock.set(clock.now() - hours * hour);
    await clock.advance(minute);
    if (hours > 0) expect(clockIssue()).toContain('ahead of this machine');
    const [first = 0] = await begun(1);
    await clock.advance(midnight + day + hour - clock.now());
    expect(await begun(1)).toEqual([first]);
    await clock.advance(hour + minute);
    const [second = 0] = await begun(2);
    expect(second).toBeGreaterThanOrEqual(midnight + day + 2 * hour);
    expect(await kept(restic())).toBe(2);
  });

  it(
    'of another machine, ahead: its lock is minded, and the machine named',
    { timeout: 120_000 },
    async () => {
      await openDesk(restic(), false);
      await create();
      await lockOf(restic(), 2 * hour);
      const minded = {
        ...refused('backup.clock'),
        failures: [{ key: 'backup.clock', message: containing('attic') }],
      };
      expect(await create()).toMatchObject(minded);
      expect(await prune()).toMatchObject(minded);
      expect(await locks()).toHaveLength(1);
      expect(await kept(restic())).toBe(1);
    },
  );

  it('of another machine, behind: its lock is not taken for left behind', { timeout: 120_000 }, async () => {
    await openDesk(restic(), false);
    await create();
    await lockOf(restic(), -2 * hour);
    expect(await prune()).toMatchObject(refused('backup.locked'));
    expect(await locks()).toHaveLength(1);
    expect(await kept(restic())).toBe(1);
    // restic by itself goes by the age alone.
    await run(restic(), ['-r', target.path, 'unlock'], { env: opened() });
    expect(await locks()).toEqual([]);
    expect(await prune()).toMatchObject({ outcome: 'done' });
  });
});
