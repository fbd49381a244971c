// Whether this test may start programs of the repository as other users.
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** A user that every system has and that may do nothing. */
export const nobody = 65_534;

/** True for root, where others reach the repository: it may lie in a folder that root alone may enter. */
export const canBeOthers =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, [resolve('main/sandbox/runner/main.ts'), '--version'], {
    uid: nobody,
    gid: nobody,
  }).status === 0;
