import { describe, expect, it } from 'vitest';
import { officialRunnerImage } from '../../../main/plan/desire.ts';
import { gatewaySpecHash } from '../../../main/plan/plan-gateway.ts';
import { runnerSpecHash } from '../../../main/plan/plan-runners.ts';
import { plan } from '../../../main/plan/plan.ts';
import type { Container, RunnerRecord } from '../../../main/model/runner.ts';
import type { Desired } from '../../../main/model/world.ts';
import {
  address,
  deepFreeze,
  keysOf,
  network,
  now,
  runnerImage,
  sandboxWish,
  someContainer,
  someDesired,
  someEntry,
  someJob,
  someObserved,
  somePool,
  someRecord,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const image = sandboxWish.image;
const start = 'start-gateway:node-1';
const remove = 'remove-gateway:node-1';
const images: Partial<Desired> = {
  pools: [somePool({ name: 'images', executor: 'image' })],
  gatewayImage: image,
};
const gateway = someContainer({
  ...{ id: 'container-gateway', name: 'autogit-gateway-0a1b2c3d', role: 'gateway', pool: null, image },
  specHash: gatewaySpecHash(image, network),
});
const ground = { images: [image] } as const;
const needing = someContainer({ pool: 'images', needsGateway: true });
const old = { ...gateway, specHash: 'other' };

/** A runner that was started at this time; what is seen in these tests was seen at `now`. */
function recordOf(startedAt: number): RunnerRecord {
  return someRecord({
    pool: 'images',
    name: 'autogit-runner-images-00000009',
    createdAt: now - 1,
    startedAt,
  });
}

function keysFor(wishes: Partial<Desired>, world: WorldChange): readonly string[] {
  const made = plan(deepFreeze(someDesired(wishes)), deepFreeze(someObserved(world)), 0);
  return keysOf(made).filter((key) => key.includes('gateway') || key.includes('image'));
}

describe('the gateway', () => {
  it('is started where a pool runs jobs in images, and its image is made', () => {
    expect(keysFor(images, { view: { images: [] } })).toContain(`import-image:${image}`);
    expect(keysFor(images, { view: ground })).toContain(start);
  });

  it('is not where no pool does, nor before its network is there', () => {
    expect(keysFor({}, { view: ground })).not.toContain(start);
    expect(keysFor(images, { view: { ...ground, networks: [] } })).not.toContain(start);
  });

  it('stays as it is', () => {
    expect(keysFor(images, { view: { ...ground, containers: [gateway] } })).not.toContain(remove);
  });

  it('that has ended is removed, to be started again', () => {
    const ended = { ...gateway, state: 'exited' as const };
    expect(keysFor(images, { view: { ...ground, containers: [ended, someContainer()] } })).toContain(remove);
  });

  it('that has ended is also started again during a drain, for the jobs that finish', () => {
    const view = { ...ground, containers: [needing] };
    expect(keysFor({ ...images, mode: 'drain' }, { view })).toContain(start);
    expect(keysFor({ ...images, mode: 'drain' }, { view: ground })).not.toContain(start);
  });

  it('of another kind is replaced when no runner is left, and not before', () => {
    expect(keysFor(images, { view: { ...ground, containers: [old] } })).toContain(remove);
    expect(keysFor(images, { view: { ...ground, containers: [old, needing] } })).not.toContain(remove);
  });

  it('waits for no runner that does not go through it', () => {
    expect(keysFor(images, { view: { ...ground, containers: [old, someContainer()] } })).toContain(remove);
  });

  it('waits for a runner that has been started and is not seen yet', () => {
    const world = { view: { ...ground, containers: [old] } };
    expect(keysFor(images, { ...world, records: [recordOf(now + 1)] })).not.toContain(remove);
    expect(keysFor(images, { ...world, records: [recordOf(now - 1)] })).toContain(remove);
    const other = { ...images, pools: [somePool({ name: 'images', executor: 'container' })] };
    expect(keysFor(other, { ...world, records: [recordOf(now + 1)] })).toContain(remove);
  });

  it('goes when no pool needs it, and with a teardown', () => {
    expect(keysFor({}, { view: { ...ground, containers: [gateway] } })).toContain(remove);
    expect(
      keysFor({ ...images, mode: 'teardown' }, { view: { ...ground, containers: [gateway] } }),
    ).toContain(remove);
  });
});

describe('runners of executor image, while the gateway is to be replaced', () => {
  const pool = somePool({ name: 'images', executor: 'image', min: 1 });
  const wishes = deepFreeze(someDesired({ pools: [pool], gatewayImage: image }));
  const specHash = runnerSpecHash(pool, officialRunnerImage, address);
  const runner = { ...needing, specHash };
  const record = someRecord({ pool: 'images', specHash });
  function planOf(containers: readonly Container[], change: WorldChange = {}) {
    const world = { entries: [someEntry({ pool: 'images' })], ...change };
    const view = { images: [image, officialRunnerImage], containers };
    return plan(wishes, deepFreeze(someObserved({ ...world, view })), now).actions;
  }
  const kindsOf = (...args: Parameters<typeof planOf>): readonly string[] =>
    planOf(...args)
      .map(({ kind }) => kind)
      .filter((kind) => kind.endsWith('-runner') || kind.endsWith('-gateway'));

  it('are not started, neither for jobs nor to be kept ready', () => {
    expect(kindsOf([gateway], { jobs: [someJob()] })).toContain('start-runner');
    expect(kindsOf([old], { jobs: [someJob()] })).toEqual(['remove-gateway']);
    expect(kindsOf([], { jobs: [someJob()] })).toEqual(['start-gateway']);
  });

  it('leave when they are idle or warm, and those in which nothing has begun go', () => {
    for (const phase of ['started', 'warm'] as const) {
      const records = [{ ...record, phase }];
      expect(kindsOf([gateway, runner], { records })).not.toContain('stop-runner');
      expect(kindsOf([old, runner], { records, jobs: [someJob()] })).toEqual(['stop-runner']);
    }
    const prepared = { ...runner, state: 'created' as const };
    const records = [{ ...record, phase: 'prepared' as const, startedAt: null }];
    expect(kindsOf([old, prepared], { records, jobs: [someJob()] })).toEqual(['remove-runner']);
  });

  it('finish the jobs that they have, take no others, and keep their gateway meanwhile', () => {
    const jobs = [someJob({ status: 'running', systemId: record.systemId })];
    const actions = planOf([old, runner], { records: [record], jobs });
    expect(actions).toMatchObject([{ kind: 'stop-runner', reason: 'the gateway has changed' }]);
  });

  it('of executor container stay, and do not hold it up', () => {
    const other = somePool({ name: 'other', executor: 'container' });
    const hash = runnerSpecHash(other, runnerImage, address);
    const idle = someContainer({ pool: 'other', specHash: hash });
    const both = someDesired({ pools: [pool, other], gatewayImage: image });
    const world = {
      records: [someRecord({ pool: 'other', specHash: hash })],
      view: { images: [image], containers: [old, idle] },
    };
    const kinds = plan(both, someObserved(world), now).actions.map(({ kind }) => kind);
    expect(kinds).toContain('remove-gateway');
    expect(kinds).not.toContain('stop-runner');
  });
});
