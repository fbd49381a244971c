// The demo on each kind of engine that homelabs have: Docker and Podman, as root and as an ordinary user.
import { describe, expect, it, onTestFinished } from 'vitest';
import { whyNot } from '../fixtures/engines/daemons.ts';
import { openGround } from '../fixtures/engines/ground.ts';
import { demoWords, expectGoodDemo } from './demo-outcome.ts';
import { openLab } from './lab.ts';
import { listOwnEngines } from './own-engines.ts';
import { listRealEngines, titleOf } from './real-engines.ts';

const hosts = await listRealEngines();
const titled = await Promise.all(hosts.map(async (host) => [await titleOf(host), host] as const));
const withUser = listOwnEngines().flatMap(({ kind, host, user }) =>
  host === null || user === null ? [] : [[kind, host, user] as const],
);

describe.skipIf(hosts.length === 0)('the demo', { timeout: 240_000 }, () => {
  it.each(titled)('runs 20 jobs on %s and leaves nothing there', async (_title, host) => {
    const lab = await openLab(onTestFinished, { host });
    await expectGoodDemo(await lab.run(demoWords(20)), lab, 20);
  });

  it.each(withUser)('of an ordinary user finds its %s by itself', async (_kind, host, user) => {
    const lab = await openLab(onTestFinished, { host, user });
    await expectGoodDemo(await lab.run(demoWords(6)), lab, 6);
  });
});

describe.skipIf((await whyNot('rootless Podman')) !== null)('an engine with slow storage', () => {
  it('runs jobs all the same, and says what makes it slow', async () => {
    const ground = await openGround();
    onTestFinished(() => ground.close());
    const { host } = await ground.open('rootless Podman', 'vfs');
    const lab = await openLab(onTestFinished, { host });
    await expectGoodDemo(await lab.run(demoWords(2)), lab, 2);
    expect(await lab.json(['engine', 'show'])).toMatchObject({
      storageDriver: 'vfs',
      lacks: expect.arrayContaining(['fast-storage']) as unknown,
      issues: expect.arrayContaining([expect.objectContaining({ key: 'engine.slow-storage' })]) as unknown,
    });
  });
});
