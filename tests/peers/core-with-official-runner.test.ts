// The official runner as AutoGit's own: a whole core on a real engine, with its sandbox, and containers of that runner.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import { importOfficialImage } from './official-image.ts';
import { describeWithPeer, findRunnerForImage } from './peers.ts';

const peer = await findRunnerForImage();
const image = `autogit-test-official-${randomBytes(4).toString('hex')}:1`;
const idSchema = z.array(z.object({ id: z.number() }));
const patience = { timeout: 120_000, interval: 200 };

describeWithPeer('a core whose pool runs the official runner', peer, (found) => {
  let folder: string;
  let core: Core;
  let door: CoreDoor;

  beforeAll(async () => {
    const { engine, binary } = found();
    folder = await mkdtemp(join(tmpdir(), 'autogit-core-'));
    await importOfficialImage(engine, image, { binary, cacheFolder: join(folder, 'image') });
    const env = { ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host };
    const pool = { name: 'official', tags: ['autogit'], image, max: 2, idleTime: 2 };
    await writeSettings(homePaths(env, { demo: false }), settingsSchema.parse({ pools: [pool] }));
    core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
    door = core.through('cli');
    await core.start();
  });
  afterAll(async () => {
    await door.call('lab.teardown', {});
    await door.call('sandbox.reset', {});
    await core.stop();
    await found().engine.removeImage(image);
    await rm(folder, { recursive: true, force: true });
  });

  it('starts runners for waiting jobs, whose jobs all succeed', async () => {
    await door.call('sandbox.start', {});
    await door.call('sandbox.seed', { jobs: 6 });
    await expect
      .poll(async () => (await door.call('job.list', {})).map(({ status }) => status), patience)
      .toEqual(Array(6).fill('success'));
    const [job] = await door.call('job.list', {});
    const log: string[] = [];
    const stop = new AbortController();
    for await (const { text } of door.stream('job.log', { id: job?.id ?? 0 }, stop.signal)) log.push(text);
    expect(log.join('')).toMatch(/Running with gitlab-runner 19\.4\./);
  });

  it('removes runners that were idle, here and at GitLab', async () => {
    await expect.poll(() => door.call('runner.list', {}), patience).toEqual([]);
    const { url, token } = await door.call('sandbox.access', {});
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(`${url ?? ''}/api/v4${path}`, { headers: { 'PRIVATE-TOKEN': token ?? '' } })).json();
    expect(await ask('/runners/all')).toHaveLength(1);
    const [entry] = idSchema.parse(await ask('/runners/all'));
    expect(await ask(`/runners/${entry?.id ?? 0}/managers`)).toEqual([]);
  });

  it('leaves nothing behind', async () => {
    await door.call('lab.teardown', {});
    await door.call('sandbox.reset', {});
    const issues = await door.call('issue.list', {});
    expect(issues.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(await door.call('lab.objects', {})).toEqual({ containers: [], networks: [], volumes: [] });
  });
});
