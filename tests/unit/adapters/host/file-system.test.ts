// Which file systems are on other machines: the list of mounts as Linux writes it, and a real share where one can be had.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { networkFileSystem, remoteFuseName } from '../../../../main/adapters/host/file-system.ts';
import { homePaths } from '../../../../main/adapters/host/home.ts';
import { prepareHome } from '../../../../main/adapters/host/prepare-home.ts';
import { temporaryFolder } from './temporary.ts';

const mounts = String.raw`
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / /home/ann/nas rw,nosuid shared:9 - fuse.sshfs ann@nas:/data rw,user_id=1000
31 22 0:41 / /home/ann/my\040share rw,nosuid - fuse.rclone remote: rw
32 22 0:42 / /home/ann/containers rw - fuse.fuse-overlayfs fuse-overlayfs rw
33 30 8:9 / /home/ann/nas/local rw - ext4 /dev/sdb1 rw
34 22 0:43 / /mnt/over rw - fuse.sshfs x: rw
35 34 0:44 / /mnt/over rw - fuseblk /dev/sdc1 rw
`;

describe('a mount by a program', () => {
  it.each([
    ['/home/ann/nas/autogit', 'fuse.sshfs'],
    ['/home/ann/nas', 'fuse.sshfs'],
    ['/home/ann/my share/x', 'fuse.rclone'],
    ['/home/ann/containers/x', null],
    ['/home/ann/nas/local/x', null],
    ['/home/ann/nasty', null],
    ['/mnt/over', null],
    ['/', null],
  ])('around %s is %j', (folder, name) => expect(remoteFuseName(folder, mounts)).toBe(name));

  it('is none when nothing is known', () => expect(remoteFuseName('/x', 'no list of mounts')).toBeNull());
});

const run = promisify(execFile);
const servers = ['/usr/lib/openssh/sftp-server', '/usr/lib/sftp-server', '/usr/libexec/openssh/sftp-server'];

/** A folder of this machine through sshfs, without a network: its server speaks through pipes. */
async function mountShare(): Promise<string> {
  const folder = temporaryFolder();
  const point = path.join(folder, 'share');
  for (const made of [point, path.join(folder, 'served')]) mkdirSync(made);
  const server = path.join(folder, 'server');
  writeFileSync(server, `#!/bin/sh\nexec ${servers.find((file) => existsSync(file)) ?? ''}\n`, {
    mode: 0o700,
  });
  await run('sshfs', ['-o', `ssh_command=${server}`, `here:${path.join(folder, 'served')}`, point]);
  onTestFinished(() => void execFileSync('umount', [point]));
  return point;
}

const hasShares =
  process.getuid?.() === 0 &&
  existsSync('/dev/fuse') &&
  existsSync('/usr/bin/sshfs') &&
  servers.some((file) => existsSync(file));

describe('a folder', () => {
  it('of this machine is on no network', async () => {
    expect(await networkFileSystem(temporaryFolder())).toBeNull();
    expect(await networkFileSystem('/proc')).toBeNull();
  });

  it.skipIf(!hasShares)(
    'on a real share is known to be there, and is no home (needs root and sshfs)',
    async () => {
      const share = await mountShare();
      expect(await networkFileSystem(share)).toBe('fuse.sshfs');
      const paths = homePaths({ AUTOGIT_HOME: path.join(share, 'autogit') }, { demo: false });
      await expect(prepareHome(paths)).rejects.toMatchObject({
        key: 'host.home-on-network',
        fields: { fileSystem: 'fuse.sshfs' },
      });
    },
  );
});
