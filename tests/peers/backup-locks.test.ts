// Locks that processes of this machine have left, with real restic: whoever has ended holds nothing, whether anybody has asked or not.
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { untilReaped } from '../../main/adapters/backup/left-programs.ts';
import { createRestic } from '../../main/adapters/backup/restic.ts';
import { silentLog } from '../fakes/silent-log.ts';
import { describeWithPeer, findRestic } from './peers.ts';
import { writeLock } from './restic-lock.ts';
import { placeAt } from './restic-suite.ts';

const run = promisify(execFile);
const never = new AbortController().signal;

/** A process that has ended, and a parent that never asks how. */
async function startZombie(): Promise<{ readonly pid: number; readonly parent: ChildProcess }> {
  const script = 'sleep 600 & echo $!; exec sleep 600';
  const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const [said] = z.tuple([z.instanceof(Buffer)]).parse(await once(parent.stdout, 'data'));
  const pid = Number(said.toString());
  // From then on the shell, which would ask, is no more.
  await expect.poll(() => readFile(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
  process.kill(pid, 'SIGKILL');
  return { pid, parent };
}

describeWithPeer('a lock', await findRestic(), (program) => {
  it(
    'of a process that has ended goes as soon as its parent has heard of it',
    { timeout: 60_000 },
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'autogit-locks-'));
      onTestFinished(() => rm(folder, { recursive: true, force: true }));
      const environment = { ...process.env, AUTOGIT_RESTIC: program() };
      const restic = createRestic({
        environment,
        folder: join(folder, 'restic'),
        log: silentLog,
        image: null,
      });
      const path = join(folder, 'repository');
      const place = placeAt({ name: 'nas', kind: 'folder', path });
      await restic.init(place, never);
      const opened = {
        ...process.env,
        ...{ RESTIC_PASSWORD: place.password, RESTIC_CACHE_DIR: join(folder, 'cache') },
      };
      const { pid, parent } = await startZombie();
      const lock = { host: hostname(), at: Date.now(), exclusive: true, pid };
      await writeLock(program(), path, opened, lock);
      // restic by itself takes it for one that lives.
      await run(program(), ['-r', path, 'unlock'], { env: opened });
      expect(await readdir(join(path, 'locks'))).toHaveLength(1);
      const unlocked = restic.unlock(place, never);
      expect(await untilReaped([pid], 2_000)).toBe(false);
      parent.kill('SIGKILL');
      await unlocked;
      expect(await readdir(join(path, 'locks'))).toEqual([]);
    },
  );
});
