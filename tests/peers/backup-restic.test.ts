// Real restic: repositories in a folder, over SSH, at an S3 service and through rclone; and what goes wrong with them.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createRestic } from '../../main/adapters/backup/restic.ts';
import { createResticContainer } from '../../main/adapters/engine/restic-container.ts';
import type { Restic, ResticPlace } from '../../main/backup-ports.ts';
import { silentLog } from '../engine/real-engines.ts';
import { packRootfs } from '../fixtures/tiny-image.ts';
import { describeWithPeer, findRestic, findResticImage, findResticS3, findResticSftp } from './peers.ts';
import { flipByte, largePacks } from './restic-damage.ts';
import { startBadLine, startS3, startSshd } from './restic-places.ts';
import { describeResticPort, fill, keyOf, placeAt } from './restic-suite.ts';

const run = promisify(execFile);
const never = new AbortController().signal;
const ignore = (): void => undefined;

/** What a test leaves behind is ended after it, newest first. */
const leftovers: (() => Promise<unknown>)[] = [];

async function tidy(): Promise<void> {
  for (const leave of leftovers.splice(0).toReversed()) await leave();
}

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-restic-'));
  leftovers.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function resticIn(folder: string, more: Readonly<Record<string, string>> = {}): Restic {
  const environment = { ...process.env, ...more };
  return createRestic({ environment, folder: join(folder, 'restic'), log: silentLog, image: null });
}

interface OneBackup {
  readonly folder: string;
  readonly path: string;
  readonly stage: string;
  readonly restic: Restic;
  readonly place: ResticPlace;
  readonly snapshot: string;
}

/** Made once: restic takes its time for a new key. */
let pattern: Promise<{ readonly folder: string; readonly snapshot: string }> | null = null;

async function makePattern(): Promise<{ readonly folder: string; readonly snapshot: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-restic-'));
  const restic = resticIn(folder);
  const place = placeAt({ name: 'nas', kind: 'folder', path: join(folder, 'nas', 'lab') });
  await mkdir(join(folder, 'nas'));
  await fill(join(folder, 'stage'));
  await restic.init(place, never);
  const { snapshot } = await restic.backup(place, whatOf(join(folder, 'stage')), ignore, never);
  return { folder, snapshot };
}

/** A repository in a folder with one backup in it. */
async function oneBackup(): Promise<OneBackup> {
  pattern ??= makePattern();
  const { folder: from, snapshot } = await pattern;
  const folder = await freshFolder();
  await cp(from, folder, { recursive: true });
  const path = join(folder, 'nas', 'lab');
  const place = placeAt({ name: 'nas', kind: 'folder', path });
  return { folder, path, stage: join(folder, 'stage'), restic: resticIn(folder), place, snapshot };
}

afterAll(async () => {
  if (pattern !== null) await rm((await pattern).folder, { recursive: true, force: true });
});

function whatOf(stage: string): Parameters<Restic['backup']>[1] {
  return { folder: stage, host: 'lab', tags: ['autogit'], at: Date.UTC(2026, 0, 2) };
}

/** Backed up, listed and restored once, whatever the place is. */
async function roundTrip(restic: Restic, place: ResticPlace): Promise<void> {
  const folder = await freshFolder();
  const [stage, into] = [join(folder, 'stage'), join(folder, 'into')];
  await fill(stage);
  expect(await restic.look(place, never)).toBe('new');
  await restic.init(place, never);
  const { snapshot } = await restic.backup(place, whatOf(stage), ignore, never);
  expect((await restic.snapshots(place, never)).map(({ id }) => id)).toEqual([snapshot]);
  expect(await restic.restore(place, { snapshot, into, paths: null }, ignore, never)).toEqual({ failed: [] });
  const [before, after] = [await readFile(join(stage, 'big')), await readFile(join(into, 'big'))];
  expect(after.equals(before)).toBe(true);
}

const peer = await findRestic();

describeWithPeer('restic in a folder', peer, () => {
  describeResticPort('restic', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'autogit-restic-'));
    const path = join(folder, 'lab');
    await mkdir(path);
    return {
      restic: resticIn(folder),
      target: { name: 'nas', kind: 'folder', path },
      secrets: {},
      folder,
      damage: async () => {
        for (const pack of await largePacks(path)) await flipByte(pack);
      },
      close: () => rm(folder, { recursive: true, force: true }),
    };
  });
});

describeWithPeer('restic in trouble', peer, (program) => {
  const isRoot = process.getuid?.() === 0;
  afterEach(tidy);

  it('says which restic it is, and that there is none or one that is too old', async () => {
    const folder = await freshFolder();
    expect(await resticIn(folder).version()).toMatchObject({ runs: 'program' });
    expect(await keyOf(resticIn(folder, { AUTOGIT_RESTIC: join(folder, 'none') }).version())).toBe(
      'backup.restic-missing',
    );
    const old = join(folder, 'old');
    await writeFile(old, '#!/bin/sh\necho "restic 0.13.1 compiled with go1.18 on linux/amd64"\n', {
      mode: 0o755,
    });
    expect(await keyOf(resticIn(folder, { AUTOGIT_RESTIC: old }).version())).toBe('backup.restic-old');
  });

  it('tells a disk that is not plugged in or mounted, and comes back with it', async () => {
    const { folder, path, stage, restic, place, snapshot } = await oneBackup();
    await rename(path, join(folder, 'away'));
    expect(await keyOf(restic.snapshots(place, never))).toBe('backup.target-absent');
    expect(await keyOf(restic.backup(place, whatOf(stage), ignore, never))).toBe('backup.target-absent');
    expect(await keyOf(restic.prune(place, ignore, never))).toBe('backup.target-absent');
    await rm(dirname(path), { recursive: true });
    expect(await keyOf(restic.look(place, never))).toBe('backup.target-absent');
    expect(await keyOf(restic.init(place, never))).toBe('backup.target-absent');
    await mkdir(dirname(path));
    await rename(join(folder, 'away'), path);
    expect((await restic.snapshots(place, never)).map(({ id }) => id)).toEqual([snapshot]);
    const usb = placeAt({ name: 'usb', kind: 'usb', label: 'NOT-HERE', path: 'lab', onPlugIn: false });
    expect(await keyOf(restic.look(usb, never))).toBe('backup.target-absent');
  });

  it.runIf(isRoot)('tells a place that cannot be written, and restores from it all the same', async () => {
    const { folder, path, stage, restic, place, snapshot } = await oneBackup();
    await run('mount', ['--bind', path, path]);
    leftovers.push(() => run('umount', [path]));
    await run('mount', ['-o', 'remount,bind,ro', path]);
    expect(await restic.look(place, never)).toBe('ready');
    expect(await keyOf(restic.backup(place, whatOf(stage), ignore, never))).toBe('backup.target-read-only');
    const into = { snapshot, into: join(folder, 'into'), paths: null };
    expect(await restic.restore(place, into, ignore, never)).toEqual({ failed: [] });
  });

  it.runIf(isRoot)('tells a place that is full; what was kept there before stays whole', async () => {
    const folder = await freshFolder();
    const [path, stage] = [join(folder, 'small'), join(folder, 'stage')];
    await mkdir(path);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', path]);
    leftovers.push(() => run('umount', [path]));
    await fill(stage);
    const restic = resticIn(folder);
    const place = placeAt({ name: 'small', kind: 'folder', path });
    await restic.init(place, never);
    await rename(join(stage, 'big'), join(folder, 'big'));
    const { snapshot } = await restic.backup(place, whatOf(stage), ignore, never);
    await rename(join(folder, 'big'), join(stage, 'big'));
    expect(await keyOf(restic.backup(place, whatOf(stage), ignore, never))).toBe('backup.target-full');
    expect((await restic.space(place, never)).total).toBe(6 * 1024 * 1024);
    expect((await restic.snapshots(place, never)).map(({ id }) => id)).toEqual([snapshot]);
    const into = { snapshot, into: join(folder, 'into'), paths: null };
    expect(await restic.restore(place, into, ignore, never)).toEqual({ failed: [] });
  });

  it('names a pack that is gone, prunes nothing then, and restores the rest', async () => {
    const { folder, path, stage, restic, place } = await oneBackup();
    const before = await largePacks(path);
    await writeFile(join(stage, 'late'), randomBytes(3_000_000));
    const { snapshot } = await restic.backup(place, whatOf(stage), ignore, never);
    const late = (await largePacks(path)).filter((pack) => !before.includes(pack));
    for (const pack of late) await rm(pack, { force: true });
    const { findings } = await restic.check(place, null, never);
    expect(findings.toSorted()).toEqual(
      late.map((pack) => `Pack ${basename(pack).slice(0, 10)} is missing.`).toSorted(),
    );
    const kept = await readdir(join(path, 'data'), { recursive: true });
    expect(await keyOf(restic.prune(place, ignore, never))).toBe('backup.repository-damaged');
    expect(await readdir(join(path, 'data'), { recursive: true })).toEqual(kept);
    const into = { snapshot, into: join(folder, 'into'), paths: ['big', 'home'] };
    expect(await restic.restore(place, into, ignore, never)).toEqual({ failed: [] });
    expect((await readFile(join(into.into, 'big'))).equals(await readFile(join(stage, 'big')))).toBe(true);
  });

  it('tells a config that is damaged or gone, and makes no other one over the data', async () => {
    const { path, restic, place } = await oneBackup();
    await flipByte(join(path, 'config'));
    expect(await keyOf(restic.look(place, never))).toBe('backup.repository-damaged');
    await rm(join(path, 'config'), { force: true });
    expect(await keyOf(restic.init(place, never))).toBe('backup.repository-damaged');
  });

  it('is made anew where the one before was ended while it made it, whatever keys that left', async () => {
    const folder = await freshFolder();
    const path = join(folder, 'lab');
    const place = placeAt({ name: 'safety', kind: 'folder', path });
    const restic = resticIn(folder);
    await fill(join(folder, 'stage'));
    // The last thing that restic writes of a new repository is its config.
    for (let ended = 0; ended < 4; ended += 1) {
      await restic.init(place, never);
      await rm(join(path, 'config'), { force: true });
    }
    await restic.init(place, never);
    expect(await readdir(join(path, 'keys'))).toHaveLength(1);
    await restic.backup(place, whatOf(join(folder, 'stage')), ignore, never);
    expect(await restic.look(place, never)).toBe('ready');
  });

  it('removes the lock of a process that is gone, and minds that of one that lives', async () => {
    const { path, stage, restic, place } = await oneBackup();
    const locks = (): Promise<readonly string[]> => readdir(join(path, 'locks'));
    const environment = { ...process.env, RESTIC_PASSWORD: place.password };
    const args = ['--repo', path, '--no-cache', 'backup', '--stdin', '--stdin-filename', 'held'];
    const other = spawn(program(), args, { env: environment, stdio: ['pipe', 'ignore', 'ignore'] });
    const gone = new Promise((resolve) => other.once('exit', resolve));
    leftovers.push(async () => {
      other.kill('SIGKILL');
      await gone;
    });
    await expect.poll(async () => (await locks()).length, { timeout: 30_000 }).toBe(1);
    expect(await keyOf(restic.prune(place, ignore, never))).toBe('backup.locked');
    expect(await locks()).toHaveLength(1);
    other.kill('SIGKILL');
    await gone;
    await restic.prune(place, ignore, never);
    expect(await locks()).toEqual([]);
    await restic.backup(place, whatOf(stage), ignore, never);
  });

  it('hands a password to nobody by arguments', async () => {
    const { folder, place } = await oneBackup();
    const spy = join(folder, 'spy');
    const said = join(folder, 'said');
    const script = `#!/bin/sh\necho "$@" >> ${said}\nexec ${program()} "$@"\n`;
    await writeFile(spy, script, { mode: 0o755 });
    await resticIn(folder, { AUTOGIT_RESTIC: spy }).snapshots(place, never);
    expect(await readFile(said, 'utf8')).toContain('snapshots');
    expect(await readFile(said, 'utf8')).not.toContain('two');
  });
});

describeWithPeer('restic over SSH', await findResticSftp(), () => {
  afterEach(tidy);

  it('keeps backups with a key of its own at a host with a known key, and trusts no other', async () => {
    const folder = await freshFolder();
    const ssh = await startSshd(folder);
    leftovers.push(ssh.close);
    const restic = resticIn(folder);
    const place = placeAt(ssh.target, ssh.secrets);
    await roundTrip(restic, place);
    const { host, port, hostKey } = ssh.target;
    const [space, shown, anotherKey] = await Promise.all([
      restic.space(place, never),
      restic.hostKeys(host, port, never),
      otherHostKey(folder),
    ]);
    expect(space).toMatchObject({ free: null, total: null });
    expect(shown.map(({ line }) => line)).toEqual([hostKey]);
    const refused = [
      placeAt({ ...ssh.target, hostKey: anotherKey }, ssh.secrets),
      placeAt(ssh.target, { 'ssh-key': ssh.otherKey }),
      placeAt(ssh.target, {}),
    ];
    expect(await Promise.all(refused.map((one) => keyOf(restic.look(one, never))))).toEqual([
      'backup.host-key',
      'backup.target-refused',
      'backup.target-refused',
    ]);
    await ssh.close();
    expect(await keyOf(restic.look(place, never))).toBe('backup.target-unreachable');
    expect(await readdir(join(folder, 'restic', 'keys'))).toEqual([]);
  });
});

async function otherHostKey(folder: string): Promise<string> {
  const file = join(folder, 'other-host');
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  return (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
}

describeWithPeer('restic in a container', await findResticImage(), (found) => {
  const image = 'autogit-test/restic:1';
  beforeAll(async () => {
    const rootfs = await packRootfs([found().restic, 'ssh']);
    await found().engine.importImage(image, rootfs, { env: { PATH: '/bin' }, labels: {} });
  }, 120_000);
  afterAll(() => found().engine.removeImage(image));
  afterEach(tidy);

  const openIn = (folder: string): Restic => {
    const host = { host: found().engine.host, log: silentLog };
    const container = createResticContainer({
      engine: () => Promise.resolve(host),
      ...{ image: () => image, home: folder },
    });
    const environment = { ...process.env, AUTOGIT_RESTIC: join(folder, 'none') };
    return createRestic({ environment, folder: join(folder, 'restic'), log: silentLog, image: container });
  };

  it('keeps backups in a folder and over SSH as the program does', async () => {
    const folder = await freshFolder();
    const restic = openIn(folder);
    expect(await restic.version()).toMatchObject({ runs: 'image' });
    const path = join(folder, 'lab');
    const ssh = await startSshd(folder);
    leftovers.push(ssh.close);
    await Promise.all([
      roundTrip(restic, placeAt({ name: 'nas', kind: 'folder', path })),
      roundTrip(restic, placeAt(ssh.target, ssh.secrets)),
    ]);
    const other = placeAt({ ...ssh.target, hostKey: await otherHostKey(folder) }, ssh.secrets);
    expect(await keyOf(restic.look(other, never))).toBe('backup.host-key');
    expect(
      await keyOf(restic.look(placeAt({ name: 'any', kind: 'rclone', remote: 'nas', path: '' }), never)),
    ).toBe('backup.helper-missing');
  });

  it('is gone with its lock when a backup is cancelled', async () => {
    const folder = await freshFolder();
    const [restic, stage] = [openIn(folder), join(folder, 'stage')];
    const place = placeAt({ name: 'nas', kind: 'folder', path: join(folder, 'lab') });
    await fill(stage);
    await restic.init(place, never);
    const cancel = new AbortController();
    const deed = restic.backup(place, whatOf(stage), () => cancel.abort('enough'), cancel.signal);
    await expect(deed).rejects.toBe('enough');
    expect(await readdir(join(folder, 'lab', 'locks'))).toEqual([]);
    expect(await found().engine.listContainers({ 'autogit.restic.home': folder })).toEqual([]);
  });
});

describeWithPeer('restic at an S3 service', await findResticS3(), (found) => {
  afterEach(tidy);

  it('keeps backups in a bucket, and tells wrong keys and a service that is gone', async () => {
    const folder = await freshFolder();
    const s3 = await startS3(found().rclone, folder);
    leftovers.push(s3.close);
    const restic = resticIn(folder);
    const place = placeAt(s3.target, s3.secrets);
    await roundTrip(restic, place);
    const wrong = placeAt(s3.target, { ...s3.secrets, 'secret-access-key': 'another' });
    expect(await keyOf(restic.look(wrong, never))).toBe('backup.target-refused');
    await s3.close();
    expect(await keyOf(restic.look(place, never))).toBe('backup.target-unreachable');
  });

  it('backs up and restores though 30 % of the requests fail and others are slow', async () => {
    const folder = await freshFolder();
    const s3 = await startS3(found().rclone, folder);
    leftovers.push(s3.close);
    const line = await startBadLine(s3.port);
    leftovers.push(line.close);
    const endpoint = `http://127.0.0.1:${line.port}`;
    await roundTrip(resticIn(folder), placeAt({ ...s3.target, endpoint }, s3.secrets));
    expect(line.failed()).toBeGreaterThan(5);
  });

  it('keeps backups wherever rclone has a remote', async () => {
    const folder = await freshFolder();
    const config = join(folder, 'rclone.conf');
    await writeFile(config, `[nas]\ntype = alias\nremote = ${folder}/kept\n`);
    await mkdir(join(folder, 'kept'));
    const PATH = `${dirname(found().rclone)}:${process.env['PATH'] ?? ''}`;
    const restic = resticIn(folder, { RCLONE_CONFIG: config, PATH });
    const target = { name: 'any', kind: 'rclone', remote: 'nas', path: 'lab' } as const;
    await roundTrip(restic, placeAt(target));
    const none = placeAt({ ...target, remote: 'nobody' });
    expect(await keyOf(restic.look(none, never))).toBe('backup.target-unreachable');
  });
});
