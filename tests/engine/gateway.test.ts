// The gateway before every real engine of this machine: what a runner in a container tries, and what becomes of it.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { signedLabels } from '../../main/apply/context.ts';
import { runnerToken, startGateway } from '../../main/apply/gateway.ts';
import { linkEngine } from '../../main/gateway/engine-link.ts';
import { engineAddress } from '../../main/model/grant.ts';
import { label } from '../../main/model/labels.ts';
import { applyBench } from '../fakes/fake-context.ts';
import { FakeGitlab } from '../fakes/fake-gitlab.ts';
import { someGrant } from '../fakes/gateway.ts';
import { countAbsentEngines } from './own-engines.ts';
import { listRealEngines, silentLog, titleOf } from './real-engines.ts';
import { provideSharedImage } from './shared-image.ts';

const patience = { timeout: 60_000, interval: 200 };
const ownRoot = '-----BEGIN CERTIFICATE-----\nb3du\n-----END CERTIFICATE-----\n';
const grant = {
  ...{ ...someGrant, trust: ownRoot, reach: [], pids: 300, shmMiB: 32, env: { PROXY: 'proxy.test:3128' } },
  platform: `linux/${process.arch === 'arm64' ? 'arm64' : 'amd64'}`,
};

/** Says what the job's container is given, as it finds that itself. */
const tell = `cat; echo
echo "shm: $(df -k /dev/shm | tail -n 1 | tr -s ' ' | cut -d ' ' -f 2)"
echo "proxy: $PROXY"
echo "memory: $(cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2> /dev/null)"
echo "pids: $(cat /sys/fs/cgroup/pids/pids.max /sys/fs/cgroup/pids.max 2> /dev/null)"
echo "processor: $(uname -m)"
cd /etc/autogit-trust
echo "public roots: $(grep -c BEGIN roots.pem)"
echo "own root: $(cat own.pem | tr '\\n' ' ')"
echo "file: $(ls -ln own.pem | cut -d ' ' -f 1,3,4)"
`;

interface Try {
  readonly method: string;
  readonly target: string;
  readonly body?: unknown;
}

/** The name that the engine test's runner gives what it makes; unique, since engines outlive test runs. */
const mark = `runner-${randomBytes(4).toString('hex')}`;

function triesWith(image: string): Readonly<Record<string, Try>> {
  const create = (HostConfig: unknown): Try => ({
    method: 'POST',
    target: `/v1.41/containers/create?name=${mark}-evil`,
    body: { Image: image, Cmd: ['true'], HostConfig },
  });
  return {
    'gateway.privileged': create({ Privileged: true }),
    'gateway.bind': create({ Binds: ['/:/host'] }),
    'gateway.namespace': create({ NetworkMode: 'host' }),
    'gateway.capability': create({ CapAdd: ['SYS_ADMIN'] }),
    'gateway.device': create({ Devices: [{ PathOnHost: '/dev/null', PathInContainer: '/dev/x' }] }),
    'gateway.security': create({ SecurityOpt: ['seccomp=unconfined'] }),
    'gateway.body': create({ OomKillDisable: true }),
    'gateway.not-offered': { method: 'POST', target: '/v1.41/containers/prune' },
    'gateway.path': { method: 'GET', target: '/v1.41/containers/%2e%2e/json' },
    'gateway.query': { method: 'GET', target: '/v1.41/info?x=1' },
  };
}

/** Runs in the runner's container: everything in `tries`, then an ordinary container with a stream in both directions. */
const script = `
const { base, tries, ordinary, name } = JSON.parse(require('fs').readFileSync('/tries.json', 'utf8'));
const http = require('http');
const url = new URL(base);
const ask = (method, target, body) => new Promise((resolve, reject) => {
  const text = body === undefined ? '' : JSON.stringify(body);
  const asked = http.request({ host: url.hostname, port: url.port, agent: false, method, path: url.pathname + target,
    headers: { 'content-length': Buffer.byteLength(text) } }, (answer) => {
    let all = '';
    answer.on('data', (part) => (all += part)).on('end', () => resolve({ status: answer.statusCode, text: all }));
  });
  asked.on('error', reject).end(text);
});
const attach = () => new Promise((resolve, reject) => {
  const asked = http.request({ host: url.hostname, port: url.port, agent: false, method: 'POST',
    path: url.pathname + '/v1.41/containers/' + name + '/attach?stream=1&stdin=1&stdout=1',
    headers: { connection: 'Upgrade', upgrade: 'tcp', 'content-length': 0 } });
  asked.on('upgrade', (answer, socket, head) => resolve(socket)).on('error', reject)
    .on('response', (answer) => reject(new Error('no stream: ' + answer.statusCode)));
  asked.end();
});
(async () => {
  for (let left = 100; left > 0; left -= 1) {
    if (await ask('GET', '/_ping').then(({ status }) => status === 200, () => false)) break;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const results = {};
  for (const [key, { method, target, body }] of Object.entries(tries)) {
    const { status, text } = await ask(method, target, body);
    results[key] = status + ' ' + (/\\((gateway\\.[a-z-]+)\\)/.exec(text) || [])[1];
  }
  results.create = (await ask('POST', '/v1.41/containers/create?name=' + name, ordinary)).status;
  const socket = await attach();
  results.start = (await ask('POST', '/v1.41/containers/' + name + '/start')).status;
  let said = '';
  socket.on('data', (part) => (said += part.toString('latin1')));
  socket.end('hello through the gateway');
  await new Promise((resolve) => socket.once('close', resolve));
  results.said = said.includes('hello through the gateway');
  results.told = said;
  results.wait = JSON.parse((await ask('POST', '/v1.41/containers/' + name + '/wait')).text).StatusCode;
  results.listed = JSON.parse((await ask('GET', '/v1.41/containers/json?all=1')).text).map((one) => one.Names[0]);
  console.log('RESULTS ' + JSON.stringify(results));
  setInterval(() => undefined, 1000);
})().catch((error) => console.log('RESULTS ' + JSON.stringify({ error: String(error) })));
`;

const inspected = z.object({
  Id: z.string(),
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  HostConfig: z.object({ Memory: z.number(), CpuQuota: z.number(), CapAdd: z.array(z.string()).nullish() }),
});

function describeGateway(title: string, host: string): void {
  describe(title, () => {
    const engine = connectEngine({ host, log: silentLog });
    const raw = linkEngine(host.slice('unix://'.length));
    const suffix = randomBytes(3).toString('hex');
    const network = `autogit-test-${suffix}`;
    const runner = `autogit-runner-test-${suffix}`;
    const bench = applyBench({ engine, gitlab: new FakeGitlab() });
    const made: string[] = [];

    const results = async (): Promise<Readonly<Record<string, unknown>>> => {
      const log = await engine.containerLog(runner, 50);
      const line = /RESULTS (\{.*\})/.exec(log)?.[1];
      return line === undefined ? {} : z.record(z.string(), z.unknown()).parse(JSON.parse(line));
    };

    beforeAll(async () => {
      // An engine that outlives test runs may have images of earlier versions beside it.
      const image = await provideSharedImage(engine);
      await engine.createNetwork(
        network,
        signedLabels(network, { node: 'n', role: 'network', pool: null, specHash: '' }, bench),
      );
      await startGateway.apply(
        {
          ...{ kind: 'start-gateway', key: 'k', target: 't', reason: 'r', node: 'n' },
          image,
          network,
          specHash: 'h',
        },
        bench,
      );
      const gateway = (
        await engine.listContainers({ [label.role]: 'gateway', [label.instance]: bench.instance })
      )[0];
      made.push(gateway?.id ?? '');
      const text = JSON.stringify(grant);
      const id = await engine.createContainer({
        ...{ name: runner, image, entrypoint: ['node'], command: ['-e', script], env: {}, network },
        labels: signedLabels(
          runner,
          { node: 'n', role: 'runner', pool: 'test', specHash: '', grant: text },
          bench,
        ),
        ...{
          aliases: [],
          publish: [],
          volumes: {},
          cpus: null,
          memoryMiB: null,
          stopSignal: 'SIGKILL',
          capabilities: [],
        },
      });
      made.push(id);
      const tries = {
        base: engineAddress(runner, runnerToken(runner, text, bench.secrets)).replace('tcp:', 'http:'),
        tries: triesWith(image),
        name: `${mark}-${suffix}`,
        ordinary: {
          ...{
            Image: image,
            Entrypoint: ['sh', '-c', tell],
            OpenStdin: true,
            StdinOnce: true,
            AttachStdin: true,
          },
          Labels: { 'com.gitlab.gitlab-runner.type': 'build' },
          AttachStdout: true,
        },
      };
      await engine.putFiles(id, [{ path: '/tries.json', content: JSON.stringify(tries), mode: 0o600 }]);
      await engine.startContainer(id);
    });
    afterAll(async () => {
      for (const id of [...made].reverse()) await engine.removeContainer(id, { force: true });
      await engine.removeNetwork(network);
    });

    it('answers each thing that is not granted with 403 and its key', async () => {
      await expect.poll(results, patience).not.toEqual({});
      const { error, ...found } = await results();
      expect(error).toBeUndefined();
      const keys = Object.keys(triesWith(''));
      expect(Object.fromEntries(keys.map((key) => [key, found[key]]))).toEqual(
        Object.fromEntries(keys.map((key) => [key, `403 ${key}`])),
      );
      const log = await engine.containerLog(made[0] ?? '', 100);
      for (const key of keys) expect(log).toContain(`"key":"${key}"`);
    });

    it('makes an ordinary container with the limits and labels of the pool, and relays its streams', async () => {
      const found = await results();
      expect(found).toMatchObject({
        create: 201,
        start: 204,
        said: true,
        wait: 0,
        listed: [`/${mark}-${suffix}`],
      });
      const { value } = await raw.ask({
        method: 'GET',
        path: `/containers/${mark}-${suffix}/json`,
        query: {},
      });
      const { Config, HostConfig } = inspected.parse(value);
      const { limits } = await engine.info();
      if (limits.memory) expect(HostConfig.Memory).toBe(256 * 1024 ** 2);
      if (limits.cpus) expect(HostConfig.CpuQuota).toBe(150_000);
      expect(Config.Labels).toMatchObject({
        [label.role]: 'job',
        [label.runner]: runner,
        [label.pool]: 'images',
      });
      expect((HostConfig.CapAdd ?? []).join(' ')).not.toMatch(/NET_RAW|SYS_ADMIN|MKNOD/);
    });

    it('gives the job what the pool grants, as the job itself finds it', async () => {
      const told = z.string().parse((await results())['told']);
      expect(told).toContain(`shm: ${32 * 1024}`);
      expect(told).toContain('proxy: proxy.test:3128');
      expect(told).toMatch(process.arch === 'arm64' ? /processor: aarch64/ : /processor: x86_64/);
      expect(told).toMatch(/public roots: \d{3}/);
      expect(told).toContain(`own root: ${ownRoot.replaceAll('\n', ' ')}`);
      expect(told).toContain('file: -r--r--r-- 0 0');
      const { limits } = await engine.info();
      if (limits.memory) expect(told).toContain(`memory: ${256 * 1024 ** 2}`);
      if (limits.memory) expect(told).toContain('pids: 300');
    });

    it('removes what the runner has made when that has gone', async () => {
      await engine.removeContainer(made.pop() ?? '', { force: true });
      const left = (): Promise<unknown> => engine.listContainers({ [label.runner]: runner });
      await expect.poll(left, patience).toEqual([]);
    });
  });
}

for (const host of await listRealEngines())
  describeGateway(`the gateway on ${await titleOf(host)} at ${host}`, host);
countAbsentEngines();
