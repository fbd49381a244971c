// A pretended core that other programs find as a home's own.
import { mkdir, writeFile } from 'node:fs/promises';
import { homePaths } from '../../main/adapters/host/home.ts';
import { startServe } from '../../main/serve/serve.ts';
import type { Doors } from '../../main/serve/serve.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { keptLog } from '../fakes/open-doors.ts';

/** Opens its doors and writes what a core writes for other programs; its lock is not needed to be found. */
export async function announceCore(home: string, core: FakeCore): Promise<Doors> {
  const paths = homePaths({ AUTOGIT_HOME: home }, { demo: false });
  await mkdir(paths.run, { recursive: true, mode: 0o700 });
  const doors = await startServe({ core, paths, log: keptLog([]) });
  const record = { pid: process.pid, startedAt: Date.now(), version: '0.0.0', ...doors };
  await writeFile(paths.coreFile, JSON.stringify(record), { mode: 0o600 });
  return doors;
}
