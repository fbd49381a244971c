// What the engine's own words make of the facts about a stack.
import { expect, it } from 'vitest';
import { parseDockerDetails } from '../../../../main/adapters/engine/details.ts';
import { stackFacts } from '../../../../main/coordinator/stack/stack-facts.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';

async function engineFacts(options: readonly string[]) {
  const world = createWorld();
  const details = parseDockerDetails({ SecurityOptions: options });
  const engine = world.makeEngine({ host: 'unix:///var/run/docker.sock', info: { details } });
  const core = await openLab(world, { engine });
  const facts = await stackFacts(core.lab.requests('cli'));
  await closeLab(world, core);
  return facts.engine;
}

it('say that an engine confines containers with SELinux only where it says so', async () => {
  expect((await engineFacts(['name=seccomp,profile=default', 'name=selinux']))?.selinux).toBe(true);
  expect(await engineFacts(['name=seccomp,profile=default'])).not.toHaveProperty('selinux');
});
