// Where runners stand when GitLab is a stack on their engine.
import { describe, expect, it } from 'vitest';
import { settingsSchema } from '../../../main/model/settings.ts';
import type { GitlabAddress } from '../../../main/model/world.ts';
import { desire } from '../../../main/plan/desire.ts';
import { gatewaySpecHash } from '../../../main/plan/plan-gateway.ts';
import { plan } from '../../../main/plan/plan.ts';
import {
  address,
  instance,
  keysOf,
  network,
  now,
  sandboxWish,
  someContainer,
  someDesired,
  someEntry,
  someJob,
  someObserved,
  somePool,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const inner = 'autogit-lab_inner';
const stackAddress: GitlabAddress = { ...address, network: inner, ca: 'PEM' };
const wishes = someDesired({ stackNetwork: inner });

function planFor(world: WorldChange, desired = wishes) {
  const observed = someObserved({ entries: [someEntry()], jobs: [someJob()], ...world });
  return plan(desired, { ...observed, address: stackAddress }, now);
}

describe('the network of runners', () => {
  it('is the stack’s where the settings say so, and the home’s own otherwise', () => {
    const server = { kind: 'server', url: 'https://gitlab.lab.test' } as const;
    const desired = (gitlab: object) =>
      desire({
        ...{ settings: settingsSchema.parse({ gitlab }), requests: [], instance },
        sandboxImage: sandboxWish.image,
      });
    expect(desired({ ...server, stack: { network: inner } }).stackNetwork).toBe(inner);
    expect(desired(server).stackNetwork).toBeUndefined();
    expect(desired({ kind: 'sandbox' }).stackNetwork).toBeUndefined();
  });

  it('is where they are started', () => {
    const { actions, issues } = planFor({ view: { networks: [inner] } });
    expect(actions.find(({ kind }) => kind === 'start-runner')).toMatchObject({ network: inner });
    expect(issues).toEqual([]);
  });

  it('is neither made nor removed where it is the stack’s', () => {
    const started = keysOf(planFor({ view: { networks: [] } }));
    expect(started.filter((key) => key.includes('network'))).toEqual([]);
    const gone = { ...wishes, mode: 'teardown' } as const;
    const ended = keysOf(planFor({ view: { networks: [inner] } }, gone));
    expect(ended.filter((key) => key.includes('network'))).toEqual([]);
    expect(keysOf(planFor({ view: { networks: [inner, network] } }, gone))).toContain(
      `remove-network:${network}`,
    );
  });

  it('is an issue, and no failure, while the stack is down', () => {
    const { actions, issues } = planFor({ view: { networks: [network] } });
    expect(actions.filter(({ kind }) => kind === 'start-runner')).toEqual([]);
    expect(issues).toMatchObject([{ key: 'runner.stack-network-missing', severity: 'error' }]);
    const silent = { ...wishes, mode: 'drain' } as const;
    expect(planFor({ view: { networks: [] } }, silent).issues).toEqual([]);
  });

  it('is the gateway’s, too, which is replaced when it changes', () => {
    const pool = somePool({ executor: 'image' });
    const desired = { ...wishes, pools: [pool], gatewayImage: sandboxWish.image };
    const gateway = (where: string) =>
      someContainer({
        ...{ id: 'g', name: 'autogit-gateway-1', role: 'gateway', pool: null, image: sandboxWish.image },
        specHash: gatewaySpecHash(sandboxWish.image, where),
      });
    const view = { images: [sandboxWish.image], networks: [inner, network] };
    const starts = planFor({ jobs: [], view }, desired).actions.find(({ kind }) => kind === 'start-gateway');
    expect(starts).toMatchObject({ network: inner });
    const kept = planFor({ jobs: [], view: { ...view, containers: [gateway(inner)] } }, desired);
    expect(keysOf(kept).filter((key) => key.includes('gateway'))).toEqual([]);
    const moved = planFor({ jobs: [], view: { ...view, containers: [gateway(network)] } }, desired);
    expect(keysOf(moved)).toContain('remove-gateway:node-1');
  });
});
