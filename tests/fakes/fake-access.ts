// main/index.ts over pretended labs: real home, real lock, no engine. The lab is a file, so that it outlives a core.
import { readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readCoreFile, removeCoreFile, writeCoreFile } from '../../main/adapters/host/core-file.ts';
import { writeArchive } from '../../main/adapters/host/write-archive.ts';
import { homePaths } from '../../main/adapters/host/home.ts';
import { prepareHome } from '../../main/adapters/host/prepare-home.ts';
import { acquireCoreLock } from '../../main/adapters/store/core-lock.ts';
import type { CoreAccess, OwnCore } from '../../main/serve/find-core.ts';
import { createFakeCore } from './fake-core.ts';
import { createFakeWorld } from './fake-world.ts';
import type { FakeWorldOptions } from './fake-world.ts';
import { keptLog } from './open-doors.ts';

async function readSaved(file: string): Promise<unknown> {
  try {
    const saved: unknown = JSON.parse(await readFile(file, 'utf8'));
    return saved;
  } catch {
    return undefined;
  }
}

/** Keeps the newest state of a lab in a file; one write at a time, whole or not at all. */
function keepIn(file: string, state: () => unknown): { save(): void; settled(): Promise<void> } {
  let last = Promise.resolve();
  return {
    save: () => {
      last = last.then(async () => {
        await writeFile(`${file}.new`, JSON.stringify(state()));
        await rename(`${file}.new`, file);
      });
      // The folder of a test may be gone before its last change is written.
      last = last.catch(() => undefined);
    },
    settled: () => last,
  };
}

/** Every `stepMs` the lab of an acting core moves one step. */
export function fakeAccess(options: FakeWorldOptions & { readonly stepMs: number }): CoreAccess {
  return {
    homePaths,
    readCoreRecord: readCoreFile,
    writeArchive,
    writeSettings: async (paths, settings) => {
      const isNewHome = await prepareHome(paths);
      await writeFile(paths.settings, JSON.stringify(settings));
      return isNewHome;
    },
    createCore: async ({ env, home, act }): Promise<OwnCore> => {
      const paths = homePaths(env, { demo: home === 'demo' });
      const isNewHome = await prepareHome(paths, { make: act });
      const lock = await acquireCoreLock(paths);
      const file = path.join(paths.root, 'fake-lab.json');
      const world = createFakeWorld({ ...options, home: paths.root }, await readSaved(file));
      const kept = keepIn(file, world.state);
      world.subscribe(() => kept.save());
      const core = createFakeCore(world);
      const startedAt = Date.now();
      let timer: NodeJS.Timeout | undefined;
      return {
        ...core,
        isNewHome,
        log: keptLog([]),
        start: () => {
          timer = setInterval(() => act && world.step(), options.stepMs);
          return Promise.resolve();
        },
        stop: async () => {
          clearInterval(timer);
          await kept.settled();
          lock.release();
        },
        announce: (doors) =>
          writeCoreFile(paths, { ...doors, pid: process.pid, startedAt, version: '0.0.0' }),
        withdraw: () => removeCoreFile(paths, { pid: process.pid, startedAt }),
      };
    },
  };
}
