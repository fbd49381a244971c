// Executor `image` with the official runner and graphics cards: the bus is made up, the device files are real, and the
// containers of the jobs say what they see.
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { CoreDoor } from '../../main/contract/contract.ts';
import { createCore, homePaths, writeSettings } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { settingsSchema } from '../../main/model/settings.ts';
import { cardNames, makeDeviceFiles } from '../engine/gpu/device-files.ts';
import { cardFolder } from '../engine/gpu/two-cards.ts';
import { createSandboxClient } from '../engine/sandbox-client.ts';
import type { SandboxClient } from '../engine/sandbox-client.ts';
import { describeWithPeer, findDockerExecutor } from './peers.ts';
import { provideRunnerImages } from './runner-images.ts';

vi.mock('../../main/adapters/host/probe.ts', () => import('../engine/gpu/two-cards.ts'));

const peer = await findDockerExecutor();
const patienceMs = 180_000;
const suffix = randomBytes(3).toString('hex');
const pools = { gpu: `gpu-${suffix}`, plain: `plain-${suffix}` };
const runnerImage = `autogit-test-runner-${randomBytes(4).toString('hex')}:19.4`;

const pipeline = `
variables:
  NVIDIA_VISIBLE_DEVICES: all
card:
  parallel: 3
  tags: [gpu]
  script:
    - echo "SEES $(ls ${cardFolder} | xargs)"
    - test "$(head -c 4 ${cardFolder}/render* | wc -c)" = 4
    - sleep 3
plain:
  tags: [plain]
  script:
    - echo "SEES $(ls ${cardFolder} 2> /dev/null | xargs)"
    - echo "NVIDIA $(tr '\\0' '\\n' < /proc/1/environ | grep ^NVIDIA_VISIBLE_DEVICES= | xargs)"
`;

describeWithPeer('graphics cards with executor image', peer, (found) => {
  let folder: string;
  let core: Core;
  let door: CoreDoor;
  let gitlab: SandboxClient;
  let images: Awaited<ReturnType<typeof provideRunnerImages>>;
  let removeFiles = (): Promise<void> => Promise.resolve();

  beforeAll(async () => {
    const { engine, binary, helperImage, jobImage } = found();
    removeFiles = await makeDeviceFiles();
    folder = await mkdtemp(join(tmpdir(), 'autogit-image-'));
    images = await provideRunnerImages(engine, runnerImage, { binary, helperImage });
    const env = { ...process.env, AUTOGIT_HOME: join(folder, 'home'), DOCKER_HOST: engine.host };
    const common = { executor: 'image', image: jobImage, runnerImage, max: 3, idleTime: 3 };
    const settings = settingsSchema.parse({
      proofs: 'off',
      pools: [
        { ...common, name: pools.gpu, tags: ['gpu'], gpu: { count: 1 } },
        { ...common, name: pools.plain, tags: ['plain'] },
      ],
    });
    await writeSettings(homePaths(env, { demo: false }), settings);
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
    await images.remove();
    await rm(folder, { recursive: true, force: true });
    await removeFiles();
  });

  it('are in the container of the job that has them, one in each, and in no other', async () => {
    const project = await gitlab.push('cards', pipeline);
    const most = new Map<string, number>();
    const watching = new AbortController();
    const watch = watchLabels(watching.signal, most);
    const jobs = await gitlab.untilAll(project, 'success', patienceMs);
    watching.abort();
    await watch;
    const logs = await Promise.all(
      jobs.map(async ({ id, name }) => ({ name, log: await gitlab.trace(project, id) })),
    );
    // The command itself stands in the log as well, and lines may begin with their time.
    const seen = (log: string): string =>
      /SEES ?((?:renderD\d+ ?)*)\r?$/m.exec(log)?.[1]?.trim() ?? `not said: ${log}`;
    const withCards = logs.filter(({ name }) => name.startsWith('card')).map(({ log }) => seen(log));
    expect(withCards.filter((one) => !cardNames.includes(one))).toEqual([]);
    expect([...new Set(withCards)].sort()).toEqual(cardNames);
    const plain = logs.find(({ name }) => name === 'plain')?.log ?? '';
    expect(seen(plain)).toBe('');
    // The job's own variable is in its script's environment; what the engine's runtime reads is not the job's to say.
    expect(plain).toContain('NVIDIA NVIDIA_VISIBLE_DEVICES=void');
    // Each card was in containers of one runner at a time, and those say so.
    expect([...most.keys()].sort()).toHaveLength(cardNames.length);
    expect([...most.values()].every((count) => count === 1)).toBe(true);
  });

  /** For each label of cards, the most runners whose jobs' containers carried it at a time. */
  async function watchLabels(signal: AbortSignal, most: Map<string, number>): Promise<void> {
    while (!signal.aborted) {
      const all = await found().engine.listContainers({ 'autogit.role': 'job', 'autogit.pool': pools.gpu });
      const running = all.filter(({ state, labels }) => state === 'running' && labels['autogit.gpu']);
      const byCard = Map.groupBy(running, ({ labels }) => labels['autogit.gpu'] ?? '');
      for (const [card, users] of byCard) {
        const runners = new Set(users.map(({ labels }) => labels['autogit.runner']));
        most.set(card, Math.max(most.get(card) ?? 0, runners.size));
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});
