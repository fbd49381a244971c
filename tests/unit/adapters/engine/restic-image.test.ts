// Whether the image of restic could be run now: looked at, never fetched. The engine is a server of the test.
import { createServer } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLookForImage } from '../../../../main/adapters/engine/restic-container.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const version = { Version: '27.0.0', ApiVersion: '1.46', Arch: 'amd64', Components: [{ Name: 'Engine' }] };
const info = {
  ...{ Driver: 'overlay2', DockerRootDir: '/var/lib/docker', Name: hostname(), NCPU: 2, MemTotal: 8e9 },
  ...{ MemoryLimit: true, CpuCfsPeriod: true, CpuCfsQuota: true, CgroupDriver: 'cgroupfs' },
  ...{ CgroupVersion: '2', SecurityOptions: [] },
};

let folder: string;
let asked: string[];
let present: readonly string[];
let host: string;
const server = createServer((request, response) => {
  const url = decodeURIComponent(request.url ?? '');
  asked.push(`${request.method ?? ''} ${url}`);
  const isMissing = url.includes('/images/') && !present.some((image) => url.includes(image));
  response.writeHead(isMissing ? 404 : 200, { 'content-type': 'application/json' });
  response.end(
    JSON.stringify(url.includes('/version') ? version : url.includes('/info') ? info : { message: 'x' }),
  );
});
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-image-'));
  [asked, present] = [[], []];
  const socket = path.join(folder, 's');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  host = `unix://${socket}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const look = (image: string | null = null) =>
  createLookForImage({
    engine: () => Promise.resolve({ host, log: silentLog }),
    image: () => image,
  })();

it('is here or elsewhere, as the engine tells, and nothing is fetched for it', async () => {
  expect(await look()).toEqual({ state: 'elsewhere' });
  present = ['restic/restic:0.18.1'];
  expect(await look()).toEqual({ state: 'here' });
  expect(await look('own/restic:1')).toEqual({ state: 'elsewhere' });
  expect(asked.filter((line) => !line.startsWith('GET '))).toEqual([]);
});

it('is nowhere without an engine, and why', async () => {
  const none = createLookForImage({ engine: () => Promise.resolve(null), image: () => null });
  expect(await none()).toEqual({ state: 'none', why: 'there is no container engine' });
  host = `unix://${folder}/none`;
  expect(await look()).toMatchObject({ state: 'none' });
});
