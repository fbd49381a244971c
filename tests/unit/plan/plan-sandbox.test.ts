import { describe, expect, it } from 'vitest';
import type { Desired, SandboxWish } from '../../../main/model/world.ts';
import { planSandbox, sandboxSpecHash } from '../../../main/plan/plan-sandbox.ts';
import {
  deepFreeze,
  failed,
  fresh,
  network,
  never,
  planFor,
  runnerImage,
  sandboxContainer,
  sandboxWish,
  someContainer,
  someDesired,
  someJob,
  someNode,
  someObserved,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

const { image, volume } = sandboxWish;
const specHash = sandboxSpecHash(image, network);
const images = [image, runnerImage];
const current = sandboxContainer({ specHash });
const outdated = sandboxContainer({ specHash: 'old' });

function sandboxFor(wish: Desired['sandbox'], world: WorldChange): ReturnType<typeof planSandbox> {
  const view = { images, ...world.view };
  return planSandbox(
    deepFreeze(someDesired({ sandbox: wish })),
    deepFreeze(someObserved({ ...world, view })),
  );
}

const stopped = { ...sandboxWish, state: 'stopped' } as const;
const absent = { ...sandboxWish, state: 'absent' } as const;

describe('a sandbox that is to run', () => {
  it('is started', () => {
    expect(sandboxFor(sandboxWish, {})).toEqual([
      {
        kind: 'start-sandbox',
        key: 'start-sandbox',
        target: 'sandbox',
        reason: 'the sandbox is to run',
        node: 'node-1',
        image,
        network,
        volume,
        specHash,
      },
    ]);
  });

  it.each<[string, WorldChange]>([
    ['its image', { view: { images: [runnerImage] } }],
    ['its network', { view: { networks: [] } }],
  ])('not before %s is there', (_, world) => {
    expect(sandboxFor(sandboxWish, world)).toEqual([]);
  });

  it('and left alone once it runs, whatever else is there', () => {
    expect(sandboxFor(sandboxWish, { view: { containers: [someContainer(), current] } })).toEqual([]);
  });

  it.each(['exited', 'created', 'dead', 'paused'] as const)('is cleared away when it is %s', (state) => {
    const container = { ...current, state };
    expect(sandboxFor(sandboxWish, { view: { containers: [container] } })).toEqual([
      {
        kind: 'remove-sandbox',
        key: 'remove-sandbox',
        target: 'sandbox',
        reason: 'the sandbox has ended',
        node: 'node-1',
        container,
        deleteVolume: null,
      },
    ]);
  });

  it('is cleared away even when the image is missing', () => {
    const view = { containers: [{ ...current, state: 'exited' as const }], images: [] };
    expect(sandboxFor(sandboxWish, { view })).toMatchObject([{ kind: 'remove-sandbox' }]);
  });

  it('is replaced when its image is another, with its data kept', () => {
    expect(sandboxFor(sandboxWish, { view: { containers: [outdated] } })).toMatchObject([
      {
        kind: 'remove-sandbox',
        reason: 'the sandbox has a newer image',
        container: outdated,
        deleteVolume: null,
      },
    ]);
  });

  it.each<[string, WorldChange]>([
    ['a job is open', { jobs: [someJob()] }],
    ['a runner is recorded', { records: [someRecord()] }],
    ['the queue was never read', { gitlab: never }],
    ['the queue cannot be read', { gitlab: failed }],
    ['the queue is an old one', { gitlab: stale({ jobs: [], lastBusy: {} }) }],
  ])('but not while %s', (_, world) => {
    expect(sandboxFor(sandboxWish, { ...world, view: { containers: [outdated] } })).toEqual([]);
  });

  it('nor while a runner is there', () => {
    expect(sandboxFor(sandboxWish, { view: { containers: [outdated, someContainer()] } })).toEqual([]);
  });

  it('its fingerprint tells image and network', () => {
    expect(sandboxSpecHash('a:1', 'n')).not.toBe(sandboxSpecHash('a:2', 'n'));
    expect(sandboxSpecHash('a:1', 'n')).not.toBe(sandboxSpecHash('a:1', 'm'));
  });
});

describe('a sandbox that is to stand still or to go', () => {
  it('is removed with its data kept when it is to be stopped', () => {
    const view = { containers: [current], volumes: [volume] };
    expect(sandboxFor(stopped, { view })).toEqual([
      {
        kind: 'remove-sandbox',
        key: 'remove-sandbox',
        target: 'sandbox',
        reason: 'the sandbox is to be stopped',
        node: 'node-1',
        container: current,
        deleteVolume: null,
      },
    ]);
    expect(sandboxFor(stopped, { view: { volumes: [volume] } })).toEqual([]);
  });

  it('is removed with its data when it is to be reset', () => {
    const view = { containers: [current], volumes: [volume, 'other'] };
    expect(sandboxFor(absent, { view })).toMatchObject([
      { kind: 'remove-sandbox', reason: 'the sandbox is reset', container: current, deleteVolume: volume },
    ]);
    expect(sandboxFor(absent, { view: { volumes: [volume] } })).toMatchObject([
      { container: null, deleteVolume: volume },
    ]);
    expect(sandboxFor(absent, { view: { containers: [current] } })).toMatchObject([
      { container: current, deleteVolume: null },
    ]);
    expect(sandboxFor(absent, { view: { volumes: ['other'] } })).toEqual([]);
  });

  it('a reset waits for the last runner', () => {
    const view = { containers: [current], volumes: [volume] };
    expect(sandboxFor(absent, { records: [someRecord()], view })).toEqual([]);
    const containers = [current, someContainer()];
    expect(sandboxFor(absent, { view: { containers, volumes: [volume] } })).toEqual([]);
  });
});

describe('nothing is done', () => {
  it('without a wish', () => {
    expect(sandboxFor(null, { view: { containers: [current] } })).toEqual([]);
  });

  it.each([
    ['never seen', never],
    ['failed', failed],
    ['stale', stale(someView({ images, containers: [current], volumes: [volume] }))],
  ] as const)('on an engine that is %s', (_, engine) => {
    for (const wish of [sandboxWish, stopped, absent]) {
      expect(sandboxFor(wish, { nodes: [someNode(engine)] })).toEqual([]);
    }
  });

  it('on any node but the first', () => {
    const nodes = [someNode(failed, 'a'), someNode(fresh(someView({ images })), 'b')];
    expect(sandboxFor(sandboxWish, { nodes })).toEqual([]);
    expect(sandboxFor(sandboxWish, { nodes: [] })).toEqual([]);
    const two = [someNode(fresh(someView({ images })), 'a'), someNode(fresh(someView({ images })), 'b')];
    expect(sandboxFor(sandboxWish, { nodes: two })).toMatchObject([{ node: 'a' }]);
  });
});

describe('a sandbox on an engine that is not in use', () => {
  const host = 'unix:///run/other.sock';
  const away = { sandboxNode: 'other', formerNodes: [{ id: 'other', host, answers: null }] };

  it.each([sandboxWish, stopped, absent])('is left alone, and none is made here: %o', (wish) => {
    const { actions, issues } = planFor(
      { sandbox: wish },
      { ...away, address: null, view: { networks: [] } },
    );
    expect(actions).toEqual([]);
    expect(issues).toMatchObject([{ key: 'sandbox.elsewhere', subject: 'sandbox' }]);
    expect(issues[0]?.message).toContain(host);
    expect(issues[0]?.next).toContain(`autogit engine use ${host}`);
  });

  it('is worse when it is to run', () => {
    const severity = (wish: SandboxWish): string | undefined =>
      planFor({ sandbox: wish }, away).issues[0]?.severity;
    expect([severity(sandboxWish), severity(stopped)]).toEqual(['error', 'warning']);
  });

  it('is here after all when its data is seen here: the engine has got another address', () => {
    const view = { images, volumes: [volume] };
    const { actions, issues } = planFor({ sandbox: sandboxWish }, { ...away, view });
    expect(issues).toEqual([]);
    expect(actions).toContainEqual(expect.objectContaining({ kind: 'start-sandbox' }));
  });

  it('is not spoken of while nobody can look, and nothing is made', () => {
    for (const engine of [never, failed]) {
      const { actions, issues } = planFor({ sandbox: sandboxWish }, { ...away, nodes: [someNode(engine)] });
      expect(actions).toEqual([]);
      expect(issues.map(({ key }) => key)).not.toContain('sandbox.elsewhere');
    }
  });

  it('keeps a second one away also when nobody knows that engine any more', () => {
    const { actions, issues } = planFor({ sandbox: sandboxWish }, { sandboxNode: 'lost', view: { images } });
    expect(actions.filter(({ kind }) => kind === 'start-sandbox')).toEqual([]);
    expect(issues).toMatchObject([{ key: 'sandbox.elsewhere' }]);
  });

  it('means nothing to a home that has none', () => {
    expect(planFor({ sandbox: null }, away).issues).toEqual([]);
  });
});
