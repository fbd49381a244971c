// Where Compose finds the engine: in a core that observes one, and in one that was only asked something.
import { expect, it } from 'vitest';
import type { StackLookContext } from '../../../../main/coordinator/stack/look-parts.ts';
import { createStackEngine } from '../../../../main/coordinator/stack/stack-engine.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';

const host = 'unix:///var/run/docker.sock';

it('is the one in use', async () => {
  const world = createWorld();
  const lab = await openLab(world, { engine: world.makeEngine({ host }) });
  const requests = lab.lab.requests('cli');
  const { host: hostOf } = createStackEngine(requests);
  expect(hostOf()).toBe(host);
  await closeLab(world, lab);
  world.store.close();
});

it('is looked for in a core that observes none, so that the doctor sees what runs', async () => {
  const world = createWorld();
  const lab = await openLab(world, { engine: world.makeEngine({ host }) });
  const requests = lab.lab.requests('cli');
  const coordinator = { ...requests.coordinator, node: () => null };
  const context: StackLookContext = { ...requests, coordinator };
  const engine = createStackEngine(context);
  expect(() => engine.host()).toThrow(expect.objectContaining({ key: 'stack.no-engine' }) as Error);
  await engine.find();
  expect(engine.host()).toBe(host);
  await closeLab(world, lab);
  world.store.close();
});
