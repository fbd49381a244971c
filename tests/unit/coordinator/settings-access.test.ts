// The settings of a running core while their file cannot be read for a moment.
import { describe, expect, it } from 'vitest';
import { openSettingsAccess } from '../../../main/coordinator/settings-access.ts';
import { AutoGitError } from '../../../main/errors.ts';
import type { SettingsFile } from '../../../main/ports.ts';

const quiet = 'log:\n  level: error\n';
const loud = 'log:\n  level: debug\n';

/** A file whose reads from now on fail where `fails` says true, one after the other. */
function fileWith(text: string) {
  const state = { text, fails: [] as boolean[] };
  const file: SettingsFile = {
    path: '/home/of/autogit/settings.yaml',
    read: () => {
      if (state.fails.shift() !== true) return Promise.resolve(state.text);
      const message = 'too many open files';
      return Promise.reject(new AutoGitError({ key: 'settings.no-access', message, next: 'Wait.' }));
    },
    write: (next) => {
      state.text = next;
      return Promise.resolve();
    },
    keepBroken: () => Promise.resolve('copy'),
  };
  return { state, file };
}

describe('settings whose file cannot be read for a moment', () => {
  it.each([
    ['at the look', [true]],
    ['at the look and after it', [true, true]],
  ])('stay in force, %s, and the file is taken up again', async (_when, fails) => {
    const { state, file } = fileWith(quiet);
    const access = await openSettingsAccess(file);
    state.text = loud;
    state.fails = [...fails];
    await access.reload();
    expect(access.isFallback()).toBe(false);
    await access.reload();
    expect(access.issue()).toBeNull();
    expect(access.current().log.level).toBe('debug');
  });

  it('say so for as long as it lasts, also when only the second reading fails', async () => {
    const { state, file } = fileWith(quiet);
    const access = await openSettingsAccess(file);
    state.text = loud;
    for (const fails of [
      [true, true],
      [false, true],
    ]) {
      state.fails = fails;
      await access.reload();
      expect(access.issue()).toMatchObject({ key: 'settings.no-access' });
      expect(access.current().log.level).toBe('error');
    }
    await access.reload();
    expect(access.issue()).toBeNull();
    expect(access.current().log.level).toBe('debug');
  });
});

describe('settings whose file has a mark', () => {
  /** How often the file is read for a look at it, whose mark is `marks` one after the other. */
  async function readsAt(marks: readonly (string | null)[]): Promise<readonly number[]> {
    const { state, file } = fileWith(quiet);
    let reads = 0;
    let mark: string | null = null;
    const access = await openSettingsAccess({
      ...file,
      mark: () => Promise.resolve(mark),
      read: () => {
        reads += 1;
        return file.read();
      },
    });
    const counts: number[] = [];
    for (mark of marks) {
      const before = reads;
      state.text = `${state.text}# another line\n`;
      expect(await access.reload()).toBe(reads > before);
      counts.push(reads - before);
    }
    return counts.map((count) => Math.min(count, 1));
  }

  it('are read again when it is another one, or cannot be told', async () => {
    expect(await readsAt(['a', 'a', 'b', 'b', null, null, 'b', 'b'])).toEqual([1, 0, 1, 0, 1, 1, 1, 0]);
  });
});
