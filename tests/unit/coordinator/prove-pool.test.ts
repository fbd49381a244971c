// Proofs in a running core: made, read, shown, and nobody else's business.
import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World, WorldOptions } from '../../fakes/fake-lab.ts';

const containing = (text: string): unknown => expect.stringContaining(text);

const opened: (readonly [World, OpenLab])[] = [];
afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const cpus = 2;
const pools = [{ name: 'default', tags: ['docker'], cpus }];

/** A home whose proofs see so many processors. */
async function start(options: WorldOptions = {}, seen = cpus) {
  const world = createWorld({ proofs: 'on', pools, ...options });
  world.gitlab.proofSays = (file) => {
    const nonce = /autogit-proof ([0-9a-f]+) /.exec(file)?.[1] ?? '';
    const facts = [
      `cpu=${seen * 100_000} 100000`,
      'arch=x86_64',
      'clone=yes',
      'gitlab=yes',
      'nvidia=',
      'render=',
      'end=yes',
    ];
    return facts.map((fact) => `autogit-proof ${nonce} ${fact}\n`).join('');
  };
  const lab = await openLab(world);
  opened.push([world, lab]);
  return { world, lab, proof: () => lab.snapshot().pools[0]?.proof };
}

describe('a pool', () => {
  it('is proven when it is new, by a job with its own tag, and says so with a date', async () => {
    const { world, lab, proof } = await start();
    await lab.until('it is proven', () => proof()?.state === 'proven');
    expect(proof()?.claims.find(({ name }) => name === 'cpus')).toMatchObject({ state: 'held' });
    expect(proof()?.at).toBeGreaterThan(0);
    expect(world.gitlab.entries()[0]?.tags).toEqual(['docker', 'autogit-pool-default']);
    expect(lab.snapshot().pools[0]?.tags).toEqual(['docker']);
    expect(world.taken).toHaveLength(1);
  });

  it('is proven again after a change, once', async () => {
    const { world, lab, proof } = await start();
    await lab.until('it is proven', () => proof()?.state === 'proven');
    await lab.call('pool.set', { name: 'default', tags: ['docker', 'more'] });
    await lab.until('the change is seen', () => proof()?.state !== 'proven');
    await lab.until('the change is proven', () => proof()?.state === 'proven');
    await world.clock.advance(60_000);
    expect(world.taken).toHaveLength(2);
  });

  it('that does not keep what it promises is an issue that names it', async () => {
    const { lab, proof } = await start({}, 64);
    await lab.until('it has failed', () => proof()?.state === 'failed');
    expect(proof()?.sentence).toContain('its limit is 64');
    const issue = lab.snapshot().issues.find(({ key }) => key === 'pool.proof-failed');
    expect(issue).toMatchObject({ subject: 'pool default', message: containing('64') });
  });

  it('is proven on request', async () => {
    const { world, lab, proof } = await start({
      proofs: 'auto',
      gitlab: {
        kind: 'server',
        url: 'http://gitlab.test',
        runnerUrl: null,
        ca: null,
        trustInJobs: true,
        stack: null,
      },
    });
    await lab.until('it is proven', () => proof()?.state === 'proven');
    const first = proof()?.at ?? 0;
    await lab.call('pool.prove', { name: 'default', dryRun: true });
    await world.clock.advance(60_000);
    expect(proof()?.at).toBe(first);
    await lab.call('pool.prove', { name: 'default' });
    await lab.until('it is proven again', () => (proof()?.at ?? 0) > first && proof()?.state === 'proven');
  });

  it('of which GitLab refuses the job is unproven, and tried again later', async () => {
    const world = createWorld({ proofs: 'on', pools });
    world.gitlab.fail(new Error('It is full.'), 'prepareProject');
    const lab = await openLab(world);
    opened.push([world, lab]);
    const proof = () => lab.snapshot().pools[0]?.proof;
    await lab.until('it was tried', () => proof()?.at != null);
    expect(proof()).toMatchObject({ state: 'unproven', sentence: containing('It is full.') });
    const tries = () => world.gitlab.calls.filter((call) => call === 'prepareProject').length;
    await world.clock.advance(300_000);
    expect(tries()).toBe(1);
    await world.clock.advance(400_000);
    expect(tries()).toBe(2);
  });

  it.each([
    ['that is not there', 'nobody', 'pool.unknown'],
    ['that is paused', 'resting', 'pool.cannot-be-proven'],
  ])('%s is not proven on request', async (_, name, key) => {
    const { lab } = await start({ pools: [...pools, { name: 'resting', paused: true }] });
    await expect(lab.call('pool.prove', { name })).rejects.toMatchObject({ key });
  });
});

describe('a proof', () => {
  it('stands in no list of jobs, and counts for nothing there', async () => {
    const { world, lab, proof } = await start();
    await lab.until('it runs', ({ runners }) => runners.some(({ jobId }) => jobId !== null));
    expect(lab.snapshot().jobs).toEqual([]);
    expect(lab.snapshot().sentence).toContain('0 jobs running, 0 waiting');
    expect(lab.snapshot().pools[0]?.waiting).toBe(0);
    await lab.until('it is proven', () => proof()?.state === 'proven');
    expect(await lab.call('job.list', {})).toEqual([]);
    expect(world.store.finishedJobs(10)).toEqual([]);
  });

  it('goes behind the jobs of people', async () => {
    const { world, lab, proof } = await start({ pools: [{ ...pools[0], name: 'default', max: 1 }] });
    await lab.until('its job waits', () => world.gitlab.calls.includes('startPipeline'));
    const job = world.gitlab.addJob({ tags: ['docker'] });
    await lab.until(
      'all is done',
      () => proof()?.state === 'proven' && world.gitlab.statusOf(job) === 'success',
    );
    expect(lab.snapshot().runners.length).toBeLessThanOrEqual(1);
  });

  it('is finished by the next core when one ends in the middle of it', async () => {
    const { world, lab } = await start();
    await lab.until('its job waits', () => world.gitlab.calls.includes('startPipeline'));
    opened.length = 0;
    await closeLab(world, lab);
    const next = await openLab(world);
    opened.push([world, next]);
    await next.until('it is proven', ({ pools: [pool] }) => pool?.proof?.state === 'proven');
    expect(world.gitlab.calls.filter((call) => call === 'startPipeline')).toHaveLength(1);
  });
});
