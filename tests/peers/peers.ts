// Finds the peers: real programs of other projects, by environment variable or on PATH. What is absent is skipped.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, isAbsolute, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import type { Engine } from '../../main/ports.ts';
import { listRealEngines, silentLog } from '../engine/real-engines.ts';
import { whyNot } from '../fixtures/engines/daemons.ts';
import { machineAddress } from './stack-hosts.ts';
import type { StackPrograms } from './stack-images.ts';
import { mayArrange } from './trust-world.ts';

const run = promisify(execFile);

/** As `AUTOGIT_REQUIRE_PEERS` names them. */
export type PeerName =
  | 'gitlab-runner'
  | 'gitlab-runner-docker'
  | 'gitlab-runner-image'
  | 'git-lfs'
  | 'python-gitlab'
  | 'emulators'
  | 'compose'
  | 'traefik'
  | 'coredns'
  | 'pebble'
  | 'knot'
  | 'ruby'
  | 'authelia'
  | 'slapd'
  | 'redis'
  | 'trust'
  | 'socket-proxy'
  | 'restic'
  | 'restic-sftp'
  | 'restic-s3'
  | 'restic-image'
  | 'compose-docker'
  | 'stack-runners'
  | 'stack-docker'
  | 'stack-login'
  | 'stack-podman'
  | 'stack-docker-rootless';

export interface Peer<T> {
  readonly name: PeerName;
  /** `null`: not on this machine. */
  readonly found: T | null;
}

/**
 * Tests that need a peer. Without it they are skipped, and counted; when `AUTOGIT_REQUIRE_PEERS` (names with commas
 * between them) has the peer's name, one test fails for them.
 */
export function describeWithPeer<T>(title: string, peer: Peer<T>, suite: (found: () => T) => void): void {
  const { name, found } = peer;
  const required = (process.env['AUTOGIT_REQUIRE_PEERS'] ?? '').split(',').map((one) => one.trim());
  if (found === null && required.includes(name)) {
    it(`${name} is on this machine`, () => expect.fail(`${name} is required, and was not found`));
  }
  describe.skipIf(found === null)(title, () =>
    suite(() => {
      if (found === null) throw new Error(`${name} was not found`);
      return found;
    }),
  );
}

/** The official runner's binary. */
export async function findGitlabRunner(): Promise<Peer<string>> {
  const found = await findProgram('gitlab-runner', 'AUTOGIT_GITLAB_RUNNER');
  return { name: 'gitlab-runner', found };
}

/** The official runner with an engine for its docker executor. */
export interface DockerExecutor {
  readonly binary: string;
  readonly engine: Engine;
  readonly helperImage: string;
  readonly jobImage: string;
}

/** Needs a rootful Docker: the in-process sandbox is reached on the host's own network. */
export async function findDockerExecutor(): Promise<Peer<DockerExecutor>> {
  const name = 'gitlab-runner-docker';
  const binary = (await findGitlabRunner()).found;
  const helperImage = process.env['AUTOGIT_PEER_HELPER_IMAGE'];
  const jobImage = process.env['AUTOGIT_PEER_JOB_IMAGE'];
  if (binary === null || !helperImage || !jobImage) return { name, found: null };
  for (const engine of await rootfulDockers()) {
    const images = await Promise.all([engine.hasImage(helperImage), engine.hasImage(jobImage)]);
    if (images.every(Boolean)) return { name, found: { binary, engine, helperImage, jobImage } };
  }
  return { name, found: null };
}

/** The official runner with an engine on which an image can be made that has it inside. */
export async function findRunnerForImage(): Promise<
  Peer<{ readonly binary: string; readonly engine: Engine }>
> {
  const binary = (await findGitlabRunner()).found;
  const [host] = binary === null ? [] : await listRealEngines();
  const found =
    binary === null || host === undefined
      ? null
      : { binary, engine: connectEngine({ host, log: silentLog }) };
  return { name: 'gitlab-runner-image', found };
}

/** Compose, and an engine for it. */
export interface ComposePeer {
  readonly program: string;
  readonly engine: Engine;
}

/** Compose as a program of its own (`docker-compose`), on a rootful Docker. */
export async function findComposePeer(): Promise<Peer<ComposePeer>> {
  const program = await findProgram('docker-compose', 'AUTOGIT_COMPOSE');
  const [engine] = program === null ? [] : await rootfulDockers();
  const found = program === null || engine === undefined ? null : { program, engine };
  return { name: 'compose-docker', found };
}

/** Everything that runners of a stack need: the official runner with images for its jobs, and Traefik. */
export async function findStackPeer(): Promise<Peer<DockerExecutor & { readonly traefik: string }>> {
  const traefik = await findProgram('traefik', 'AUTOGIT_TRAEFIK');
  const { found } = await findDockerExecutor();
  return { name: 'stack-runners', found: found === null || traefik === null ? null : { ...found, traefik } };
}

/** Compose as a program, without an engine: it reads and checks what the stack's folder has. */
export async function findCompose(): Promise<Peer<string>> {
  return { name: 'compose', found: await findProgram('docker-compose', 'AUTOGIT_COMPOSE') };
}

/** Programs that trust roots, and what fills their stores. */
export interface TrustPeer {
  /** Of NSS. */
  readonly certutil: string;
  readonly chromium: string;
  /** These two are tried where they are there. */
  readonly firefox: string | null;
  readonly podman: string | null;
}

/** Needs root, for mounts of its own. */
export async function findTrustPeer(): Promise<Peer<TrustPeer>> {
  const [certutil, chromium, firefoxEsr, firefox, podman] = await Promise.all([
    findProgram('certutil', 'AUTOGIT_CERTUTIL'),
    findProgram('chromium', 'AUTOGIT_CHROMIUM'),
    findProgram('firefox-esr', 'AUTOGIT_FIREFOX'),
    findProgram('firefox'),
    findProgram('podman'),
  ]);
  const isPossible = certutil !== null && chromium !== null && (await mayArrange());
  return {
    name: 'trust',
    found: isPossible ? { certutil, chromium, firefox: firefoxEsr ?? firefox, podman } : null,
  };
}

export async function findTraefik(): Promise<Peer<string>> {
  return { name: 'traefik', found: await findProgram('traefik', 'AUTOGIT_TRAEFIK') };
}

export async function findCoredns(): Promise<Peer<string>> {
  return { name: 'coredns', found: await findProgram('coredns', 'AUTOGIT_COREDNS') };
}

/** Let's Encrypt's authority for tests, its name server, and Traefik that asks it for certificates. */
export interface AcmePeer {
  readonly traefik: string;
  readonly pebble: string;
  readonly challenges: string;
}

export async function findPebble(): Promise<Peer<AcmePeer>> {
  const [traefik, pebble] = await Promise.all([
    findProgram('traefik', 'AUTOGIT_TRAEFIK'),
    findProgram('pebble', 'AUTOGIT_PEBBLE'),
  ]);
  const beside = join(dirname(pebble ?? ''), 'pebble-challtestsrv');
  const challenges = (await isProgram(beside)) ? beside : await findProgram('pebble-challtestsrv');
  const found = traefik && pebble && challenges ? { traefik, pebble, challenges } : null;
  return { name: 'pebble', found };
}

/** Knot as a name server that takes updates (RFC 2136); only root may answer on port 53, where authorities ask. */
export async function findKnot(): Promise<Peer<string>> {
  const places = [...(await listPrograms('knotd')), '/usr/sbin/knotd'];
  const there = await Promise.all(places.map(isProgram));
  const program = places.find((_place, index) => there[index]) ?? null;
  return { name: 'knot', found: process.getuid?.() === 0 ? program : null };
}

/** Debian's Ruby: it evaluates GitLab's settings. */
export async function findRuby(): Promise<Peer<string>> {
  return { name: 'ruby', found: await findProgram('ruby') };
}

/** Authelia is in no registry of programs: whoever has it names it. */
export async function findAuthelia(): Promise<Peer<string>> {
  return { name: 'authelia', found: await findProgram('authelia', 'AUTOGIT_AUTHELIA') };
}

/** Debian's directory; it is installed where ordinary users do not look. */
export async function findSlapd(): Promise<Peer<string>> {
  const usual = '/usr/sbin/slapd';
  const module = await access('/usr/lib/ldap/ppolicy.so').then(
    () => true,
    () => false,
  );
  return { name: 'slapd', found: module && (await isProgram(usual)) ? usual : null };
}

/** Debian's Redis, the server and its client. */
export async function findRedis(): Promise<Peer<string>> {
  const [server, client] = [await findProgram('redis-server'), await findProgram('redis-cli')];
  return { name: 'redis', found: client === null ? null : server };
}

/** The filter before the engine's socket, wollomatic/socket-proxy: whoever has it names it. */
export async function findSocketProxy(): Promise<Peer<string>> {
  return { name: 'socket-proxy', found: await findProgram('socket-proxy', 'AUTOGIT_SOCKET_PROXY') };
}

/** Everything for a whole stack on a rootful Docker. `null` within it: a stand-in takes its place. */
export interface StackUpPeer extends StackPrograms {
  readonly compose: string;
  /** Debian's docker-registry, from which the images are pulled. */
  readonly registry: string;
}

/** Only root may give a program another resolv.conf, and Docker's address has to be the usual one. */
export async function findStackUpPeer(): Promise<Peer<StackUpPeer>> {
  const [compose, traefik, coredns, registry] = await Promise.all([
    findProgram('docker-compose', 'AUTOGIT_COMPOSE'),
    findProgram('traefik', 'AUTOGIT_TRAEFIK'),
    findProgram('coredns', 'AUTOGIT_COREDNS'),
    findProgram('docker-registry'),
  ]);
  const name = 'stack-docker';
  const isAble = process.getuid?.() === 0 && (await rootfulDockers()).length > 0;
  if (!isAble || !compose || !traefik || !coredns || !registry) return { name, found: null };
  const [socketProxy, authelia, sshd] = await Promise.all([
    findProgram('socket-proxy', 'AUTOGIT_SOCKET_PROXY'),
    findProgram('authelia', 'AUTOGIT_AUTHELIA'),
    isProgram('/usr/sbin/sshd'),
  ]);
  const ssh = sshd ? '/usr/sbin/sshd' : null;
  return { name, found: { compose, traefik, coredns, registry, socketProxy, authelia, sshd: ssh } };
}

/** The same with a real Authelia, Ruby to read GitLab's settings with, and a browser. */
export async function findLoginPeer(): Promise<Peer<StackUpPeer>> {
  const { found } = await findStackUpPeer();
  const ruby = await isProgram('/usr/bin/ruby');
  const browser = await isProgram(process.env['AUTOGIT_CHROMIUM'] ?? '/usr/bin/chromium');
  const apart = await findProgram('bwrap');
  const isAble = found !== null && found.authelia !== null && ruby && browser && apart !== null;
  return { name: 'stack-login', found: isAble ? found : null };
}

/** The same, with an engine of an ordinary user that the test starts; Docker makes the images all the same. */
export async function findRootlessStackPeer(
  kind: 'rootless Podman' | 'rootless Docker',
): Promise<Peer<StackUpPeer>> {
  const name = kind === 'rootless Podman' ? 'stack-podman' : 'stack-docker-rootless';
  const { found } = await findStackUpPeer();
  const isAble = (await whyNot(kind)) === null && (kind === 'rootless Podman' || machineAddress() !== null);
  return { name, found: isAble ? found : null };
}

async function rootfulDockers(): Promise<readonly Engine[]> {
  const engines = (await listRealEngines()).map((host) => connectEngine({ host, log: silentLog }));
  const infos = await Promise.all(engines.map((engine) => engine.info()));
  return engines.filter((_engine, index) => infos[index]?.kind === 'docker' && !infos[index].rootless);
}

/** git-lfs, which git calls. */
export async function findGitLfs(): Promise<Peer<string>> {
  return { name: 'git-lfs', found: await findProgram('git-lfs', 'AUTOGIT_GIT_LFS') };
}

/** restic, which keeps backups. */
export async function findRestic(): Promise<Peer<string>> {
  return { name: 'restic', found: await findProgram('restic', 'AUTOGIT_RESTIC') };
}

/** The same with OpenSSH's server, which has to know a folder of the machine's: as root it is given one of its own. */
export async function findResticSftp(): Promise<Peer<string>> {
  const { found } = await findRestic();
  const programs = await Promise.all(['ssh', 'ssh-keygen', 'ssh-keyscan'].map((name) => findProgram(name)));
  const isAble = programs.every((one) => one !== null) && (await isProgram('/usr/sbin/sshd'));
  return { name: 'restic-sftp', found: isAble ? found : null };
}

/** The same with an rclone that can serve S3, since 1.65; Debian's is older. */
export async function findResticS3(): Promise<Peer<{ readonly restic: string; readonly rclone: string }>> {
  const { found: restic } = await findRestic();
  const rclone = await findProgram('rclone', 'AUTOGIT_RCLONE');
  const isAble = rclone !== null && (await servesS3(rclone));
  return { name: 'restic-s3', found: restic === null || !isAble ? null : { restic, rclone } };
}

/** restic for an image on a rootful Docker, with ssh beside it as in its own image. */
export async function findResticImage(): Promise<Peer<{ readonly restic: string; readonly engine: Engine }>> {
  const { found: restic } = await findResticSftp();
  const [engine] = restic === null ? [] : await rootfulDockers();
  return { name: 'restic-image', found: restic === null || engine === undefined ? null : { restic, engine } };
}

function servesS3(rclone: string): Promise<boolean> {
  return run(rclone, ['serve', 's3', '--help']).then(
    ({ stdout }) => stdout.includes('--auth-key'),
    () => false,
  );
}

/** python-gitlab: an interpreter with the library, and the command. */
export interface PythonGitlab {
  readonly python: string;
  readonly command: string;
}

/** A version manager may put a Python without the library before the system's. */
export async function findPythonGitlab(): Promise<Peer<PythonGitlab>> {
  const command = (await findProgram('python-gitlab')) ?? (await findProgram('gitlab'));
  const pythons = await listPrograms('python3');
  const knows = await Promise.all(
    pythons.map((python) =>
      run(python, ['-c', 'import gitlab; gitlab.Gitlab']).then(
        () => true,
        () => false,
      ),
    ),
  );
  const python = pythons.find((_python, index) => knows[index]);
  const found = command === null || python === undefined ? null : { python, command };
  return { name: 'python-gitlab', found };
}

async function findProgram(name: string, variable?: string): Promise<string | null> {
  const named = variable === undefined ? undefined : process.env[variable];
  if (named) return (await isProgram(named)) ? named : null;
  return (await listPrograms(name))[0] ?? null;
}

async function listPrograms(name: string): Promise<readonly string[]> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(isAbsolute);
  const candidates = folders.map((folder) => join(folder, name));
  const present = await Promise.all(candidates.map(isProgram));
  return candidates.filter((_candidate, index) => present[index]);
}

function isProgram(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
