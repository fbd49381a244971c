// File systems on which a database is damaged, or whose files belong to nobody.
import { withStack } from './check.ts';

/** Shares of other machines: locks and writes in order are not kept. https://docs.gitlab.com/administration/nfs/ */
const shares =
  /^(?:nfs4?|cifs|smb3|smbfs|9p|afs|ceph|glusterfs|fuse\.(?:sshfs|glusterfs|rclone|s3fs)|drvfs|virtiofs|vboxsf|prl_fs|davfs)$/;
/** Without owners and modes: PostgreSQL refuses a folder that everybody may write. */
const ownerless = /^(?:vfat|exfat|ntfs3?|fuseblk|msdos)$/;
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

export const checkFileSystem = withStack((stack, { around: { dataMount } }) => {
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
