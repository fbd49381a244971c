// Which kind of file system a folder lies on: a database in WAL mode must not lie on a network share.
import { readFile, realpath, statfs } from 'node:fs/promises';

/**
 * By `f_type` of statfs, https://man7.org/linux/man-pages/man2/statfs.2.html; `fuse` may be local or not, which its
 * full name in the list of mounts tells.
 */
const types: Readonly<Record<number, string>> = {
  0x6969: 'nfs',
  0x517b: 'smb',
  0xff534d42: 'cifs',
  0xfe534d42: 'smb',
  0x01021997: '9p',
  0x00c36400: 'ceph',
  0x5346414f: 'afs',
  0x6b414653: 'afs',
  0x73757245: 'coda',
  0x65735546: 'fuse',
};

const remoteFuse: readonly string[] = [
  ...['sshfs', 'rclone', 'glusterfs', 'ceph', 'ceph-fuse', 'smbnetfs', 'curlftpfs', 'gvfsd-fuse'],
  ...['s3fs', 'goofys', 'mount-s3', 'gcsfuse', 'blobfuse2', 'juicefs', 'davfs', 'mfs', 'nfs'],
];

/** The name of the network file system that an existing folder lies on, e.g. `nfs`; `null` for a local one. */
export async function networkFileSystem(folder: string): Promise<string | null> {
  if (process.platform !== 'linux') return null;
  const { type } = await statfs(folder);
  const name = types[type >>> 0];
  if (name !== 'fuse') return name ?? null;
  return remoteFuseName(await realpath(folder), await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The name of the mount around a real path, e.g. `fuse.sshfs`, if it is known to lead to another machine. Pure. */
export function remoteFuseName(folder: string, mountinfo: string): string | null {
  const around = parseMounts(mountinfo)
    .filter(({ point }) => point === '/' || folder === point || folder.startsWith(`${point}/`))
    // Of two mounts on one point, the later one hides the other.
    .reduce((best, mount) => (mount.point.length >= best.point.length ? mount : best), {
      point: '',
      type: '',
    });
  const subtype = around.type.replace(/^fuse\./, '');
  return around.type.startsWith('fuse.') && remoteFuse.includes(subtype) ? around.type : null;
}

interface Mount {
  readonly point: string;
  readonly type: string;
}

/** Lines as in https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html */
function parseMounts(mountinfo: string): readonly Mount[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [before = '', after] = line.split(' - ');
    const point = before.split(' ')[4];
    const type = after?.split(' ')[0];
    return point === undefined || type === undefined ? [] : [{ point: unescape(point), type }];
  });
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
