// Where Electron keeps its own files: inside the home, so that each home has a desktop of its own.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

export interface UserData {
  readonly folder: string;
  /** Removes a folder that was only for this run. */
  leave(): Promise<void>;
}

/**
 * Makes the folder. `prepareHome` makes the home and tells where it is; where it cannot, a folder for this run takes
 * its place, so that there is a window that says what is wrong with the home.
 */
export async function prepareUserData(prepareHome: () => Promise<string>): Promise<UserData> {
  try {
    const folder = path.join(await prepareHome(), 'desktop');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { folder, leave: async () => undefined };
  } catch {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-desktop-'));
    return { folder, leave: () => rm(folder, { recursive: true, force: true }) };
  }
}
