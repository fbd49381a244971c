// A storage driver that copies whole images.
import { engineName } from '../model/engine.ts';
import type { EngineCheck } from './check.ts';
import { subjectOf } from './check.ts';

/** https://docs.docker.com/engine/storage/drivers/vfs-driver/ */
export const checkStorage: EngineCheck = (subject) => {
  const { info } = subject;
  if (info.storageDriver !== 'vfs') return null;
  const config = info.rootless ? '~/.config/containers/storage.conf' : '/etc/containers/storage.conf';
  return {
    key: 'engine.slow-storage',
    severity: 'warning',
    subject: subjectOf(subject),
    message: `${engineName(info)} stores with the driver vfs, which copies the whole image for every container: runners start slowly and fill the disk.`,
    next:
      info.kind === 'podman'
        ? `Set driver = "overlay" below [storage] in ${config} (install fuse-overlayfs on a kernel before 5.13), then: podman system reset. That removes its containers and images.`
        : 'Let its data folder lie on ext4 or xfs, set "storage-driver": "overlay2" in its daemon.json, and restart it. Its containers and images are then made anew.',
  };
};
