// A registry of the test's own on the loopback, with images of real programs of this machine under the stack's names.
import { execFile, spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { waitFor } from '../chaos/wait-for.ts';
import { openStallingLine } from './stalling-line.ts';
import type { StallingLine } from './stalling-line.ts';

const run = promisify(execFile);

/** What an image is made of: files of this machine or of the test by their path in the image, and lines of a Dockerfile. */
export interface ImageContents {
  /** Image to begin with; missing: an empty one. */
  readonly from?: string;
  /** Path in the image to path on this machine. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Path in the image to text; executable. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly lines: readonly string[];
}

export interface TestRegistry {
  /** `127.0.0.1:40123` */
  readonly address: string;
  /** Makes an image, pushes it, removes it from the engine: its reference by content, to be pulled from here. */
  provide(name: string, tag: string, contents: ImageContents): Promise<string>;
  /** The line to it. */
  readonly line: Pick<StallingLine, 'stallAfter' | 'flow'>;
  /** Ends it and removes every image that was provided from the engine. */
  close(): Promise<void>;
}

/** `program`: docker-registry, of Debian. Images are built by the engine that `docker` speaks to. */
export async function startRegistry(program: string): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-registry-'));
  const behind = await freePort();
  const line = await openStallingLine(behind);
  const address = `127.0.0.1:${line.port}`;
  const config = join(folder, 'config.yml');
  const lines = ['version: 0.1', 'log: { level: error, accesslog: { disabled: true } }'];
  lines.push(`storage: { filesystem: { rootdirectory: ${JSON.stringify(join(folder, 'store'))} } }`);
  await writeFile(
    config,
    [...lines, `http: { addr: ${JSON.stringify(`127.0.0.1:${behind}`)} }`, ''].join('\n'),
  );
  const server = spawn(program, ['serve', config], { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  await waitFor(
    async () => {
      if (!(await answers(address))) throw new Error('the registry does not answer yet');
    },
    { timeout: 20_000, interval: 50 },
  );
  const provided: string[] = [];
  return {
    ...{ address, line },
    provide: async (name, tag, contents) => {
      const reference = `${address}/${name}:${tag}`;
      await build(reference, contents);
      const { stdout } = await run('docker', ['push', reference], { maxBuffer: 1e7 });
      await run('docker', ['rmi', '--force', reference]);
      const digest = /digest: (sha256:[0-9a-f]{64})/.exec(stdout)?.[1];
      if (digest === undefined) throw new Error(`The registry has not told the digest of ${reference}`);
      provided.push(`${reference}@${digest}`);
      return `${reference}@${digest}`;
    },
    close: async () => {
      for (const reference of provided) await run('docker', ['rmi', '--force', reference]).catch(() => null);
      await line.close();
      server.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function build(
  reference: string,
  { from, copies = {}, texts = {}, lines }: ImageContents,
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'autogit-image-'));
  try {
    const root = join(folder, 'root');
    await mkdir(root);
    for (const [path, source] of Object.entries(copies)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await copyFile(source, join(root, path));
    }
    for (const [path, text] of Object.entries(texts)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text, { mode: 0o755 });
    }
    const dockerfile = [`FROM ${from ?? 'scratch'}`, 'COPY root/ /', ...lines, ''].join('\n');
    await writeFile(join(folder, 'Dockerfile'), dockerfile);
    await run('docker', ['build', '--quiet', '--tag', reference, folder], {
      env: { ...process.env, DOCKER_BUILDKIT: '0' },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function answers(address: string): Promise<boolean> {
  try {
    return (await fetch(`http://${address}/v2/`)).ok;
  } catch {
    return false;
  }
}

/** A port of the loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}
