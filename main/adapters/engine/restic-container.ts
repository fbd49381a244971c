// Runs restic in a container, where no program of it is installed: its folders bound at their own paths, gone when it ends.
import { randomBytes } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { LookForImage, ResticCall, ResticEnd, RunRestic } from '../../backup-ports.ts';
import { messageOf } from '../../errors.ts';
import type { EngineInfo } from '../../model/engine.ts';
import { parseAnswer } from './answers.ts';
import type { EngineOptions } from './connect.ts';
import { containerCalls } from './containers.ts';
import { createFrames } from './frames.ts';
import { imageCalls } from './images.ts';
import { createInfoSource } from './info.ts';
import { createTransport } from './transport.ts';
import type { Transport } from './transport.ts';

/**
 * restic 0.18.1 for amd64, arm64, arm and 386; the digest is that of its list of platforms. It has ssh, and no rclone.
 * https://github.com/restic/restic/blob/v0.18.1/docker/Dockerfile
 */
export const resticImage =
  'docker.io/restic/restic:0.18.1@sha256:39d9072fb5651c80d75c7a811612eb60b4c06b32ffe87c2e9f3c7222e1797e76';

export interface ResticContainerOptions {
  /** The engine that is used now; `null`: there is none. */
  readonly engine: () => Promise<EngineOptions | null>;
  /** In place of the pinned image; `null`: the pinned one. */
  readonly image: () => string | null;
  /** The home, by which what a killed core has left is known. */
  readonly home: string;
}

/** What restic has to remove its locks after it was asked to end, before it is killed. Milliseconds. */
const graceMs = 20_000;
/** For the engine to tell how a container has ended whose output has. Milliseconds. */
const endMs = 60_000;

const homeLabel = 'autogit.restic.home';

/** Containers of an earlier core end at the first call. Needs an engine that sees this machine's folders. */
export function createResticContainer(options: ResticContainerOptions): RunRestic {
  const cleaned = new Set<string>();
  return async (call) => {
    if (call.signal.aborted) return { outcome: 'cancelled' };
    try {
      const found = await options.engine();
      if (found === null) return { outcome: 'missing', why: 'there is no container engine' };
      const ground = openGround(found);
      const info = await ground.source.known();
      if (!info.isHere) return { outcome: 'missing', why: foreignEngine };
      if (!cleaned.has(found.host)) await removeLeftovers(ground, options.home);
      cleaned.add(found.host);
      return await runIn(ground, { call, info, home: options.home, image: options.image() ?? resticImage });
    } catch (error) {
      return whyMissing(error, call);
    }
  };
}

/** Whether a call would find the image on the engine, or would have to fetch it. */
export function createLookForImage(options: Pick<ResticContainerOptions, 'engine' | 'image'>): LookForImage {
  return async () => {
    try {
      const found = await options.engine();
      if (found === null) return { state: 'none', why: 'there is no container engine' };
      const { source, images } = openGround(found);
      if (!(await source.known()).isHere) return { state: 'none', why: foreignEngine };
      return { state: (await images.hasImage(options.image() ?? resticImage)) ? 'here' : 'elsewhere' };
    } catch (error) {
      return { state: 'none', why: messageOf(error) };
    }
  };
}

const foreignEngine = 'the container engine is on another machine, and does not see these folders';

/** The engine cannot be asked, has no such image, or cannot get it. */
function whyMissing(error: unknown, { signal }: ResticCall): ResticEnd {
  return signal.aborted ? { outcome: 'cancelled' } : { outcome: 'missing', why: messageOf(error) };
}

interface Ground {
  readonly transport: Transport;
  readonly source: ReturnType<typeof createInfoSource>;
  readonly containers: ReturnType<typeof containerCalls>;
  readonly images: ReturnType<typeof imageCalls>;
}

function openGround({ host, log, endpoint }: EngineOptions): Ground {
  const transport = createTransport(host, log.topic('engine'), endpoint);
  const source = createInfoSource(transport);
  return { transport, source, containers: containerCalls(transport, source), images: imageCalls(transport) };
}

/** They are asked to end first: a lock that they hold is theirs to remove. */
async function removeLeftovers({ containers }: Ground, home: string): Promise<void> {
  for (const { id } of await containers.listContainers({ [homeLabel]: home })) {
    await containers.signalContainer(id, 'SIGINT');
    await containers.stopContainer(id, graceMs / 1_000);
    await containers.removeContainer(id, { force: true });
  }
}

interface Turn {
  readonly call: ResticCall;
  readonly info: EngineInfo;
  readonly home: string;
  readonly image: string;
}

const created = z.object({ Id: z.string() });
const waited = z.object({ StatusCode: z.int() });

async function runIn(ground: Ground, turn: Turn): Promise<ResticEnd> {
  const { transport, containers, images } = ground;
  const { call, image } = turn;
  if (!(await images.hasImage(image))) await images.pullImage(image, () => undefined);
  call.signal.throwIfAborted();
  const purpose = 'create a container of restic';
  const query = { name: `autogit-restic-${randomBytes(6).toString('hex')}` };
  const request = { purpose, method: 'POST', path: '/containers/create', query, json: bodyOf(turn) } as const;
  const { Id: id } = parseAnswer(created, await transport.ask(request), purpose);
  try {
    await containers.putFiles(id, [
      { path: '/etc/passwd', mode: 0o644, content: peopleOf(userOf(turn.info)) },
    ]);
    return await follow(ground, id, call);
  } finally {
    await containers.removeContainer(id, { force: true });
  }
}

async function follow({ transport, containers }: Ground, id: string, call: ResticCall): Promise<ResticEnd> {
  const path = `/containers/${encodeURIComponent(id)}`;
  const purpose = 'follow a container of restic';
  const query = { stream: 'true', stdout: 'true', stderr: 'true' };
  const over = new AbortController();
  const output = await transport.open(
    { purpose, method: 'POST', path: `${path}/attach`, query },
    over.signal,
  );
  const cancel = (): void => void end(containers, id).catch(() => over.abort());
  call.signal.addEventListener('abort', cancel, { once: true });
  try {
    await containers.startContainer(id);
    if (call.signal.aborted) cancel();
    const frames = createFrames();
    const parts: AsyncIterable<Buffer> = output;
    for await (const part of parts)
      for (const frame of frames.add(part)) await call.onOutput(frame.content, frame.from);
    const wait = { purpose, method: 'POST', path: `${path}/wait` } as const;
    const answer = await transport.ask(wait, { deadline: endMs });
    const { StatusCode: code } = parseAnswer(waited, answer, purpose);
    return call.signal.aborted ? { outcome: 'cancelled' } : { outcome: 'ended', code };
  } catch (error) {
    if (call.signal.aborted) return { outcome: 'cancelled' };
    return { outcome: 'failed', why: messageOf(error) };
  } finally {
    call.signal.removeEventListener('abort', cancel);
    over.abort();
  }
}

/** Its output ends with it, which ends the call. */
async function end(containers: Ground['containers'], id: string): Promise<void> {
  await containers.signalContainer(id, 'SIGINT');
  await delay(graceMs, undefined, { ref: false });
  await containers.signalContainer(id, 'SIGKILL');
}

interface User {
  readonly uid: number;
  readonly gid: number;
}

/** In an engine without root, its root is this user; elsewhere files belong to whom they would belong without a container. */
function userOf({ rootless }: EngineInfo): User {
  const { uid, gid } = userInfo();
  return rootless || uid < 0 ? { uid: 0, gid: 0 } : { uid, gid };
}

/** ssh wants to know the user by name. */
function peopleOf({ uid, gid }: User): string {
  const root = 'root:x:0:0:root:/tmp:/bin/sh\n';
  return uid === 0 ? root : `${root}autogit:x:${uid}:${gid}::/tmp:/bin/sh\n`;
}

/** Of 1024 shares of processor, the part that a program of this niceness gets beside others: each step is a quarter. */
function sharesOf(nice: number): number {
  return Math.max(2, Math.round(1_024 / 1.25 ** nice));
}

/**
 * On Linux it is the machine's own process to restic: same network, and same name and numbers of processes, by which restic
 * knows that a lock's owner is gone.
 */
function bodyOf({ call, info, home, image }: Turn): object {
  const { uid, gid } = userOf(info);
  const isNative = process.platform === 'linux';
  const environment = { HOME: '/tmp', TZ: 'UTC', LC_ALL: 'C', ...call.environment };
  return {
    Image: image,
    Entrypoint: ['restic'],
    Cmd: call.args,
    Env: Object.entries(environment).map(([name, value]) => `${name}=${value}`),
    ...(call.folder === null ? {} : { WorkingDir: call.folder }),
    User: `${uid}:${gid}`,
    Labels: { [homeLabel]: home },
    ...{ AttachStdout: true, AttachStderr: true, Tty: false },
    ...(isNative ? { Hostname: hostname() } : {}),
    HostConfig: {
      Mounts: mountsOf(call.folders),
      ...(isNative ? { NetworkMode: 'host', PidMode: 'host' } : {}),
      ...(info.rootless || call.nice === 0 ? {} : { CpuShares: sharesOf(call.nice) }),
      CapDrop: ['ALL'],
      // As root it reads and restores files of whoever they are.
      ...(uid === 0 ? { CapAdd: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] } : {}),
      SecurityOpt: ['no-new-privileges', 'label=disable'],
      // What it prints is followed, and need not be kept.
      LogConfig: { Type: 'none' },
    },
  };
}

/** One folder may be named twice, and can be bound once. */
function mountsOf(folders: ResticCall['folders']): readonly object[] {
  const paths = new Map<string, boolean>();
  for (const { path, isWritable } of folders) paths.set(path, isWritable || (paths.get(path) ?? false));
  return [...paths].map(([path, isWritable]) => ({
    ...{ Type: 'bind', Source: path, Target: path, ReadOnly: !isWritable },
  }));
}
