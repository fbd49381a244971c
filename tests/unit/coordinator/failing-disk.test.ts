// A pass that cannot be made must not end the core: the disk may come back.
import { afterEach, expect, it } from 'vitest';
import { AutoGitError } from '../../../main/errors.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

let world: World;
let lab: OpenLab;
afterEach(async () => {
  await closeLab(world, lab);
  world.store.close();
});

it('a database that cannot be read is an issue, and the loop goes on when it can be read again', async () => {
  world = createWorld({});
  lab = await openLab(world);
  await lab.until('the pools are ready', ({ pools }) => pools.every(({ ready }) => ready));
  const read = world.store.liveRunners.bind(world.store);
  Object.assign(world.store, {
    liveRunners: () => {
      throw new AutoGitError({ key: 'store.disk-error', message: 'The disk fails.', next: 'Check it.' });
    },
  });
  const job = world.gitlab.addJob();
  await lab.until('the issue is stated', ({ issues }) => issues[0]?.key === 'store.disk-error', 60_000);
  Object.assign(world.store, { liveRunners: read });
  await lab.until('the job has run', () => world.gitlab.statusOf(job) === 'success', 120_000);
  expect(lab.snapshot().issues).toEqual([]);
});
