// This machine as the core sees it.
import { randomBytes } from 'node:crypto';
import type { Host } from '../../ports.ts';
import { pushRepository } from './git-push.ts';
import type { HomePaths } from './home.ts';
import { packFiles } from './pack-files.ts';
import { createSandboxImage } from './rootfs.ts';

/** The machine that this process runs on. */
export function createHost(paths: Pick<HomePaths, 'sandbox'>): Host {
  const image = createSandboxImage({ cacheFolder: paths.sandbox, searchPath: process.env.PATH ?? '' });
  return {
    sandboxImageName: () => image.name(),
    sandboxRootfs: () => image.rootfs(),
    packFiles,
    pushRepository,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
  };
}
