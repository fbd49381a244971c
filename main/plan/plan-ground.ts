// What runners and the sandbox stand on: their images and their network.
import { unwantedCaches } from '../model/cache.ts';
import { probeImage } from '../model/emulation.ts';
import type { Action, Desired, EngineView, HostNode, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import { architecturesOf } from './plan-architectures.ts';
import { leftoversOf } from './plan-gateway.ts';
import { imageOf } from './plan-runners.ts';

/** True while something is to run: then image and network are needed. */
function isNeeded(desired: Desired, observed: Observed): boolean {
  const serving = desired.mode === 'serve' && observed.address !== null && desired.pools.length > 0;
  return serving || desired.sandbox?.state === 'running';
}

function wantedImages(desired: Desired): readonly string[] {
  const sandbox = desired.sandbox?.state === 'running' ? [desired.sandbox.image] : [];
  const pools = desired.mode === 'serve' ? desired.pools.map((pool) => imageOf(pool, desired)) : [];
  const gateway = desired.mode === 'serve' ? [desired.gatewayImage].filter((image) => image !== null) : [];
  return [...new Set([...sandbox, ...pools, ...gateway])];
}

/** Images and networks, on every node whose engine answers. */
export function planGround(desired: Desired, observed: Observed): readonly Action[] {
  return observed.nodes.flatMap((node) => {
    const view = freshValue(node.engine);
    if (view === null) return [];
    // A gateway that clears up after jobs stands on the network, too.
    const ground =
      isNeeded(desired, observed) || leftoversOf(view).length > 0
        ? [...planImages(desired, node, view), ...planNetwork(desired, node, view)]
        : planLeaving(desired, observed, node, view);
    const idle = isTrying(observed, node)
      ? []
      : [...planTries(desired, node, view), ...planNameless(desired, node, view)];
    return [...ground, ...planCaches(desired, node, view), ...idle];
  });
}

/** While processors are tried or emulators registered, what belongs to that is nobody else's business. */
function isTrying({ inFlight }: Pick<Observed, 'inFlight'>, node: HostNode): boolean {
  return inFlight.some(({ target }) => target === architecturesOf(node));
}

/** What a kill has left of it. No try begins before that is gone. */
function planTries({ instance }: Desired, node: HostNode, view: EngineView): readonly Action[] {
  const target = architecturesOf(node);
  const left = view.containers.filter(({ role }) => role === 'arch');
  const images = view.images.filter((image) => image === probeImage(instance));
  return [
    ...left.map((container): Action => {
      const reason = `${container.name} is left of a try that was cut off`;
      const key = `remove-container:${container.id}`;
      return { kind: 'remove-container', key, target, reason, node: node.id, container };
    }),
    ...removals(images, 'left of a try that was cut off', node, view).map((action) => ({
      ...action,
      target,
    })),
  ];
}

function planImages(desired: Desired, node: HostNode, view: EngineView): readonly Action[] {
  const missing = wantedImages(desired).filter((image) => !view.images.includes(image));
  const fetched = missing.map((image): Action => {
    const target = `image ${image}`;
    return image === desired.sandbox?.image || image === desired.gatewayImage
      ? {
          kind: 'import-image',
          key: `import-image:${image}`,
          target,
          reason:
            image === desired.sandbox?.image ? 'the sandbox needs its image' : 'the gateway needs its image',
          node: node.id,
          image,
        }
      : {
          kind: 'pull-image',
          key: `pull-image:${image}`,
          target,
          reason: `a pool needs the image ${image}`,
          node: node.id,
          image,
        };
  });
  const ahead = missing.length === 0 ? planAhead(desired, node, view) : [];
  return [...fetched, ...ahead, ...planOldImages(desired, node, view)];
}

/** What pools want to have before a job asks for it, once all is there that jobs wait for. */
function planAhead({ pools, mode }: Desired, node: HostNode, view: EngineView): readonly Action[] {
  const wanted = mode === 'serve' ? imagesAhead(pools) : [];
  return wanted
    .filter(({ image }) => !view.images.includes(image))
    .map(({ image, pool, platform }) => ({
      kind: 'pull-image',
      key: `pull-image:${image}`,
      target: `image ${image}`,
      reason: `pool ${pool} wants ${image} before a job does`,
      node: node.id,
      image,
      ...(platform === null ? {} : { platform }),
    }));
}

/** One reference is one image on an engine: of two pools that want it for other processors, the first counts. */
function imagesAhead(
  pools: Desired['pools'],
): readonly { readonly image: string; readonly pool: string; readonly platform: string | null }[] {
  const wanted = pools
    .filter(({ paused }) => !paused)
    .flatMap(({ name, prePull, arch }) =>
      prePull.map((image) => ({ image, pool: name, platform: arch === null ? null : `linux/${arch}` })),
    );
  return [...new Map(wanted.toReversed().map((one) => [one.image, one])).values()].reverse();
}

/** Sandbox images of earlier versions. */
function planOldImages(desired: Desired, node: HostNode, view: EngineView): readonly Action[] {
  const current = desired.sandbox?.image;
  if (current === undefined || !view.images.includes(current)) return [];
  const name = current.slice(0, current.lastIndexOf(':') + 1);
  const old = view.images.filter((image) => image.startsWith(name) && image !== current);
  return removals(old, 'of an earlier version', node, view);
}

/** An import that was cut off leaves an image without a name, listed by its id. One under way has none yet, too. */
function planNameless({ sandbox }: Desired, node: HostNode, view: EngineView): readonly Action[] {
  if (sandbox?.state === 'running' && !view.images.includes(sandbox.image)) return [];
  const nameless = view.images.filter((image) => image.startsWith('sha256:'));
  return removals(nameless, 'left of an import', node, view);
}

/** Images that a container uses stay. */
function removals(
  images: readonly string[],
  what: string,
  node: HostNode,
  view: EngineView,
): readonly Action[] {
  return images
    .filter((image) => !view.containers.some((container) => container.image === image))
    .map((image) => ({
      kind: 'remove-image',
      key: `remove-image:${image}`,
      target: `image ${image}`,
      reason: `${image} is ${what}`,
      node: node.id,
      image,
    }));
}

/**
 * Caches that nobody wants any more. Those of a pool that keeps none now stay until its runners have gone. Those that are
 * too many do not wait for that, since a pool may have runners always: the engine refuses to remove one that is in use.
 */
function planCaches(desired: Desired, node: HostNode, view: EngineView): readonly Action[] {
  const { caches = [], containers } = view;
  if (caches.length === 0) return [];
  const inUse = new Set(containers.flatMap(({ role, pool }) => (role === 'runner' ? [pool] : [])));
  const pools = desired.mode === 'teardown' || desired.sandbox?.state === 'absent' ? [] : desired.pools;
  const { forsaken, surplus } = unwantedCaches(caches, pools);
  const left = leftoversOf(view).length > 0 ? [] : forsaken.filter(({ pool }) => !inUse.has(pool));
  return [...left, ...surplus].map(({ name, pool }) => ({
    kind: 'remove-cache',
    key: `remove-cache:${name}`,
    target: `volume ${name}`,
    reason: `pool ${pool} does not keep this cache any more`,
    node: node.id,
    volume: name,
  }));
}

/** The stack's network is the stack's to make and to remove. */
function planNetwork(desired: Desired, node: HostNode, view: EngineView): readonly Action[] {
  const { network, stackNetwork } = desired;
  if (stackNetwork !== undefined || view.networks.includes(network)) return [];
  const reason = 'runners need a network of their own';
  return [
    {
      kind: 'create-network',
      key: `create-network:${network}`,
      target: `network ${network}`,
      reason,
      node: node.id,
      network,
    },
  ];
}

function planLeaving(
  desired: Desired,
  observed: Observed,
  node: HostNode,
  view: EngineView,
): readonly Action[] {
  const { network } = desired;
  const isStarting = observed.inFlight.some(({ key }) => key.startsWith('start-'));
  if (!view.networks.includes(network) || view.containers.length > 0 || isStarting) return [];
  const reason = 'nothing is left on the network';
  return [
    {
      kind: 'remove-network',
      key: `remove-network:${network}`,
      target: `network ${network}`,
      reason,
      node: node.id,
      network,
    },
  ];
}
