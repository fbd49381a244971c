// What belongs to jobs: images that are there before them, caches that outlive them, and what they leave behind.
import { describe, expect, it } from 'vitest';
import { mostCaches } from '../../../main/model/cache.ts';
import { checkDiskLimits } from '../../../main/checks/disk-limits.ts';
import type { EngineView } from '../../../main/model/world.ts';
import { leftoversOf } from '../../../main/plan/plan-gateway.ts';
import { someInfo } from '../../fakes/some-engine.ts';
import { network, only, planFor, runnerImage, someContainer, somePool, someView } from '../../fakes/world.ts';

const gatewayImage = 'autogit-sandbox:0123456789abcdef';

describe('images that a pool wants before a job does', () => {
  const pools = [somePool({ prePull: ['debian:13', 'postgres:17'], arch: 'amd64', executor: 'container' })];
  const pullsIn = (view: Partial<EngineView>) => only(planFor({ pools }, { view }), 'pull-image');

  it('are fetched for its processor, once what jobs wait for is there', () => {
    expect(pullsIn({ images: [] }).map(({ image }) => image)).toEqual([runnerImage]);
    const ahead = pullsIn({ images: [runnerImage, 'debian:13'] });
    expect(ahead).toMatchObject([{ image: 'postgres:17', platform: 'linux/amd64' }]);
  });

  it('are not fetched for a pool that is paused, nor while everything leaves', () => {
    const view = { images: [runnerImage] };
    const paused = pools.map((pool) => ({ ...pool, paused: true }));
    expect(only(planFor({ pools: paused }, { view }), 'pull-image')).toEqual([]);
    expect(only(planFor({ pools, mode: 'teardown' }, { view }), 'pull-image')).toEqual([]);
  });
});

describe('volumes that keep caches', () => {
  const caches = [
    { name: 'autogit-cache-1-default-7', pool: 'default', createdAt: 1 },
    { name: 'autogit-cache-1-gone-7', pool: 'gone', createdAt: 1 },
  ];
  const removed = (wishes: Parameters<typeof planFor>[0], view: Partial<EngineView> = {}) =>
    only(planFor(wishes, { view: { caches, ...view } }), 'remove-cache').map(({ volume }) => volume);
  const keeping = [somePool({ cache: 'project', executor: 'image' })];

  it('go when no pool keeps them any more, and all at a teardown', () => {
    expect(removed({ pools: keeping })).toEqual(['autogit-cache-1-gone-7']);
    expect(removed({ pools: [somePool()] })).toHaveLength(2);
    expect(removed({ pools: keeping, mode: 'teardown' })).toHaveLength(2);
  });

  it('go, the oldest first, when they are too many, also of a pool that always has a runner', () => {
    const many = Array.from({ length: mostCaches + 2 }, (_, index) => ({
      ...{ name: `autogit-cache-1-default-${index}`, pool: 'default', createdAt: 100 + index },
    }));
    const view = { caches: many, containers: [someContainer()], jobContainers: [{ name: 'x', runner: 'r' }] };
    expect(removed({ pools: keeping }, view)).toEqual([
      'autogit-cache-1-default-0',
      'autogit-cache-1-default-1',
    ]);
  });

  it('stay as long as a runner or a container of a job may have them', () => {
    expect(removed({ pools: [] }, { containers: [someContainer({ pool: 'gone' })] })).toEqual([
      'autogit-cache-1-default-7',
    ]);
    expect(removed({ pools: [] }, { jobContainers: [{ name: 'runner-x', runner: 'r' }] })).toEqual([]);
  });
});

describe('what jobs leave when their runner is gone', () => {
  const left = { jobPlaces: [{ name: 'runner-net', runner: 'autogit-runner-default-1' }] };

  it('is what has no runner on the engine', () => {
    const runner = someContainer();
    const own = { name: 'runner-own', runner: runner.name };
    expect(leftoversOf(someView({ ...left, containers: [runner], jobContainers: [own] }))).toEqual(
      left.jobPlaces,
    );
  });

  it('brings the gateway back, which alone can clear it away, even while everything leaves', () => {
    const view = { ...left, images: [gatewayImage], networks: [network], containers: [] };
    const plan = planFor({ mode: 'teardown', gatewayImage, pools: [] }, { view });
    expect(only(plan, 'start-gateway')).toHaveLength(1);
    expect(only(plan, 'remove-network')).toEqual([]);
    expect(
      only(
        planFor({ mode: 'teardown', gatewayImage, pools: [] }, { view: { ...view, jobPlaces: [] } }),
        'start-gateway',
      ),
    ).toEqual([]);
  });

  it('keeps the gateway that is there', () => {
    const gateway = someContainer({ role: 'gateway', name: 'autogit-gateway-1', pool: null });
    const view = { ...left, containers: [gateway], networks: [network] };
    const removals = (change: Partial<EngineView>) =>
      only(planFor({ gatewayImage: null, pools: [] }, { view: { ...view, ...change } }), 'remove-gateway');
    expect(removals({})).toEqual([]);
    expect(removals({ jobPlaces: [] })).toHaveLength(1);
  });
});

describe('a limit of the disk', () => {
  const subject = (disk: boolean) => ({
    name: 'here',
    info: someInfo({ limits: { memory: true, cpus: true, ...(disk ? { disk } : {}) } }),
    pools: [somePool({ diskMiB: 1000 })],
  });

  it('that an engine cannot hold is an issue, and never pretended', () => {
    expect(checkDiskLimits(subject(true))).toBe(null);
    expect(checkDiskLimits({ ...subject(false), pools: [somePool()] })).toBe(null);
    expect(checkDiskLimits(subject(false))).toMatchObject({ key: 'pool.disk-not-limited' });
  });
});
