// A restore that a kill has left open, and that the next start can neither go on with nor take back.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { restoreNoteName } from '../../../../main/coordinator/backups/restore-note.ts';
import type { RestoreWish } from '../../../../main/coordinator/backups/restore-ground.ts';
import type { BackupGround } from '../../../../main/coordinator/backups/backup-ground.ts';
import type { BackupProgress } from '../../../../main/model/backup/backup.ts';
import { folderAt, openBackupBench } from '../../../fakes/backup-bench.ts';
import type { BackupBench } from '../../../fakes/backup-bench.ts';
import {
  asBackedUp,
  filesOf,
  Killed,
  never,
  open,
  place,
  prepared,
  removeHomes,
  restore,
  run,
  secretsOf,
  startAgain,
  stateOf,
  tell,
} from '../../../fakes/restore-machine.ts';
import type { Machine } from '../../../fakes/restore-machine.ts';

let machine: Machine;
let wish: RestoreWish;
let bench: BackupBench | null = null;
beforeEach(async () => {
  ({ machine, wish } = await prepared());
});
afterEach(async () => {
  await bench?.close();
  bench = null;
  await removeHomes();
});

/** Killed when the home was in place and the data was about to follow. */
async function killHalfWay(): Promise<void> {
  machine.onPut = () => {
    machine.kill = { left: 1, after: false };
    return Promise.reject(new Error('killed meanwhile'));
  };
  await expect(restore(machine, wish)).rejects.toBeInstanceOf(Killed);
  machine.kill = { left: Infinity, after: false };
  machine.onPut = () => Promise.resolve();
}

/** The desk of the next start. `settings`: of `backups`. */
async function start(
  settings: Readonly<Record<string, unknown>> = {},
  change: Partial<BackupGround> = {},
): Promise<BackupBench> {
  const { restores } = await open(machine);
  bench = await openBackupBench(settings, { restores, secrets: await secretsOf(machine), ...change });
  await bench.desk.start();
  return bench;
}

/** What somebody who watches is told, to the end; a watch that waits for ever fails the test by its time. */
async function watched({ desk }: BackupBench): Promise<BackupProgress | undefined> {
  const seen: BackupProgress[] = [];
  for await (const progress of desk.watch(never)) seen.push(progress);
  return seen.at(-1);
}

const containing = (text: string): unknown => expect.stringContaining(text);

const halted = {
  key: 'backup.restore-halted',
  message: containing('The disk of the home is full. Until it has ended, AutoGit only looks.'),
  next: containing('Free space on it. Then start AutoGit again'),
} as const;

it('is told to whoever watches and as an issue, and goes on at the next start', async () => {
  await killHalfWay();
  machine.isFull = true;
  const now = await start();
  expect(await watched(now)).toMatchObject({ verb: 'restore', outcome: 'failed', failure: halted });
  expect(now.desk.issues()).toContainEqual(expect.objectContaining({ ...halted, severity: 'error' }));
  expect(now.desk.holds()).toBe(true);
  machine.isFull = false;
  expect(await startAgain(machine)).toMatchObject({ outcome: 'done' });
  expect(await stateOf(machine)).toEqual(asBackedUp);
});

it('is told as well when its run cannot be written down', async () => {
  await killHalfWay();
  const { ground } = await openBackupBench();
  const journal = {
    ...ground.journal,
    begin: () => {
      throw new Error('database or disk is full');
    },
  };
  const now = await start({}, { journal });
  const failure = { key: 'backup.restore-halted', message: containing('disk is full') };
  expect(await watched(now)).toMatchObject({ verb: 'restore', outcome: 'failed', failure });
  expect(now.desk.issues()).toContainEqual(expect.objectContaining(failure));
});

it('holds up what is due, which is not forgotten, and what a person begins', async () => {
  await killHalfWay();
  machine.isFull = true;
  const schedules = [{ name: 'hourly', when: '0 * * * *' }];
  const { restores } = await open(machine);
  let isOpen = true;
  const once = { ...restores, open: () => (isOpen ? restores.open() : null) };
  const now = await start({ targets: [folderAt('nas')], schedules }, { restores: once });
  await watched(now);
  await now.clock.advance(70 * 60_000);
  expect(now.ground.journal.runs(5).map(({ verb }) => verb)).toEqual(['restore']);
  const { runs } = now.desk.parts();
  const create = { verb: 'create', cause: 'person', schedule: null, targets: ['nas'] } as const;
  expect(() => runs.begin(create, () => new Promise(() => undefined))).toThrow(/A restore is open/);
  isOpen = false;
  await now.clock.advance(61_000);
  await vi.waitFor(() => expect(now.ground.journal.runs(1)).toMatchObject([{ verb: 'create' }]));
});

it('is left as it lies when its note cannot be read, with all that it had kept', async () => {
  await killHalfWay();
  const note = path.join(filesOf(machine).root, restoreNoteName);
  const text = (await readFile(note, 'utf8')).replace('"version": 1', '"version": 2');
  await writeFile(note, text);
  const kept = (await secretsOf(machine)).get('backup/restore');
  const now = await start();
  const failure = { key: 'backup.restore-unreadable', message: containing(note) };
  expect(await watched(now)).toMatchObject({ verb: 'restore', outcome: 'failed', failure });
  expect(now.desk.issues()).toContainEqual(expect.objectContaining(failure));
  expect(now.desk.holds()).toBe(true);
  expect(await readFile(note, 'utf8')).toBe(text);
  expect((await secretsOf(machine)).get('backup/restore')).toBe(kept);
  const { restores } = await open(machine);
  const { issues } = await restores.plan({ ...wish, place });
  expect(issues.map(({ key }) => key)).toContain('backup.restore-open');
  await expect(restores.resume({ run, tell, signal: never })).rejects.toMatchObject(failure);
});
