// What the kernel of an engine's machine lets it do: limit the disk of a container, and run programs of other processors.
import { readFile, readdir } from 'node:fs/promises';
import { parseHandler } from '../../model/emulation.ts';
import type { EngineInfo } from '../../model/engine.ts';

/** The kernel's list of interpreters: https://docs.kernel.org/admin-guide/binfmt-misc.html */
const binfmt = '/proc/sys/fs/binfmt_misc';

/** Architectures that this machine emulates in containers, in Go's words; none where that cannot be seen. */
export async function detectEmulated(folder = binfmt): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => name !== 'register')
      .map(async (name) => parseHandler(await readFile(`${folder}/${name}`, 'utf8').catch(() => ''))),
  );
  return [...new Set(found.filter((arch) => arch !== null))].sort();
}

/** Whether the file system below a folder is xfs with project quotas. `mounts`: the text of `/proc/self/mounts`. */
export function hasProjectQuota(folder: string, mounts: string): boolean {
  const holding = mounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, place = '']) => place === '/' || folder === place || folder.startsWith(`${place}/`))
    .toSorted(([, a = ''], [, b = '']) => b.length - a.length);
  const [, , type, options = ''] = holding[0] ?? [];
  return type === 'xfs' && /(?:^|,)p(?:rj)?quota(?:,|$)/.test(options);
}

type Storage = Pick<EngineInfo, 'kind' | 'rootless' | 'storageDriver' | 'dataFolder'>;

/**
 * Whether an engine takes `--storage-opt size`. What cannot be seen counts as no: an engine that cannot refuses the
 * whole container. https://docs.docker.com/reference/cli/docker/container/run/#storage-opt
 */
export function canLimitDisk(storage: Storage, mounts: string | null): boolean {
  const { kind, rootless, storageDriver, dataFolder } = storage;
  if (kind === 'docker' && (storageDriver === 'btrfs' || storageDriver === 'zfs')) return true;
  const isOverlay = storageDriver === 'overlay' || storageDriver === 'overlay2';
  if (!isOverlay || rootless || dataFolder === null || mounts === null) return false;
  return hasProjectQuota(dataFolder, mounts);
}
