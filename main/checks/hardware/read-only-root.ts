// A root file system that cannot be written: mostly a disk that has failed.
import type { HardwareCheck } from './check.ts';

/** Systems whose root is never written are made so, and keep their data elsewhere. */
const immutable = new Set(['squashfs', 'erofs', 'overlay']);

export const checkReadOnlyRoot: HardwareCheck = ({ machine: { host } }) => {
  const root = host.disks?.find(({ mount }) => mount === '/');
  const hasOther = host.disks?.some(({ mount, readOnly }) => mount !== '/' && !readOnly) === true;
  if (root?.readOnly !== true || immutable.has(root.fileSystem) || hasOther) return [];
  return [
    {
      key: 'host.disk-read-only',
      severity: 'error',
      subject: '/',
      message:
        'The only disk of this machine cannot be written: the kernel makes it so when it finds errors on it.',
      next: 'Look for errors of the disk with `sudo dmesg --level=err`, save what matters, and check the disk.',
      evidence: [`Disk ${root.device} at /: ${root.fileSystem}, read-only`],
    },
  ];
};
