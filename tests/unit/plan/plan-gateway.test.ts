import { describe, expect, it } from 'vitest';
import { gatewaySpecHash } from '../../../main/plan/plan-gateway.ts';
import { plan } from '../../../main/plan/plan.ts';
import type { Desired } from '../../../main/model/world.ts';
import {
  deepFreeze,
  keysOf,
  network,
  sandboxWish,
  someContainer,
  someDesired,
  someObserved,
  somePool,
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
    const view = { ...ground, containers: [someContainer()] };
    expect(keysFor({ ...images, mode: 'drain' }, { view })).toContain(start);
    expect(keysFor({ ...images, mode: 'drain' }, { view: ground })).not.toContain(start);
  });

  it('of another kind is replaced when no runner is left, and not before', () => {
    const old = { ...gateway, specHash: 'other' };
    expect(keysFor(images, { view: { ...ground, containers: [old] } })).toContain(remove);
    expect(keysFor(images, { view: { ...ground, containers: [old, someContainer()] } })).not.toContain(
      remove,
    );
  });

  it('goes when no pool needs it, and with a teardown', () => {
    expect(keysFor({}, { view: { ...ground, containers: [gateway] } })).toContain(remove);
    expect(
      keysFor({ ...images, mode: 'teardown' }, { view: { ...ground, containers: [gateway] } }),
    ).toContain(remove);
  });
});
