// What the engine's own words make of the facts about a stack.
import { expect, it } from 'vitest';
import { parseDockerDetails } from '../../../../main/adapters/engine/details.ts';
import { stackFacts } from '../../../../main/coordinator/stack/stack-facts.ts';
import { needsTrial } from '../../../../main/model/stack/acme.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';
import { benchAnswers } from '../../../fakes/stack-bench.ts';

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

it('say that a way to certificates has worked where the lab stands on it, whatever was tried since', async () => {
  const world = createWorld();
  const core = await openLab(world);
  const { stackLook, ...context } = core.lab.requests('cli');
  if (stackLook === undefined) throw new Error('the lab looks at no stack');
  const email = 'ana@example.net';
  const answers = benchAnswers({ domain: 'lab.example.net', tls: { mode: 'acme-http', email } });
  const tried = 'acme-dns desec lab.example.net';
  const standing = { answers, isUp: true, isKept: false, services: {}, images: {} };
  const journal = { current: () => answers, standing: () => standing };
  const facts = await stackFacts({
    ...context,
    stackLook: { ...stackLook, journal, provenWays: () => [tried] },
  });
  await closeLab(world, core);
  expect(needsTrial(answers.tls, 'lab.example.net', facts.acmeProven ?? [])).toBe(false);
  expect(facts.acmeProven).toContain(tried);
});
