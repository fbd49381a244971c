// The desk of backups over restic in memory and a folder that goes afterwards: what requests, stack and doctor ask it.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBackupFiles } from '../../main/adapters/backup/files.ts';
import { createBackupWords } from '../../main/adapters/backup/password.ts';
import { copyDatabase } from '../../main/adapters/store/copy-database.ts';
import { openStore } from '../../main/adapters/store/open-store.ts';
import type { BackupFiles, ResticPlace } from '../../main/backup-ports.ts';
import type { BackupDesk } from '../../main/coordinator/backups/backup-desk.ts';
import type { BackupGround } from '../../main/coordinator/backups/backup-ground.ts';
import { createBackupDesk } from '../../main/coordinator/backups/create-backup-desk.ts';
import { openSettingsAccess } from '../../main/coordinator/settings-access.ts';
import type { BackupManifest } from '../../main/model/backup/manifest.ts';
import { backupSettingsSchema } from '../../main/model/backup/settings.ts';
import { backupPasswordName } from '../../main/model/backup/target.ts';
import type { BackupTarget } from '../../main/model/backup/target.ts';
import { FakeClock } from './fake-clock.ts';
import { fakeHost, memorySecrets } from './fake-context.ts';
import { memoryFile } from './fake-lab.ts';
import { FakeRestic } from './fake-restic.ts';
import { silentLog } from './silent-log.ts';

export interface BackupBench {
  readonly desk: BackupDesk;
  readonly ground: BackupGround;
  readonly restic: FakeRestic;
  readonly clock: FakeClock;
  /** What a backup has in it, by path. */
  readonly staged: Map<string, string>;
  place(target: BackupTarget): ResticPlace;
  close(): Promise<void>;
}

export const folderAt = (name: string): BackupTarget => ({ name, kind: 'folder', path: `/mnt/${name}` });

function manifestOf(id: string, at: number, instance: string): Parameters<BackupFiles['seal']>[1] {
  return ({ filesSha256, files, bytes, byPart }): BackupManifest => ({
    ...{ version: 1, id, at, autogit: '0.1.0', instance, machine: 'machine', gitlab: 'sandbox' },
    parts: [{ part: 'home', version: '1', counts: {}, awaySeconds: 0, files: 0, bytes: 0, ...byPart.home }],
    ...{ stack: null, filesSha256, files, bytes },
  });
}

/** `settings`: of `backups`. Nothing runs before its `start`. */
export async function openBackupBench(
  settings: Readonly<Record<string, unknown>> = {},
  change: Partial<BackupGround> = {},
): Promise<BackupBench> {
  const root = await mkdtemp(path.join(tmpdir(), 'autogit-bench-'));
  const clock = new FakeClock();
  const store = openStore(':memory:', { now: () => clock.now() });
  const restic = new FakeRestic();
  const staged = new Map([['home/settings.yaml', 'version: 1\n']]);
  const wanted = backupSettingsSchema.parse(settings);
  const secrets = memorySecrets({ [backupPasswordName]: 'twelve words' });
  const home = {
    ...{ root, settings: path.join(root, 'settings.yaml'), database: path.join(root, 'state.db') },
    secrets: path.join(root, 'secrets'),
  };
  const files = createBackupFiles({ home, copyDatabase });
  const nothing = (): Promise<never> => Promise.reject(new Error('nobody asks for it here'));
  const ground: BackupGround = {
    ...{ restic, files, journal: store.backups, words: createBackupWords(), machine: 'machine' },
    ...{ store, secrets, host: fakeHost(), clock, log: silentLog, home: root },
    settings: await openSettingsAccess(memoryFile('version: 1\n')),
    renderQr: () => [],
    wanted: () => wanted,
    stage: async ({ id, at, signal }) => {
      const folder = await files.fresh('stage');
      for (const [name, content] of staged) {
        await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
        await writeFile(path.join(folder, name), content);
      }
      return { folder, ...(await files.seal(folder, manifestOf(id, at, store.instance), signal)) };
    },
    ...{ drill: nothing, restoreEnd: nothing, order: () => [], runningJobs: () => 0 },
    ...{ gitlabKind: () => 'sandbox', onChange: () => undefined },
    ...change,
  };
  const desk = createBackupDesk(ground);
  return {
    // As the desk reads and writes its journal.
    ...{ desk, ground: desk.parts().ground, restic, clock, staged },
    place: (target) => ({ target, password: 'twelve words', secrets: {}, limits: wanted.limits }),
    close: async () => {
      await desk.stop();
      store.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}
