// Executor `image` with the official runner: jobs in images of their own, made through the gateway and within its limits.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import { officialRunnerImage } from '../../main/plan/desire.ts';
import type { LabelledContainer } from '../../main/ports.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { importOfficialImage } from './official-image.ts';
import { describeWithPeer, findDockerExecutor } from './peers.ts';

const run = promisify(execFile);
const peer = await findDockerExecutor();
const patience = { timeout: 120_000, interval: 200 };
const memoryMiB = 160;
/** Its label tells this test's containers from those of other homes. */
const poolName = `images-${randomBytes(3).toString('hex')}`;
/** What runner 19.4 takes as its helper where nobody says otherwise. */
const helper = {
  name: 'registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper',
  tag: 'x86_64-v19.4.0',
};

describeWithPeer('a pool of executor image', peer, (found) => {
  let folder: string;
  let core: Core;
  let door: CoreDoor;
  let gitlab: SandboxClient;
  const made: string[] = [];

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
    if (!(await engine.hasImage(officialRunnerImage))) {
      await importOfficialImage(engine, officialRunnerImage, { binary, cacheFolder: join(folder, 'image') });
      made.push(officialRunnerImage);
    }
    if (!(await engine.hasImage(`${helper.name}:${helper.tag}`))) {
      await tagImage(engine.host, helperImage, helper);
      made.push(`${helper.name}:${helper.tag}`);
    }
    const env = { ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host };
    const pool = {
      ...{ name: poolName, executor: 'image', tags: ['docker'], image: jobImage },
      ...{ max: 2, idleTime: 4, cpus: 0.5, memoryMiB },
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
    for (const image of made) await found().engine.removeImage(image);
    await rm(folder, { recursive: true, force: true });
  });

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

  it('within the limits of the pool, as the job itself sees them', async () => {
    const project = await gitlab.push('limits', limitsFile);
    const { log, status } = await finish(project, 'limits');
    expect(status).toBe('success');
    expect(log).toMatch(new RegExp(`memory: ${memoryMiB * 1024 ** 2}\\b`));
    expect(log).toContain('cpu: 50000');
    // No raw sockets (bit 13), no administration (bits 12 and 21).
    const bits = BigInt(`0x${/CapBnd:\s*([0-9a-f]+)/.exec(log)?.[1] ?? 'f'.repeat(16)}`);
    expect(bits & ((1n << 13n) | (1n << 12n) | (1n << 21n))).toBe(0n);
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

function tagImage(
  host: string,
  image: string,
  to: { readonly name: string; readonly tag: string },
): Promise<void> {
  const query = new URLSearchParams({ repo: to.name, tag: to.tag }).toString();
  return new Promise((resolve, reject) => {
    const socketPath = host.replace('unix://', '');
    request({ socketPath, method: 'POST', path: `/images/${image}/tag?${query}` }, (answer) => {
      answer.resume().once('end', () => {
        if (answer.statusCode === 201) resolve();
        else reject(new Error(`tagging was answered with ${answer.statusCode ?? 0}`));
      });
    })
      .once('error', reject)
      .end();
  });
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

const waitFile = (seconds: number): string => `wait: { script: sleep ${seconds} }\n`;

const limitsFile = `
limits:
  script:
    - 'echo "memory: $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2> /dev/null)"'
    - 'echo "cpu: $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu.max 2> /dev/null)"'
    - grep CapBnd /proc/self/status
`;

const reachFile = (gateway: string): string => `
reach:
  script:
    - 'nc -w 2 autogit-gateway 2375 < /dev/null && echo "gateway by name: yes" || echo "gateway by name: no"'
    - 'nc -w 2 ${gateway} 2375 < /dev/null && echo "gateway by address: yes" || echo "gateway by address: no"'
    - 'test -e /run/engine.sock -o -e /var/run/docker.sock && echo "socket: yes" || echo "socket: no"'
    - 'nc -w 2 gitlab 80 < /dev/null && echo "gitlab: yes" || echo "gitlab: no"'
`;
