// Runners on a network that somebody else has made, on each kind of engine: GitLab has its public name there alone.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectEngine } from '../../main/adapters/engine/connect.ts';
import { createSandboxImage } from '../../main/adapters/host/rootfs.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import type { Engine } from '../../main/ports.ts';
import { listRealEngines, silentLog, titleOf } from './real-engines.ts';
import { createSandboxClient } from './sandbox-client.ts';

const hosts = await listRealEngines();
const titled = await Promise.all(hosts.map(async (host) => [await titleOf(host), host] as const));
const patience = { timeout: 120_000, interval: 200 };

interface Standing {
  readonly network: string;
  readonly image: string;
  /** GitLab's public name, which nobody but this network knows. */
  readonly name: string;
  /** Where it is published on this machine. */
  readonly place: string;
  readonly token: string;
  /** GitLab and the network, as when the stack is taken down. */
  takeDown(): Promise<void>;
}

async function openStanding(engine: Engine, folder: string): Promise<Standing> {
  const serial = randomBytes(4).toString('hex');
  const labels = { 'autogit.test': serial };
  const [network, image] = [`autogit-test-${serial}_inner`, `autogit-test-stack-${serial}:1`];
  const name = `gitlab.t${serial}.home.arpa`;
  const token = `glpat-${randomBytes(10).toString('hex')}`;
  const rootfs = createSandboxImage({
    cacheFolder: join(folder, 'image'),
    searchPath: process.env['PATH'] ?? '',
  });
  const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' };
  await engine.importImage(image, await rootfs.rootfs(), { env, labels });
  await engine.createNetwork(network, labels);
  const takeDown = async (): Promise<void> => {
    for (const { id } of await engine.listContainers(labels))
      await engine.removeContainer(id, { force: true });
    await engine.removeNetwork(network);
  };
  onTestFinished(async () => {
    await takeDown();
    await engine.removeImage(image);
  });
  const id = await engine.createContainer({
    ...{ name: `autogit-test-${serial}-gitlab-1`, image, labels, network, aliases: [name], publish: [80] },
    ...{ entrypoint: ['autogit-sandbox'], command: [], volumes: {}, cpus: null, memoryMiB: null },
    env: { AUTOGIT_SANDBOX_STATE: '/var/lib/sandbox', AUTOGIT_SANDBOX_ROOT_TOKEN: token },
    ...{ stopSignal: 'SIGTERM' },
    capabilities: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'NET_BIND_SERVICE', 'SETGID', 'SETUID'],
  });
  await engine.startContainer(id);
  const place = `127.0.0.1:${(await engine.inspectContainer(id))?.ports[80] ?? 0}`;
  return { network, image, name, place, token, takeDown };
}

describe.skipIf(hosts.length === 0)('a stack’s network', { timeout: 240_000 }, () => {
  it.each(titled)('has runners on it on %s, and is left as it was', async (_title, host) => {
    const engine = connectEngine({ host, log: silentLog });
    const folder = await mkdtemp(join(tmpdir(), 'autogit-standing-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const stack = await openStanding(engine, folder);
    const env = {
      ...process.env,
      AUTOGIT_HOME: join(folder, 'home'),
      DOCKER_HOST: host,
      AUTOGIT_GITLAB_TOKEN: stack.token,
    };
    const settings = settingsSchema.parse({
      gitlab: {
        ...{ kind: 'server', url: `http://${stack.name}` },
        stack: { network: stack.network, connect: stack.place },
      },
      pools: [{ name: 'own', tags: ['own'], image: stack.image, max: 1, idleTime: 2 }],
      proofs: 'off',
    });
    await writeSettings(homePaths(env, { demo: false }), settings);
    const core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
    const door = core.through('cli');
    onTestFinished(() => core.stop());
    await core.start();
    const gitlab = createSandboxClient(`http://${stack.place}`, stack.token);
    const project = await gitlab.push(
      'reach',
      'reach:\n  tags: [own]\n  script: [echo "cloned from $CI_REPOSITORY_URL"]\n',
    );
    const [job] = await gitlab.untilAll(project, 'success', 120_000);
    expect(await gitlab.trace(project, job?.id ?? 0)).toContain(`@${stack.name}/root/reach.git`);
    await door.call('lab.teardown', {});
    const own = await door.call('lab.objects', {});
    expect([own.containers, own.networks]).toEqual([[], []]);
    expect((await engine.listNetworks({})).map(({ name }) => name)).toContain(stack.network);

    await stack.takeDown();
    await door.call('lab.resume', {});
    const issues = async () => (await door.call('issue.list', {})).map(({ key }) => key);
    await expect.poll(issues, patience).toContain('runner.stack-network-missing');
  });
});
