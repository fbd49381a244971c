import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restoreNoteName } from '../../../../main/coordinator/backups/restore-note.ts';
import type { RestoreWish } from '../../../../main/coordinator/backups/restore-ground.ts';
import { cancelledKey } from '../../../../main/coordinator/backups/restores.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import {
  asBackedUp,
  asBefore,
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

/** Nothing of a restore lies about when it has ended. */
async function expectTidy(machine: Machine): Promise<void> {
  const files = filesOf(machine);
  expect(await files.readText(restoreNoteName)).toBeNull();
  expect((await secretsOf(machine)).get('backup/restore')).toBeNull();
  for (const name of ['scratch', 'before', 'undone']) {
    const left = await readdir(path.join(files.root, name)).catch(() => []);
    expect(left, name).toEqual([]);
  }
}

let machine: Machine;
let wish: RestoreWish;
beforeEach(async () => {
  ({ machine, wish } = await prepared());
});
afterEach(removeHomes);

describe('a whole restore', () => {
  it('brings home and data back, and keeps what was there as a backup', async () => {
    const end = await restore(machine, wish);
    expect(end).toMatchObject({ outcome: 'done', failure: null });
    expect(await stateOf(machine)).toEqual(asBackedUp);
    await expectTidy(machine);
    const safety = {
      ...place,
      target: { name: 'safety', kind: 'folder', path: `${filesOf(machine).root}/safety` },
    } as const;
    expect(await machine.restic.snapshots(safety, never)).toHaveLength(1);
  });

  it('goes on, or has never begun, wherever it is killed', async () => {
    for (const after of [false, true]) {
      for (let left = 1, isThrough = false; !isThrough; left += 1) {
        ({ machine, wish } = await prepared());
        machine.kill = { left, after };
        const end = await restore(machine, wish).catch((error: unknown) => {
          if (!(error instanceof Killed)) throw error;
          return null;
        });
        isThrough = end !== null && machine.kill.left > 0;
        machine.kill = { left: Infinity, after };
        const then = await startAgain(machine);
        const isDone = end?.outcome === 'done' || then?.outcome === 'done';
        const state = await stateOf(machine);
        // Killed before its first note was written, it never was; after its last note was removed, it was done.
        expect(isDone || then === null, `killed at ${String(left)}, ${String(after)}`).toBe(true);
        if (isDone) expect(state).toEqual(asBackedUp);
        else expect([asBefore, asBackedUp]).toContainEqual(state);
        if (isDone) await expectTidy(machine);
        expect(left).toBeLessThan(60);
      }
    }
  }, 120_000);

  it('is taken back whole when a step fails after something was changed', async () => {
    let tries = 0;
    machine.onPut = async () => {
      if ((tries += 1) === 1) {
        machine.gitlab = 'half';
        throw new AutoGitError({
          key: 'engine.unreachable',
          message: 'The engine is gone.',
          next: 'Start it.',
        });
      }
    };
    const end = await restore(machine, wish);
    expect(end).toMatchObject({ outcome: 'rolled-back', failure: { key: 'engine.unreachable' } });
    expect(await stateOf(machine)).toEqual(asBefore);
    await expectTidy(machine);
  });

  it('is taken back whole wherever it is killed on its way back', async () => {
    for (let left = 1, isThrough = false; !isThrough; left += 1) {
      ({ machine, wish } = await prepared());
      let hasFailed = false;
      machine.onPut = async () => {
        if (hasFailed) return;
        hasFailed = true;
        machine.gitlab = 'half';
        machine.kill = { left, after: left % 2 === 0 };
        throw new Error('the disk fails');
      };
      const end = await restore(machine, wish).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
        return null;
      });
      isThrough = end !== null && machine.kill.left > 0;
      machine.kill = { left: Infinity, after: false };
      const then = await startAgain(machine);
      const outcome = end?.outcome ?? then?.outcome;
      // Killed before the failure was noted, nobody knows of it, and it goes on.
      expect(outcome === undefined || ['rolled-back', 'done'].includes(outcome)).toBe(true);
      expect(await stateOf(machine)).toEqual(outcome === 'done' ? asBackedUp : asBefore);
      expect(left).toBeLessThan(60);
    }
  }, 120_000);

  it('is put back when a person cancels it, even late', async () => {
    const opened = await open(machine);
    const cancel = new AbortController();
    machine.onPut = async () => {
      if (machine.gitlab !== 'new') return;
      machine.gitlab = 'half';
      cancel.abort(new AutoGitError({ key: cancelledKey, message: 'It was cancelled.', next: '' }));
      cancel.signal.throwIfAborted();
    };
    const sandboxOnly = { ...wish, parts: ['sandbox'] as const };
    const { hash } = await opened.restores.plan(sandboxOnly);
    const outcome = await opened.restores.carryOut(sandboxOnly, hash, { run, tell, signal: cancel.signal });
    expect(outcome).toMatchObject({
      kind: 'ended',
      end: { outcome: 'rolled-back', failure: { key: cancelledKey } },
    });
    expect(await stateOf(machine)).toEqual(asBefore);
  });
});

describe('without a safety backup', () => {
  /** The repository of the way back cannot be made: its disk is full. */
  const fullDisk = (): void => machine.restic.fail('safety', 'backup.target-full');

  it('is what the error names where none can be made, and nothing was changed until then', async () => {
    fullDisk();
    const end = await restore(machine, wish);
    expect(end).toMatchObject({ outcome: 'failed', failure: { key: 'backup.safety-failed' } });
    expect(end.failure?.message).toMatch(/^What is here now could not be backed up first: /);
    expect(end.failure?.next).toContain('autogit backup restore --without-safety');
    expect(await stateOf(machine)).toEqual(asBefore);
    await expectTidy(machine);
  });

  it('goes on where somebody has agreed to that, and to nothing else', async () => {
    fullDisk();
    const bare = { ...wish, withoutSafety: true };
    const { restores, signal } = await open(machine);
    const { hash } = await restores.plan(wish);
    await expect(restores.carryOut(bare, hash, { run, tell, signal })).rejects.toMatchObject({
      key: 'backup.restore-changed',
    });
    expect(await restore(machine, bare)).toMatchObject({ outcome: 'done', failure: null });
    expect(await stateOf(machine)).toEqual(asBackedUp);
    await expectTidy(machine);
  });

  it('says that nothing can be put back when it fails half-way', async () => {
    machine.onPut = () => {
      machine.gitlab = 'half';
      return Promise.reject(new Error('the disk fails'));
    };
    const end = await restore(machine, { ...wish, withoutSafety: true });
    expect(end).toMatchObject({ outcome: 'failed', failure: { key: 'backup.restore-lost' } });
    expect(await stateOf(machine)).toEqual(['new', 'half']);
    await expectTidy(machine);
  });
});

describe('a restore that cannot be', () => {
  it('changes nothing when the backup is damaged, or another than its tag says', async () => {
    machine.restic.damage(wish.record.snapshot, 'sandbox/data');
    expect(await restore(machine, wish)).toMatchObject({
      outcome: 'failed',
      failure: { key: 'backup.restore-damaged' },
    });
    const other = { ...wish, record: { ...wish.record, manifestSha256: '0'.repeat(64) } };
    expect(await restore(machine, other)).toMatchObject({
      outcome: 'failed',
      failure: { key: 'backup.manifest-swapped' },
    });
    expect(await stateOf(machine)).toEqual(asBefore);
    await expectTidy(machine);
  });

  it('is refused when what was agreed to is not what would be done', async () => {
    const { restores, signal } = await open(machine);
    await expect(restores.carryOut(wish, 'another', { run, tell, signal })).rejects.toMatchObject({
      key: 'backup.restore-changed',
    });
    expect(restores.open()).toBeNull();
  });
});

describe('to look at first', () => {
  it('lies in a folder that is made, and nothing else changes', async () => {
    const to = path.join(machine.root, 'look');
    expect(await restore(machine, { ...wish, to, parts: ['sandbox'] })).toMatchObject({ outcome: 'done' });
    expect(await readFile(path.join(to, 'sandbox/data'), 'utf8')).toBe('old');
    await expect(readFile(path.join(to, 'home/settings.yaml'))).rejects.toThrow('ENOENT');
    expect(await stateOf(machine)).toEqual(asBefore);
    await expect(restore(machine, { ...wish, to })).rejects.toMatchObject({
      key: 'backup.restore-folder-there',
    });
  });
});
