// What is mounted where, and which of it are disks with files.
import { wholeLines } from './text.ts';

export interface Mount {
  readonly device: string;
  readonly mount: string;
  readonly fileSystem: string;
  readonly readOnly: boolean;
  /** Of the device that holds it, as in `/sys/dev/block`: `259:2`. */
  readonly deviceNumber: string;
  /** Of the file system, for every place where it is mounted. */
  readonly options: readonly string[];
}

/** The kernel writes space, tab, line feed and backslash in three octal digits. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

/**
 * `/proc/self/mountinfo`: https://docs.kernel.org/filesystems/proc.html#proc-pid-mountinfo-information-about-mounts.
 * Lines that are not of that form are left out. Never throws.
 */
export function parseMounts(text: unknown): readonly Mount[] {
  return wholeLines(text).flatMap((line) => {
    const [own = '', more = ''] = line.split(' - ', 2);
    const [, , deviceNumber = '', root = '', mount = '', options = ''] = own.split(' ');
    const [fileSystem = '', device = '', superOptions = ''] = more.split(' ');
    if (!/^\d+:\d+$/.test(deviceNumber) || !mount.startsWith('/') || root === '') return [];
    if (!/^[\w.-]+$/.test(fileSystem) || device === '' || superOptions === '') return [];
    const ofFileSystem = superOptions.split(',');
    return [
      {
        ...{ device: unescaped(device), mount: unescaped(mount), fileSystem, deviceNumber },
        readOnly: ofFileSystem.includes('ro') || options.split(',').includes('ro'),
        options: ofFileSystem,
      },
    ];
  });
}

/** File systems on disks of this machine; those of servers are left out, because one that is away never answers. */
const onDisk = new Set([
  ...['ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'zfs', 'bcachefs', 'f2fs', 'jfs', 'reiserfs', 'nilfs2'],
  ...['vfat', 'exfat', 'ntfs', 'ntfs3', 'fuseblk', 'hfsplus', 'apfs', 'ufs'],
]);
/** Drives of Windows under WSL2: https://learn.microsoft.com/windows/wsl/file-permissions */
const ofWindows = /^(?:9p|drvfs|virtiofs)$/;

/** What is no disk of a person's: images of snap packages, and parts of what is mounted already. */
function isDisk({ device, mount, fileSystem }: Mount): boolean {
  if (ofWindows.test(fileSystem)) return /^[A-Za-z]:/.test(device) || /^\/mnt\/[a-z]$/.test(mount);
  return onDisk.has(fileSystem) || (fileSystem === 'overlay' && mount === '/');
}

/** At most so many are looked at. */
const most = 40;

/** Each disk once, at its shortest place, that of the root first. A bind mount is the same disk again. */
export function disksOf(mounts: readonly Mount[]): readonly Mount[] {
  const kept = new Map<string, Mount>();
  for (const mount of mounts.filter(isDisk)) {
    const known = kept.get(mount.device);
    if (known === undefined || mount.mount.length < known.mount.length) kept.set(mount.device, mount);
  }
  return [...kept.values()]
    .toSorted((a, b) => a.mount.length - b.mount.length || (a.mount < b.mount ? -1 : 1))
    .slice(0, most);
}
