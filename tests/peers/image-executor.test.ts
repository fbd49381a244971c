// Executor `image` with the official runner: jobs in images of their own, made through the gateway and within its limits.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import type { LabelledContainer } from '../../main/ports.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { describeWithPeer, findDockerExecutor } from './peers.ts';
import { provideRunnerImages } from './runner-images.ts';
import { thiefFile } from './thief.ts';

const run = promisify(execFile);
const peer = await findDockerExecutor();
const patience = { timeout: 120_000, interval: 200 };
const memoryMiB = 160;
/** Its label tells this test's containers from those of other homes. */
const poolName = `images-${randomBytes(3).toString('hex')}`;
/** Not the official name: a pool may name an image of its own, as where no registry is reached. */
const runnerImage = `autogit-test-runner-${randomBytes(4).toString('hex')}:19.4`;

describeWithPeer('a pool of executor image', peer, (found) => {
  let folder: string;
  let core: Core;
  let door: CoreDoor;
  let gitlab: SandboxClient;
  let images: Awaited<ReturnType<typeof provideRunnerImages>>;

  const ofPool = (role: 'runner' | 'job'): Record<string, string> => ({
    'autogit.pool': poolName,
    'autogit.role': role,
  });
  const containers = (role: 'runner' | 'job'): Promise<readonly LabelledContainer[]> =>
    found().engine.listContainers(ofPool(role));
  const ground = async (role: 'gateway' | 'sandbox'): Promise<LabelledContainer | undefined> => {
    const own = await door.call('lab.objects', {});
    const all = await found().engine.listContainers({ 'autogit.role': role });
    return all.find(({ name }) => own.containers.includes(name));
  };
  const gatewayLog = async (): Promise<string> => {
    const gateway = await ground('gateway');
    return gateway === undefined ? '' : await found().engine.containerLog(gateway.id, 500);
  };

  beforeAll(async () => {
    const { engine, binary, helperImage, jobImage } = found();
    folder = await mkdtemp(join(tmpdir(), 'autogit-image-'));
    images = await provideRunnerImages(engine, runnerImage, { binary, helperImage });
    const given = join(folder, 'given');
    await mkdir(given);
    await writeFile(join(given, 'file'), 'a file of the machine, read-only');
    const env = { ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host };
    const pool = {
      ...{ name: poolName, executor: 'image', tags: ['docker'], image: jobImage },
      ...{ runnerImage, max: 2, idleTime: 4, cpus: 0.5, memoryMiB },
      ...{ pids: 300, shmMiB: 32, env: { PROXY: 'proxy.test:3128' }, cache: 'project' },
      ...{ mounts: [`${given}:/given`], devices: ['/dev/fuse'] },
    };
    await writeSettings(homePaths(env, { demo: false }), settingsSchema.parse({ pools: [pool] }));
    core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
    door = core.through('cli');
    await core.start();
    await door.call('sandbox.start', {});
    const { url, token } = await door.call('sandbox.access', {});
    gitlab = createSandboxClient(url ?? '', token ?? '');
  });
  afterAll(async () => {
    // A runner whose job waits for ever would hold up the teardown.
    for (const { id } of await containers('runner'))
      await found().engine.removeContainer(id, { force: true });
    await door.call('lab.teardown', {});
    await door.call('sandbox.reset', {});
    await core.stop();
    await images.remove();
    await rm(folder, { recursive: true, force: true });
  });

  /** Of the containers in which scripts run now, on the networks of their jobs. */
  const jobAddresses = async (): Promise<readonly string[]> => {
    const running = (await containers('job')).filter(
      ({ state, labels }) => state === 'running' && labels['com.gitlab.gitlab-runner.type'] === 'build',
    );
    return await Promise.all(running.map(({ id }) => addressOf(id)));
  };

  /** The last job of that name, once it has ended, and its log. */
  const finish = async (project: number, name: string): Promise<{ status: string; log: string }> => {
    const job = async () => (await gitlab.jobs(project)).findLast((one) => one.name === name);
    await expect.poll(async () => (await job())?.status, patience).toMatch(/success|failed|canceled/);
    const { id = 0, status = '' } = (await job()) ?? {};
    return { status, log: await gitlab.trace(project, id) };
  };

  it('runs a job in its own image, beside its services, with cache and artifacts', async () => {
    const project = await gitlab.push('whole', wholeFile(found().jobImage));
    const build = await finish(project, 'build');
    expect(build.log).toContain('service said: hello from the service');
    expect(build).toMatchObject({ status: 'success' });
    const use = await finish(project, 'use');
    expect(use.log).toContain('made at build');
    expect(use).toMatchObject({ status: 'success' });
  });

  it('runs a pipeline of 20 jobs', { timeout: 600_000 }, async () => {
    const project = await gitlab.push('many', 'many:\n  parallel: 20\n  script: [echo done]\n');
    expect(await gitlab.untilAll(project, 'success', 580_000)).toHaveLength(20);
  });

  it('within the limits of the pool, as the job itself sees them', async () => {
    const project = await gitlab.push('limits', limitsFile);
    const { log, status } = await finish(project, 'limits');
    expect(status).toBe('success');
    expect(log).toMatch(new RegExp(`memory: ${memoryMiB * 1024 ** 2}\\b`));
    expect(log).toContain('cpu: 50000');
    expect(log).toContain('pids: 300');
    expect(log).toContain(`shm: ${32 * 1024} KiB`);
    expect(log).toContain('proxy: proxy.test:3128');
    expect(log).toContain('folder: a file of the machine, read-only');
    expect(log).toContain('folder: not written');
    expect(log).toContain('device: there');
    expect(log).toContain('processor: x86_64');
    // No raw sockets (bit 13), no administration (bits 12 and 21).
    const bits = BigInt(`0x${/CapBnd:\s*([0-9a-f]+)/.exec(log)?.[1] ?? 'f'.repeat(16)}`);
    expect(bits & ((1n << 13n) | (1n << 12n) | (1n << 21n))).toBe(0n);
  });

  it('which a proof of the pool sees from inside', async () => {
    const proof = async () => (await door.call('pool.show', { name: poolName })).status.proof;
    const before = (await proof())?.at ?? 0;
    await door.call('pool.prove', { name: poolName });
    await expect.poll(async () => (await proof())?.at ?? 0, patience).toBeGreaterThan(before);
    const { state, claims = [] } = (await proof()) ?? {};
    expect(claims.filter((claim) => claim.state === 'failed')).toEqual([]);
    expect(Object.fromEntries(claims.map((claim) => [claim.name, claim.state]))).toMatchObject({
      ...{
        job: 'held',
        cpus: 'held',
        memory: 'held',
        arch: 'held',
        gpu: 'held',
        clone: 'held',
        artifact: 'held',
      },
    });
    expect(state).toBe('proven');
  });

  it('on a network of its own: neither the gateway nor the engine can be reached from it', async () => {
    const gateway = await ground('gateway');
    const address = await addressOf(gateway?.id ?? '');
    const project = await gitlab.push('reach', reachFile(address));
    const { log, status } = await finish(project, 'reach');
    expect(status).toBe('success');
    expect(log).toContain('gateway by name: no');
    expect(log).toContain('gateway by address: no');
    expect(log).toContain('socket: no');
    expect(log).toContain('gitlab: yes');
  });

  it('lets no job reach what is not its own: token, engine, machine, another job', async () => {
    const listener = createServer((socket) => socket.end('the loopback of the machine'));
    await new Promise<void>((resolve) => void listener.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void listener.close());
    const { port } = z.object({ port: z.number() }).parse(listener.address());
    await gitlab.push('listening', listeningFile);
    await expect.poll(async () => (await jobAddresses()).length, patience).toBeGreaterThan(0);
    const others = [await addressOf((await ground('gateway'))?.id ?? ''), ...(await jobAddresses())];
    const thief = thiefFile({ loopbackPort: port, others });
    const { status, log } = await finish(await gitlab.push('thief', thief), 'thief');
    expect(log).toContain('the thief is through');
    expect(status).toBe('success');
    expect(log).toContain('GitLab: reached');
    expect(log).toMatch(/container 2 of somebody else at [\d.]+: refused/);
    expect(log.split('\n').filter((line) => /: GOT\r?$/.test(line))).toEqual([]);
  });

  it('keeps the cache of a project beyond its runner, and gives it to no other project', async () => {
    const first = await gitlab.push('cached', cacheFile('kept by the first'));
    expect((await finish(first, 'keep')).log).toContain('found: nothing');
    await expect.poll(async () => (await containers('runner')).length, patience).toBe(0);
    await gitlab.api('POST', `/projects/${first}/pipeline?ref=main`);
    await expect.poll(async () => (await gitlab.jobs(first)).length, patience).toBe(2);
    expect((await finish(first, 'keep')).log).toContain('found: kept by the first');
    const second = await gitlab.push('other-cached', cacheFile('kept by the second'));
    expect((await finish(second, 'keep')).log).toContain('found: nothing');
    const { volumes } = await door.call('lab.objects', {});
    expect(volumes.filter((name) => name.startsWith('autogit-cache-')).length).toBeGreaterThan(1);
  });

  it('refuses a runner what the pool does not grant, and says so in its log', async () => {
    await gitlab.push('held', waitFile(20));
    await expect.poll(async () => (await containers('runner')).length, patience).toBe(1);
    await expect.poll(async () => (await containers('job')).length, patience).toBeGreaterThan(0);
    const [runner] = await containers('runner');
    const id = runner?.id ?? '';
    const config = (await run('docker', ['exec', id, 'cat', '/etc/gitlab-runner/config.toml'])).stdout;
    const host = /host = "tcp:\/\/([^"]+)"/.exec(config)?.[1] ?? '';
    const ask = (from: string, method: string, target: string, body: unknown): Promise<string> =>
      tryFrom(from, `http://${host}${target}`, method, body);
    const create = '/v1.41/containers/create?name=runner-evil';
    const image = found().jobImage;
    const tries: readonly (readonly [string, string, string, unknown])[] = [
      ['gateway.privileged', 'POST', create, { Image: image, HostConfig: { Privileged: true } }],
      ['gateway.bind', 'POST', create, { Image: image, HostConfig: { Binds: ['/:/host'] } }],
      ['gateway.namespace', 'POST', create, { Image: image, HostConfig: { PidMode: 'host' } }],
      ['gateway.foreign', 'GET', `/v1.41/containers/${runner?.name ?? ''}/json`, null],
      ['gateway.foreign', 'DELETE', '/v1.41/containers/autogit-gateway?force=1', null],
      ['gateway.not-offered', 'POST', '/v1.41/build', null],
    ];
    for (const [key, method, target, body] of tries) {
      const isAbsent = target.includes('autogit-gateway');
      expect(await ask(id, method, target, body)).toContain(isAbsent ? '404' : `403 ${key}`);
    }
    // The same token from the container of somebody else is worth nothing.
    const sandbox = await ground('sandbox');
    expect(await ask(sandbox?.id ?? '', 'GET', '/v1.41/info', null)).toContain('403 gateway.unidentified');
    const log = await gatewayLog();
    for (const key of ['gateway.privileged', 'gateway.bind', 'gateway.foreign', 'gateway.unidentified']) {
      expect(log).toContain(`"event":"refused","key":"${key}"`);
    }
    expect(log).toContain('HostConfig.Binds may not be [\\"/:/host\\"]');
    expect(log).not.toContain(host.slice(-64));
  });

  it('leaves nothing of the jobs when the runners have gone', async () => {
    await expect.poll(() => door.call('runner.list', {}), patience).toEqual([]);
    await expect.poll(() => containers('job'), patience).toEqual([]);
    await expect.poll(() => found().engine.listVolumes(ofPool('job')), patience).toEqual([]);
    await expect.poll(() => found().engine.listNetworks(ofPool('job')), patience).toEqual([]);
  });

  it('also those of a runner that was killed in the middle of a job', async () => {
    await gitlab.push('killed', waitFile(100));
    await expect.poll(async () => (await containers('job')).length, patience).toBeGreaterThan(1);
    const [runner] = await containers('runner');
    await found().engine.removeContainer(runner?.id ?? '', { force: true });
    await expect
      .poll(
        async () =>
          (await containers('job')).filter(({ labels }) => labels['autogit.runner'] === runner?.name),
        patience,
      )
      .toEqual([]);
  });

  it('and no gateway after a teardown', async () => {
    await door.call('lab.teardown', {});
    await expect.poll(() => ground('gateway'), patience).toBeUndefined();
    await expect.poll(async () => (await door.call('lab.objects', {})).volumes, patience).toHaveLength(1);
    await expect.poll(() => containers('job'), patience).toEqual([]);
    await expect.poll(() => found().engine.listNetworks(ofPool('job')), patience).toEqual([]);
  });
});

/** In a container that has Node: what the gateway answers. */
async function tryFrom(container: string, url: string, method: string, body: unknown): Promise<string> {
  const script = `
    const [url, method, body] = process.argv.slice(1);
    const answer = await fetch(url, { method, ...(body === 'null' ? {} : { body }) });
    console.log(answer.status, (await answer.text()).replace(/.*\\((gateway\\.[a-z-]+)\\).*/, '$1'));`;
  const argv = [
    'exec',
    container,
    'node',
    '--input-type=module',
    '-e',
    script,
    url,
    method,
    JSON.stringify(body),
  ];
  return (await run('docker', argv)).stdout;
}

async function addressOf(container: string): Promise<string> {
  const form = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  return (await run('docker', ['inspect', '--format', form, container])).stdout.trim();
}

const wholeFile = (image: string): string => `
stages: [build, test]
build:
  stage: build
  image: ${image}
  services:
    - name: ${image}
      alias: db
      entrypoint: [sh, -c]
      command: ["while true; do echo hello from the service | nc -l -p 18987; done"]
      variables: { HEALTHCHECK_TCP_PORT: "18987" }
  cache: { key: k, paths: [kept/] }
  artifacts: { paths: [out/] }
  script:
    - for try in $(seq 50); do said=$(nc db 18987 < /dev/null) && break; sleep 0.2; done
    - 'echo "service said: $said"'
    - mkdir -p kept out && echo kept > kept/file && echo "made at build" > out/made.txt
use:
  stage: test
  cache: { key: k, paths: [kept/] }
  script: cat out/made.txt
`;

/** On the port that the thief tries. */
const listeningFile = `
listen: { script: 'for i in $(seq 60); do timeout 1 nc -l -p 2375 < /dev/null || true; done' }
`;

const cacheFile = (text: string): string => `
keep:
  cache: { key: k, paths: [kept/] }
  script:
    - 'echo "found: $(cat kept/file 2> /dev/null || echo nothing)"'
    - mkdir -p kept && echo "${text}" > kept/file
`;

const waitFile = (seconds: number): string => `wait: { script: sleep ${seconds} }\n`;

const limitsFile = `
limits:
  script:
    - 'echo "memory: $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2> /dev/null)"'
    - 'echo "cpu: $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2> /dev/null)"'
    - grep CapBnd /proc/self/status
    - 'echo "pids: $(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2> /dev/null)"'
    - 'echo "shm: $(df -k /dev/shm | tail -n 1 | tr -s " " | cut -d " " -f 2) KiB"'
    - 'echo "proxy: $PROXY"'
    - 'echo "folder: $(cat /given/file)"'
    - 'if touch /given/new 2> /dev/null; then echo "folder: written"; else echo "folder: not written"; fi'
    - 'if test -c /dev/fuse; then echo "device: there"; fi'
    - 'echo "processor: $(uname -m)"'
`;

const reachFile = (gateway: string): string => `
reach:
  script:
    - 'nc -w 2 autogit-gateway 2375 < /dev/null && echo "gateway by name: yes" || echo "gateway by name: no"'
    - 'nc -w 2 ${gateway} 2375 < /dev/null && echo "gateway by address: yes" || echo "gateway by address: no"'
    - 'test -e /run/engine.sock -o -e /var/run/docker.sock && echo "socket: yes" || echo "socket: no"'
    - 'nc -w 2 gitlab 80 < /dev/null && echo "gitlab: yes" || echo "gitlab: no"'
`;
