// A database that is damaged, held, full, from the future or out of reach, through every door.
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openConnection, openDatabase } from '../../../main/adapters/store/database.ts';
import {
  cli,
  freshEnv,
  issuesEverywhere,
  refusedEverywhere,
  requestRefused,
  runningCore,
} from './every-door.ts';

async function usedHome(): Promise<{ readonly env: ReturnType<typeof freshEnv>; readonly file: string }> {
  const env = freshEnv();
  await cli(env, 'queue refresh');
  return { env, file: path.join(env.AUTOGIT_HOME, 'state.db') };
}

/** Noise in the place of the first bytes, or of whole pages. */
function overwrite(file: string, at: number, bytes: number): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(bytes, 0xff), 0, bytes, at);
  closeSync(handle);
}

const cases: readonly (readonly [what: string, key: string, damage: (file: string) => void])[] = [
  ['that is no database', 'store.corrupt', (file) => overwrite(file, 0, 40)],
  ['with noise inside', 'store.corrupt', (file) => overwrite(file, 4096, 4 * 4096)],
  ['cut in the middle', 'store.corrupt', (file) => truncateSync(file, Math.floor(statSync(file).size / 2))],
  [
    'that is a folder',
    'store.cannot-open',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
  [
    'from the future',
    'store.from-future',
    (file) => {
      const database = openDatabase(file);
      database.exec('PRAGMA user_version = 99');
      database.close();
    },
  ],
];

describe('a database', { timeout: 60_000 }, () => {
  it.each(cases)('%s is %s', async (_what, key, damage) => {
    const { env, file } = await usedHome();
    damage(file);
    const refused = await refusedEverywhere(env);
    expect(refused).toMatchObject({ key, code: 1, fields: { path: file } });
  });

  it('that another program holds is store.locked, until that lets go', async () => {
    const { env, file } = await usedHome();
    const other = openConnection(file, 0);
    other.exec('BEGIN IMMEDIATE');
    expect(await refusedEverywhere(env)).toMatchObject({ key: 'store.locked', code: 1 });
    other.exec('ROLLBACK');
    other.close();
    expect(await cli(env, 'status')).toMatchObject({ code: 0 });
  });

  it.runIf(isMountable())(
    'on a disk that turns read-only is store.read-only or the home is (needs mounts)',
    async () => {
      const { env, file } = await usedHome();
      execFileSync('mount', ['--bind', file, file]);
      onTestFinished(() => void execFileSync('umount', ['--lazy', file]));
      execFileSync('mount', ['-o', 'remount,bind,ro', file]);
      expect(await refusedEverywhere(env)).toMatchObject({ key: 'store.read-only', code: 1 });
    },
  );

  it('whose journal is cut off is opened with what is whole', async () => {
    const { env, file } = await usedHome();
    writeFileSync(`${file}-wal`, 'this is no journal');
    expect(await cli(env, 'audit list --json')).toMatchObject({ code: 0, err: '' });
  });

  it('that is held while the core runs refuses requests and goes on afterwards', async () => {
    const { env, file } = await usedHome();
    const running = await runningCore(env);
    const other = openConnection(file, 0);
    other.exec('BEGIN IMMEDIATE');
    const refused = await requestRefused(running, 'lab.drain', {}, 'lab drain');
    expect(refused).toMatchObject({ key: 'store.locked', code: 1, status: 422 });
    other.exec('ROLLBACK');
    other.close();
    expect((await issuesEverywhere(running)).map(({ key }) => key)).not.toContain('store.locked');
  });
});

function isMountable(): boolean {
  if (process.getuid?.() !== 0 || process.platform !== 'linux') return false;
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
