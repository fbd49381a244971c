import { describe, expect, it } from 'vitest';
import type { Desired } from '../../../main/model/world.ts';
import { planGround } from '../../../main/plan/plan-ground.ts';
import {
  deepFreeze,
  failed,
  fresh,
  keysOf,
  network,
  never,
  runnerImage,
  sandboxContainer,
  sandboxWish,
  someContainer,
  someDesired,
  someNode,
  someObserved,
  somePool,
  someView,
  stale,
} from '../../fakes/world.ts';
import type { WorldChange } from '../../fakes/world.ts';

function groundFor(wishes: Partial<Desired>, world: WorldChange): ReturnType<typeof planGround> {
  return planGround(deepFreeze(someDesired(wishes)), deepFreeze(someObserved(world)));
}

const keysFor = (wishes: Partial<Desired>, world: WorldChange): readonly string[] =>
  keysOf({ actions: groundFor(wishes, world) });

const bare: WorldChange = { view: { images: [], networks: [] } };
const pullRunner = `pull-image:${runnerImage}`;
const createNetwork = `create-network:${network}`;
const importSandbox = `import-image:${sandboxWish.image}`;
const ownRunner: Partial<Desired> = { sandbox: sandboxWish, runnerImage: sandboxWish.image };

describe('images', () => {
  it('one that a pool needs is pulled', () => {
    const view = { images: ['other:1'] };
    expect(groundFor({}, { view })).toEqual([
      {
        kind: 'pull-image',
        key: pullRunner,
        target: `image ${runnerImage}`,
        reason: `a pool needs the image ${runnerImage}`,
        node: 'node-1',
        image: runnerImage,
      },
    ]);
  });

  it('one that is there is not', () => {
    expect(groundFor({}, {})).toEqual([]);
  });

  it("each pool's own, once", () => {
    const pools = ['a', 'b', 'c'].map((name) => somePool({ name, image: name === 'c' ? null : 'mine:1' }));
    expect(keysFor({ pools }, bare)).toEqual(['pull-image:mine:1', pullRunner, createNetwork]);
  });

  it('that of the sandbox is made here, also when its runners share it', () => {
    expect(groundFor(ownRunner, { view: { images: [] } })).toEqual([
      {
        kind: 'import-image',
        key: importSandbox,
        target: `image ${sandboxWish.image}`,
        reason: 'the sandbox needs its image',
        node: 'node-1',
        image: sandboxWish.image,
      },
    ]);
  });

  it('the sandbox has its own beside the official runner', () => {
    expect(keysFor({ sandbox: sandboxWish }, { view: { images: [] } })).toEqual([importSandbox, pullRunner]);
  });

  it('a drained home needs the image of its sandbox, not of its runners', () => {
    expect(keysFor({ mode: 'drain', sandbox: sandboxWish }, bare)).toEqual([importSandbox, createNetwork]);
  });

  it('on every node that answers', () => {
    const nodes = [
      someNode(fresh(someView({ images: [] })), 'a'),
      someNode(stale(someView({ images: [] })), 'b'),
      someNode(fresh(someView({ images: [] })), 'c'),
    ];
    expect(groundFor({}, { nodes }).map((action) => 'node' in action && action.node)).toEqual(['a', 'c']);
  });
});

describe('images of earlier versions', () => {
  const old = 'autogit-sandbox:old';
  const images = [sandboxWish.image, old, 'autogit-sandbox-else:1', runnerImage];

  it('are removed once the new one is there', () => {
    expect(groundFor({ sandbox: sandboxWish }, { view: { images } })).toEqual([
      {
        kind: 'remove-image',
        key: `remove-image:${old}`,
        target: `image ${old}`,
        reason: `${old} is of an earlier version`,
        node: 'node-1',
        image: old,
      },
    ]);
  });

  it('not while the new one is missing, or a container uses them, or there is no sandbox', () => {
    expect(keysFor({ sandbox: sandboxWish }, { view: { images: [old, runnerImage] } })).toEqual([
      importSandbox,
    ]);
    const containers = [sandboxContainer({ image: old })];
    expect(keysFor({ sandbox: sandboxWish }, { view: { images, containers } })).toEqual([]);
    expect(keysFor({}, { view: { images } })).toEqual([]);
  });
});

describe('images without a name, left of an import', () => {
  const nameless = `sha256:${'0'.repeat(64)}`;
  const world = (image: string): WorldChange => ({ view: { images: [image, nameless, runnerImage] } });

  it('are removed once the import is done, and also when there is no sandbox any more', () => {
    const removal = [`remove-image:${nameless}`];
    expect(keysFor({ sandbox: sandboxWish }, world(sandboxWish.image))).toEqual(removal);
    expect(keysFor({}, world('other:1'))).toEqual(removal);
    expect(keysFor({ sandbox: { ...sandboxWish, state: 'absent' } }, world('other:1'))).toContain(removal[0]);
  });

  it('not while one may be under way, or a container uses it', () => {
    expect(keysFor({ sandbox: sandboxWish }, world('other:1'))).toEqual([importSandbox]);
    const containers = [sandboxContainer({ image: nameless })];
    const view = { images: [sandboxWish.image, nameless, runnerImage], containers };
    expect(keysFor({ sandbox: sandboxWish }, { view })).toEqual([]);
  });
});

describe('the network', () => {
  it('is made when something is to run', () => {
    expect(groundFor({}, { view: { networks: ['other'] } })).toEqual([
      {
        kind: 'create-network',
        key: createNetwork,
        target: `network ${network}`,
        reason: 'runners need a network of their own',
        node: 'node-1',
        network,
      },
    ]);
  });

  it.each(['start-runner:default:0', 'start-sandbox'])('stays while %s is under way', (key) => {
    expect(groundFor({ mode: 'drain' }, { inFlight: [{ key, target: 'x' }] })).toEqual([]);
  });

  it('is removed when nothing is to run and nothing is left on it', () => {
    expect(groundFor({ mode: 'drain' }, {})).toEqual([
      {
        kind: 'remove-network',
        key: `remove-network:${network}`,
        target: `network ${network}`,
        reason: 'nothing is left on the network',
        node: 'node-1',
        network,
      },
    ]);
    expect(keysFor({ mode: 'drain' }, { view: { networks: ['other'] } })).toEqual([]);
  });

  it.each([
    ['a runner', someContainer({ state: 'exited' })],
    ['a sandbox', sandboxContainer()],
  ])('stays while there is %s', (_, container) => {
    expect(keysFor({ mode: 'teardown' }, { view: { containers: [container] } })).toEqual([]);
  });

  it.each<[string, Partial<Desired>, WorldChange]>([
    ['it is drained', { mode: 'drain' }, bare],
    ['it is torn down', { mode: 'teardown' }, bare],
    ['GitLab has no address', {}, { ...bare, address: null }],
    ['there is no pool', { pools: [] }, bare],
    ['the sandbox is stopped', { sandbox: { ...sandboxWish, state: 'stopped' } }, { ...bare, address: null }],
    ['the sandbox goes', { mode: 'drain', sandbox: { ...sandboxWish, state: 'absent' } }, bare],
  ])('neither network nor image is needed when %s', (_, wishes, world) => {
    expect(keysFor(wishes, world)).toEqual([]);
  });

  it('a sandbox that is to run needs both before it has an address', () => {
    expect(keysFor(ownRunner, { ...bare, address: null })).toEqual([importSandbox, createNetwork]);
  });

  it.each([
    ['never seen', never],
    ['failed', failed],
    ['stale', stale(someView())],
  ] as const)('an engine that is %s is left alone', (_, engine) => {
    expect(keysFor({ mode: 'drain' }, { nodes: [someNode(engine)] })).toEqual([]);
    expect(keysFor({ runnerImage: 'missing:1' }, { nodes: [someNode(engine)] })).toEqual([]);
  });
});
