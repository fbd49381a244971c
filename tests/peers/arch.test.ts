// Jobs for other processors with the official runner: real foreign programs in real containers, by real emulators.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import {
  foreign,
  foreignBusyboxes,
  machineOf,
  openEmulators,
  whyNoEmulators,
} from '../fixtures/emulators.ts';
import type { Emulators, Foreign } from '../fixtures/emulators.ts';
import { loadForeignImage } from '../fixtures/foreign-image.ts';
import { describeWithPeer, findDockerExecutor } from './peers.ts';
import { provideRunnerImages } from './runner-images.ts';

const peer = await findDockerExecutor();
const patience = { timeout: 180_000, interval: 300 };
const tag = randomBytes(3).toString('hex');
const runnerImage = `autogit-test-runner-${tag}:19.4`;
const imageOf = (architecture: Foreign): string => `autogit-test-foreign-${tag}:${architecture}`;
const folder = await mkdtemp(join(tmpdir(), 'autogit-arch-'));

/** Debian's foreign programs; `null` where something is missing that these tests need. */
async function findPrograms(): Promise<Readonly<Record<Foreign, string>> | null> {
  const isAble = peer.found !== null && (await whyNoEmulators()) === null;
  return isAble ? foreignBusyboxes(folder) : null;
}

const programs = await findPrograms();
// Where all of a file is skipped, nothing of it runs afterwards either.
if (programs === null) await rm(folder, { recursive: true, force: true });
const able = { name: 'emulators', found: programs === null ? null : peer.found } as const;

afterAll(() => rm(folder, { recursive: true, force: true }));

describeWithPeer('jobs for other processors', able, (found) => {
  let core: Core;
  let door: CoreDoor;
  let gitlab: SandboxClient;
  let kernel: Emulators;
  let images: Awaited<ReturnType<typeof provideRunnerImages>>;

  beforeAll(async () => {
    const { engine, binary, helperImage, jobImage } = found();
    kernel = await openEmulators();
    for (const architecture of foreign) await kernel.register(architecture);
    for (const architecture of foreign) {
      const busybox = programs?.[architecture] ?? '';
      await loadForeignImage(engine.host, imageOf(architecture), { architecture, busybox });
    }
    images = await provideRunnerImages(engine, runnerImage, { binary, helperImage });
    const env = { ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host };
    const common = { executor: 'image', runnerImage, max: 1, idleTime: 4, cpus: 1, memoryMiB: 512 } as const;
    const pools = [
      { ...common, name: `own-${tag}`, tags: ['own'], image: jobImage },
      ...foreign.map((arch) => ({
        ...{
          ...common,
          name: `${arch}-${tag}`,
          tags: [arch],
          runUntagged: false,
          arch,
          image: imageOf(arch),
        },
      })),
    ];
    await writeSettings(homePaths(env, { demo: false }), settingsSchema.parse({ pools }));
    core = await createCore({ env, home: 'default', act: true, terminalLogLevel: 'error' });
    door = core.through('cli');
    await core.start();
    await door.call('sandbox.start', {});
    const { url, token } = await door.call('sandbox.access', {});
    gitlab = createSandboxClient(url ?? '', token ?? '');
  });

  afterAll(async () => {
    await door.call('lab.teardown', {});
    await door.call('sandbox.reset', {});
    await core.stop();
    for (const architecture of foreign) await found().engine.removeImage(imageOf(architecture));
    await images.remove();
    await kernel.restore();
  });

  const jobOf = async (project: number, name: string) =>
    (await gitlab.jobs(project)).findLast((one) => one.name === name);
  const statusOf = async (project: number, name: string) => (await jobOf(project, name))?.status;

  it.each(foreign)('one with the tag %s runs there and says so', async (architecture) => {
    const file = `say:\n  tags: [${architecture}]\n  script: ['echo "it runs on $(uname -m)"']\n`;
    const project = await gitlab.push(`says-${architecture}`, file);
    await expect.poll(() => statusOf(project, 'say'), patience).toMatch(/success|failed/);
    const { id = 0, status } = (await jobOf(project, 'say')) ?? {};
    const log = await gitlab.trace(project, id);
    expect(log).toContain(`it runs on ${machineOf(architecture)}`);
    expect(status).toBe('success');
    const row = (await door.call('arch.list', {})).find((one) => one.architecture === architecture);
    expect(row).toMatchObject({ state: 'qemu', usable: true, probe: { machine: machineOf(architecture) } });
    const pool = (await door.call('pool.list', {})).find(({ arch }) => arch === architecture);
    expect(pool?.emulated).toContain('Emulated');
  });

  it('one waits without its emulator and is told why, while the machine’s own goes on', async () => {
    await kernel.unregister('riscv64');
    const usable = async (): Promise<boolean | undefined> =>
      (await door.call('arch.list', {})).find(({ architecture }) => architecture === 'riscv64')?.usable;
    await expect.poll(usable, patience).toBe(false);
    const script = "script: ['uname -m']";
    const file = `own: { tags: [own], ${script} }\nother: { tags: [riscv64], ${script} }\n`;
    const project = await gitlab.push('both', file);
    await expect.poll(() => statusOf(project, 'own'), patience).toBe('success');
    const { id = 0, status } = (await jobOf(project, 'other')) ?? {};
    expect(status).toBe('pending');
    const explanation = await door.call('job.explain', { id });
    expect(explanation).toMatchObject({ reason: 'arch-unavailable' });
    expect(explanation.sentence).toContain('riscv64');
    await kernel.register('riscv64');
    await expect.poll(() => statusOf(project, 'other'), patience).toBe('success');
  });
});
