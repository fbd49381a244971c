// Graphics cards on a real engine: the bus is made up, the device files are real, and jobs say what they see.
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { z } from 'zod';
import { cardNames, makeDeviceFiles } from './gpu/device-files.ts';
import { cardFolder } from './gpu/two-cards.ts';
import { engineHost, kill, openLab, patience } from './lab.ts';
import type { Lab } from './lab.ts';

const preload = new URL('gpu/preload.ts', import.meta.url).href;
const gpuPool = { name: 'gpu', tags: ['gpu'], max: 4, idleTime: 3, gpu: { count: 1 } };
const plainPool = { name: 'plain', tags: ['plain'], max: 2, idleTime: 3 };

/** Only root can make device files. */
const isAble = engineHost !== null && process.getuid?.() === 0;
let removeFiles = (): Promise<void> => Promise.resolve();

async function open(pools: readonly object[] = [gpuPool, plainPool]): Promise<Lab> {
  const lab = await openLab(onTestFinished, { env: { NODE_OPTIONS: `--import ${preload}` } });
  const settings = { gitlab: { kind: 'sandbox' }, proofs: 'off', pools };
  await writeFile(lab.paths.settings, stringify(settings));
  return lab;
}

const pipeline = `
card:
  parallel: 4
  tags: [gpu]
  script:
    - echo "BEGIN $(date +%s%3N) $(ls ${cardFolder} | xargs)"
    - test "$(head -c 4 ${cardFolder}/render* | wc -c)" = 4
    - sleep 2
    - echo "END $(date +%s%3N)"
plain:
  tags: [plain]
  script:
    - echo "BEGIN $(date +%s%3N) $(ls ${cardFolder} 2> /dev/null | xargs)"
    - echo "END $(date +%s%3N)"
`;

interface Seen {
  readonly cards: readonly string[];
  readonly from: number;
  readonly to: number;
}

/** What a job has printed of itself; the commands themselves stand in its log as well. */
function seenBy(trace: string): Seen {
  const [, from, list = ''] = /^BEGIN (\d+) ?(.*)$/m.exec(trace) ?? [];
  const [, to] = /^END (\d+)/m.exec(trace) ?? [];
  if (from === undefined || to === undefined) throw new Error(`the job said: ${trace}`);
  return { cards: list.trim().split(' ').filter(Boolean), from: Number(from), to: Number(to) };
}

const listed = z.array(
  z.object({ id: z.string(), state: z.string(), holders: z.array(z.object({ by: z.string() })) }),
);

async function listGpus(lab: Lab): Promise<z.infer<typeof listed>> {
  return listed.parse(await lab.json(['gpu', 'list']));
}

describe.skipIf(!isAble)('graphics cards', () => {
  beforeAll(async () => {
    removeFiles = await makeDeviceFiles();
  });
  afterAll(() => removeFiles());

  it('are seen by one job at a time, each by its own alone, and by no job of another pool', async () => {
    const lab = await open();
    await lab.serve();
    const sandbox = await lab.sandbox();
    const project = await sandbox.push('cards', pipeline);
    const jobs = await sandbox.untilAll(project, 'success', patience.timeout * 2);
    const seen = await Promise.all(
      jobs.map(async ({ id, name }) => ({ name, ...seenBy(await sandbox.trace(project, id)) })),
    );
    const withCards = seen.filter(({ name }) => name.startsWith('card'));
    expect(withCards).toHaveLength(4);
    expect(withCards.every((job) => job.cards.length === 1)).toBe(true);
    expect([...new Set(withCards.flatMap((job) => job.cards))].sort()).toEqual(cardNames);
    for (const card of cardNames) {
      const users = withCards.filter((job) => job.cards.includes(card)).sort((a, b) => a.from - b.from);
      users.forEach(({ from }, index) => expect(from).toBeGreaterThanOrEqual(users[index - 1]?.to ?? 0));
    }
    expect(seen.find(({ name }) => name === 'plain')?.cards).toEqual([]);
    await lab.until(({ runners }) => runners.length === 0);
    expect((await listGpus(lab)).map(({ state }) => state)).toEqual(['free', 'free']);
  });

  it('stay with their jobs over the death of the core, and nobody else gets them', async () => {
    const lab = await open([gpuPool]);
    const core = await lab.serve();
    const sandbox = await lab.sandbox();
    const project = await sandbox.pushHeld('held', 3);
    const running = (snapshot: { jobs: readonly { status: string }[] }): number =>
      snapshot.jobs.filter(({ status }) => status === 'running').length;
    await lab.until((now) => running(now) === 2);
    kill(core.pid);
    await core.done;
    await lab.serve();
    const now = await lab.until(
      (one) =>
        running(one) === 2 &&
        one.gpus.length === 2 &&
        one.gpus.every(({ holders }) => holders[0]?.by.startsWith('job ')),
    );
    expect(now.gpus.map(({ state }) => state)).toEqual(['in-use', 'in-use']);
    const waiting = now.jobs.find(({ status }) => status === 'pending');
    expect(await lab.json(['job', 'explain', String(waiting?.id)])).toMatchObject({ reason: 'gpu-held' });
    expect(await lab.runners()).toHaveLength(2);
    await sandbox.release(project);
    const ended = await sandbox.untilAll(project, 'success', patience.timeout * 2);
    expect(ended).toHaveLength(3);
  });
});
