// File systems on which a database is damaged, or whose files belong to nobody.
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { DataMount } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';

/** Shares of other machines: locks and writes in order are not kept. https://docs.gitlab.com/administration/nfs/ */
const shares =
  /^(?:nfs4?|cifs|smb3|smbfs|9p|afs|glusterfs|fuse\.(?:sshfs|glusterfs|rclone|s3fs)|drvfs|virtiofs|vboxsf|prl_fs|davfs)$/;
/** Without owners and modes: PostgreSQL refuses a folder that everybody may write. */
const ownerless = /^(?:vfat|exfat|ntfs3?|fuseblk|msdos)$/;
/** Layers over several disks, and clusters: they work, more slowly and with known troubles of databases. */
const layered = /^(?:ceph|fuse\.(?:shfs|mergerfs|ceph|unionfs))$/;
/** Gone at the next start of the machine. */
const fleeting = /^(?:tmpfs|ramfs)$/;

function wrongWith(fileSystem: string): string | null {
  if (shares.test(fileSystem))
    return 'comes from another machine or from the host of a virtual one. Databases are damaged there, and git is slow.';
  if (ownerless.test(fileSystem)) return 'knows no owners of files: PostgreSQL refuses to start on it.';
  if (fleeting.test(fileSystem))
    return 'lies in memory: everything is gone at the next start of the machine.';
  return null;
}

function layeredFinding(stack: RenderedStack, { fileSystem, mount }: DataMount): Finding {
  return {
    key: 'stack.data-file-system',
    severity: 'warning',
    subject: stack.data,
    message: `The data of the stack would lie on ${fileSystem}, a layer over other disks: databases are slow there, and some have been damaged.`,
    next: 'Choose a folder on one of the disks themselves; on Unraid: below /mnt/cache, or on a pool, and not below /mnt/user.',
    evidence: [`Data: ${stack.data}, on ${mount}`, `File system: ${fileSystem}`],
  };
}

export const checkFileSystem = withStack((stack, { around: { dataMount } }) => {
  if (dataMount !== null && layered.test(dataMount.fileSystem)) return [layeredFinding(stack, dataMount)];
  const wrong = dataMount === null ? null : wrongWith(dataMount.fileSystem);
  if (dataMount === null || wrong === null) return [];
  return [
    {
      key: 'stack.data-file-system',
      severity: 'error',
      subject: stack.data,
      message: `The data of the stack would lie on ${dataMount.fileSystem}, which ${wrong}`,
      next: 'Choose a folder on a disk of this machine with ext4, xfs, btrfs or zfs; keep backups on the share instead.',
      evidence: [`Data: ${stack.data}, on ${dataMount.mount}`, `File system: ${dataMount.fileSystem}`],
    },
  ];
});
