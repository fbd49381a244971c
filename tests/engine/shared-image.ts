// The sandbox's image for all homes of a test run: imported once before them, and removed after the last of them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import { AutoGitError } from '../../main/errors.ts';
import type { Engine } from '../../main/ports.ts';

/**
 * Homes take an image with any labels as long as its name, which is made of its content, is right. Containers inherit
 * the labels of their image, and a label with the product's prefix would spoil their signature.
 */
const labels = { 'test.shared-image': 'autogit' };

/**
 * Provides the image that homes will ask for, and tells its name. One that is there already is somebody else's and stays.
 * `imageCache`: the folder that remembers what it is made of.
 */
export async function provideSharedImage(engine: Engine, imageCache?: string): Promise<string> {
  const cacheFolder = imageCache ?? (await mkdtemp(path.join(tmpdir(), 'autogit-image-')));
  try {
    const image = createSandboxImage({ cacheFolder, searchPath: process.env['PATH'] ?? '' });
    const name = await image.name();
    if (!(await engine.hasImage(name)))
      await engine.importImage(name, await image.rootfs(), { env: imageEnv, labels });
    return name;
  } finally {
    if (imageCache === undefined) await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** As the core imports it: apply/ground.ts. */
const imageEnv = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LANG: 'C.UTF-8',
};

/** Removes what was provided, also by a test run that was killed. One that another home uses meanwhile stays. */
export async function removeSharedImage(engine: Engine): Promise<void> {
  for (const { name } of await engine.listImages(labels)) {
    await engine.removeImage(name).catch((error: unknown) => {
      if (!(error instanceof AutoGitError && error.key.startsWith('engine.'))) throw error;
    });
  }
}
