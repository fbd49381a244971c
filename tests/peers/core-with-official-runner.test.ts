// The official runner as AutoGit's own: a whole core on a real engine, with its sandbox, and containers of that runner.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { importOfficialImage } from './official-image.ts';
import { describeWithPeer, findRunnerForImage } from './peers.ts';
import { ownProcess, thiefFile } from './thief.ts';

const peer = await findRunnerForImage();
const image = `autogit-test-official-${randomBytes(4).toString('hex')}:1`;
const idSchema = z.array(z.object({ id: z.number() }));
const patience = { timeout: 120_000, interval: 200 };
const limitsFile = `
limits:
  script:
    - 'echo "proxy: $PROXY"'
    - 'echo "shm: $(df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2) KiB"'
    - 'echo "pids: $(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2> /dev/null)"'
    - 'echo "folder: $(cat /given/file)"'
    - 'if touch /given/new 2> /dev/null; then echo "written"; else echo "not written"; fi'
`;

describeWithPeer('a core whose pool runs the official runner', peer, (found) => {
  let folder: string;
  let core: Core;
  let door: CoreDoor;
  let client: SandboxClient | null = null;

  beforeAll(async () => {
    const { engine, binary } = found();
    folder = await mkdtemp(join(tmpdir(), 'autogit-core-'));
    await importOfficialImage(engine, image, { binary, cacheFolder: join(folder, 'image') });
    const env = { ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host };
    const given = join(folder, 'given');
    await mkdir(given);
    await writeFile(join(given, 'file'), 'a file of the machine, read-only');
    const pool = {
      ...{ name: 'official', tags: ['autogit'], image, max: 2, idleTime: 2 },
      ...{ env: { PROXY: 'proxy.test:3128' }, shmMiB: 32, pids: 300, mounts: [`${given}:/given`] },
    };
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

  const gitlab = (): SandboxClient => {
    if (client === null) throw new Error('the sandbox has not been started');
    return client;
  };
  /** The job of that name once it has ended, and its log. */
  const finish = async (project: number, name: string): Promise<{ status: string; log: string }> => {
    const job = async () => (await gitlab().jobs(project)).findLast((one) => one.name === name);
    await expect.poll(async () => (await job())?.status, patience).toMatch(/success|failed|canceled/);
    const { id = 0, status = '' } = (await job()) ?? {};
    return { status, log: await gitlab().trace(project, id) };
  };

  it('starts runners for waiting jobs, whose jobs all succeed', async () => {
    await door.call('sandbox.start', {});
    const access = await door.call('sandbox.access', {});
    client = createSandboxClient(access.url ?? '', access.token ?? '');
    await door.call('sandbox.seed', { jobs: 20 });
    await expect
      .poll(async () => (await door.call('job.list', {})).map(({ status }) => status), patience)
      .toEqual(Array(20).fill('success'));
    const [job] = await door.call('job.list', {});
    const log: string[] = [];
    const stop = new AbortController();
    for await (const { text } of door.stream('job.log', { id: job?.id ?? 0 }, stop.signal)) log.push(text);
    expect(log.join('')).toMatch(/Running with gitlab-runner 19\.4\./);
  });

  it('gives jobs the environment, the limits and the shared memory of the pool', async () => {
    const { status, log } = await finish(await gitlab().push('limits', limitsFile), 'limits');
    expect(status).toBe('success');
    expect(log).toContain('proxy: proxy.test:3128');
    expect(log).toContain(`shm: ${32 * 1024} KiB`);
    expect(log).toContain('pids: 300');
    expect(log).toContain('folder: a file of the machine, read-only');
  });

  it('keeps one ready behind its gate, which takes the next job', async () => {
    const ready = async (): Promise<readonly string[]> =>
      (await door.call('runner.list', {})).map(({ name, state }) => `${state} ${name}`);
    await door.call('pool.set', { name: 'official', min: 1 });
    await expect.poll(ready, patience).toEqual([expect.stringMatching(/^warm /)]);
    const [first = ''] = await ready();
    const project = await gitlab().push('ready', 'ready:\n  script: [echo hello]\n');
    const { status, log } = await finish(project, 'ready');
    expect(status).toBe('success');
    expect(log).toContain(first.slice('warm '.length));
    await door.call('pool.set', { name: 'official', min: 0 });
    await expect.poll(ready, patience).toEqual([]);
  });

  it('lets no job steal the token of its runner, nor reach what is not its own', async () => {
    const listener = createServer((socket) => socket.end('the loopback of the machine'));
    await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    const { port } = z.object({ port: z.number() }).parse(listener.address());
    const thief = thiefFile({ loopbackPort: port, others: [], variables: ownProcess });
    const { status, log } = await finish(await gitlab().push('thief', thief), 'thief');
    expect(log).toContain('the thief is through');
    expect(status).toBe('success');
    expect(log).toMatch(/user: [1-9]/);
    expect(log).toContain('GitLab: reached');
    expect(log).toContain('token in the configuration: refused');
    expect(log.split('\n').filter((line) => /: GOT\r?$/.test(line))).toEqual([]);
    expect(log).not.toMatch(/glrt-[A-Za-z0-9_-]{8}/);
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
