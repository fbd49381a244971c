// Whether the core's own memory grows with the number of jobs that it has seen.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import { createLab } from '../../../main/coordinator/lab.ts';
import type { Lab } from '../../../main/coordinator/lab.ts';
import { openSettingsAccess } from '../../../main/coordinator/settings-access.ts';
import { createWorld, sandboxImage } from '../../fakes/fake-lab.ts';
import type { World } from '../../fakes/fake-lab.ts';
import { fakeProbe } from '../../fakes/hardware.ts';
import { silentLog } from '../../fakes/silent-log.ts';
import { median } from '../frame.ts';
import type { Measure } from '../frame.ts';

/** Jobs that wait at a time. */
const batch = 50;
/** Batches before the first look: what the core keeps on purpose, such as the newest finished jobs, is there by then. */
const batchesToFill = 10;
/** Between two looks. */
const batchesPerRound = 20;
const patienceMs = 3_600_000;

const collector = z.custom<() => void>((value) => typeof value === 'function');

/** Bytes in use after everything that can go has gone. */
function usedBytes(): number {
  setFlagsFromString('--expose-gc');
  collector.parse(runInNewContext('gc'))();
  return process.memoryUsage().heapUsed;
}

async function startLab(world: World): Promise<Lab> {
  const { clock, store, secrets, host, engines, gitlab, settings, stack } = world;
  const lab = createLab({
    ...{ clock, store, secrets, host, engines, stack, sandboxImage, log: silentLog, act: true },
    probe: fakeProbe({}),
    connectGitlab: () => gitlab,
    settings: await openSettingsAccess(settings),
    ...{ home: '/home/somebody/autogit', pid: 1 },
  });
  const starting = lab.start();
  await clock.advance(5_000);
  await starting;
  return lab;
}

/** Runs a batch of jobs to their end and lets the fakes forget them. */
async function runBatch({ clock, gitlab, taken }: World): Promise<void> {
  const first = gitlab.addJob();
  const projectId = gitlab.jobView(first)?.projectId ?? 0;
  const jobs = [first, ...Array.from({ length: batch - 1 }, () => gitlab.addJob({ projectId }))];
  const ended = await clock.until(() => jobs.every((id) => gitlab.statusOf(id) === 'success'), patienceMs);
  if (!ended) throw new Error('the jobs of a batch did not end');
  // The core reads once more how they have ended.
  await clock.advance(10_000);
  gitlab.removeProject(projectId);
  gitlab.calls.length = 0;
  gitlab.forgotten.length = 0;
  taken.length = 0;
}

export const growth: Measure = {
  name: 'growth',
  about: 'growth of the core over many jobs',
  needsEngine: false,
  run: async ({ rounds }) => {
    const world = createWorld({ pools: [{ name: 'default', tags: ['docker'], max: 10 }], jobMs: 1_000 });
    const lab = await startLab(world);
    for (let index = 0; index < batchesToFill; index += 1) await runBatch(world);
    const values: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = usedBytes();
      for (let index = 0; index < batchesPerRound; index += 1) await runBatch(world);
      values.push((usedBytes() - before) / 1_024 / (batchesPerRound * batch));
    }
    const stopping = lab.stop();
    await world.clock.advance(1_000);
    await stopping;
    return {
      samples: [{ what: 'heap that a finished job leaves behind', unit: 'KB per job', values }],
      budgets: [],
      notes: [
        `${batchesPerRound * batch} jobs in each round, on a fake clock, engine and GitLab; the database, which keeps jobs for 30 days, is not counted. Median ${median(values).toFixed(2)} KB.`,
      ],
    };
  },
};
