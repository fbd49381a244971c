// Real places for repositories, each of the test's own: an SSH server, an S3 service, and a proxy that fails often.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'vitest';
import type { BackupTarget } from '../../main/model/backup/target.ts';
import { listen } from '../../main/sandbox/listen.ts';
import { freePorts, startPeer } from './peer-process.ts';

const run = promisify(execFile);

type Target<K extends BackupTarget['kind']> = Extract<BackupTarget, { readonly kind: K }>;

export interface SshPlace {
  readonly target: Target<'sftp'>;
  readonly secrets: Readonly<Record<string, string>>;
  /** A key that nobody there knows. */
  readonly otherKey: string;
  /** Where its files lie on this machine. */
  readonly path: string;
  close(): Promise<void>;
}

/** OpenSSH's server on the loopback, with a host key, a user's key and settings of its own, for this test's user. */
export async function startSshd(root: string): Promise<SshPlace> {
  const folder = await mkdtemp(join(root, 'sshd-'));
  const [port = 0] = await freePorts(1);
  for (const name of ['host', 'user', 'other'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', join(folder, name)]);
  const config = join(folder, 'sshd_config');
  await writeFile(join(folder, 'authorized'), await readFile(join(folder, 'user.pub')), { mode: 0o600 });
  const lines = [
    ...[`ListenAddress 127.0.0.1:${port}`, `HostKey ${folder}/host`, 'PidFile none', 'UsePAM no'],
    ...[`AuthorizedKeysFile ${folder}/authorized`, 'StrictModes no', 'PasswordAuthentication no'],
    ...['KbdInteractiveAuthentication no', 'PermitRootLogin prohibit-password'],
    ...['Subsystem sftp internal-sftp', 'LogLevel ERROR'],
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  // As root it wants a folder of the machine's, which is given to it alone.
  const arrange = 'mount -t tmpfs none /run && mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f "$1"';
  const server =
    process.getuid?.() === 0
      ? startPeer('unshare', ['--mount', 'sh', '-c', arrange, 'sshd', config], { cwd: folder })
      : startPeer('/usr/sbin/sshd', ['-D', '-e', '-f', config], { cwd: folder });
  await expect.poll(() => canConnect(port), { timeout: 20_000 }).toBe(true);
  const [type = '', key = ''] = (await readFile(join(folder, 'host.pub'), 'utf8')).split(' ');
  const path = join(folder, 'kept');
  await mkdir(path);
  const user = (await run('id', ['-un'])).stdout.trim();
  return {
    target: {
      ...{ name: 'nas', kind: 'sftp', host: '127.0.0.1', port, user, path: join(path, 'a lab') },
      hostKey: `${type} ${key.trim()}`,
    },
    secrets: { 'ssh-key': await readFile(join(folder, 'user'), 'utf8') },
    otherKey: await readFile(join(folder, 'other'), 'utf8'),
    path,
    close: () => server.stop(),
  };
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

export interface S3Place {
  readonly target: Target<'s3'>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly port: number;
  readonly path: string;
  close(): Promise<void>;
}

/** rclone's S3 service over a folder. https://rclone.org/commands/rclone_serve_s3/ */
export async function startS3(rclone: string, root: string): Promise<S3Place> {
  const folder = await mkdtemp(join(root, 's3-'));
  const path = join(folder, 'kept');
  await mkdir(join(path, 'backups'), { recursive: true });
  const [port = 0] = await freePorts(1);
  const args = ['serve', 's3', '--addr', `127.0.0.1:${port}`, '--auth-key', 'key-id,key-secret', path];
  const server = startPeer(rclone, args, { cwd: folder, env: { RCLONE_CONFIG: '', HOME: folder } });
  await expect.poll(() => canConnect(port), { timeout: 20_000 }).toBe(true);
  return {
    target: {
      ...{ name: 'cloud', kind: 's3', endpoint: `http://127.0.0.1:${port}`, region: '' },
      ...{ bucket: 'backups', path: 'a lab' },
    },
    secrets: { 'access-key-id': 'key-id', 'secret-access-key': 'key-secret' },
    port,
    path,
    close: () => server.stop(),
  };
}

export interface BadLine {
  readonly port: number;
  /** Requests that it has answered with an error of its own. */
  failed(): number;
  close(): Promise<void>;
}

/** Lets seven of ten requests through, and the others fail as an overloaded service does; every third is held up for a while. */
export async function startBadLine(to: number): Promise<BadLine> {
  let count = 0;
  let failed = 0;
  const server = createServer((incoming, outgoing) => {
    count += 1;
    const isBad = count % 10 >= 7;
    if (isBad) {
      failed += 1;
      incoming.resume();
      incoming.once('end', () => outgoing.writeHead(503, { 'content-length': '0' }).end());
      return;
    }
    const { method, headers, url } = incoming;
    const onward = request({ host: '127.0.0.1', port: to, path: url, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (count % 3 === 0) setTimeout(() => answer.pipe(outgoing), 50);
      else answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  });
  const port = await listen(server, 0, '127.0.0.1');
  return {
    port,
    failed: () => failed,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
