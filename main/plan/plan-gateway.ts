// The gateway: one container on each node that has runners of executor `image`, there before the first of them.
import { specHash } from '../model/hash.ts';
import type { Action, Desired, EngineView, HostNode, JobObject, Observed } from '../model/world.ts';
import { freshValue } from './freshness.ts';

/** The fingerprint of the gateway's container. */
export function gatewaySpecHash(image: string, network: string): string {
  return specHash({ image, network });
}

/** Whether runners of executor `image` find their engine. */
export function hasGateway(view: EngineView): boolean {
  return gatewayOf(view)?.state === 'running';
}

/** What jobs have left whose runner is gone: the gateway alone can clear it away, since GitLab may be on their networks. */
export function leftoversOf({
  containers,
  jobContainers = [],
  jobPlaces = [],
}: EngineView): readonly JobObject[] {
  const alive = new Set(containers.filter(({ role }) => role === 'runner').map(({ name }) => name));
  return [...jobContainers, ...jobPlaces].filter(({ runner }) => !alive.has(runner));
}

function gatewayOf(view: EngineView): EngineView['containers'][number] | undefined {
  return view.containers.find(({ role }) => role === 'gateway');
}

/** It stays as long as a runner is there that may need it, and is replaced between runners only. */
export function planGateway(desired: Desired, observed: Observed): readonly Action[] {
  return observed.nodes.flatMap((node) => {
    const view = freshValue(node.engine);
    return view === null ? [] : planOne(desired, observed, node, view);
  });
}

function planOne(desired: Desired, observed: Observed, node: HostNode, view: EngineView): readonly Action[] {
  const { network, gatewayImage: image } = desired;
  const container = gatewayOf(view);
  const hasRunners = view.containers.some(({ role }) => role === 'runner');
  const isServing = desired.mode === 'serve' && observed.address !== null;
  const isWanted = image !== null && (isServing || hasRunners || leftoversOf(view).length > 0);
  const key = `gateway:${node.id}`;
  const target = `gateway ${node.name}`;
  if (container !== undefined) {
    const reason = whyRemove(container, isWanted ? gatewaySpecHash(image, network) : null, observed, view);
    if (reason === null) return [];
    return [{ kind: 'remove-gateway', key: `remove-${key}`, target, reason, node: node.id, container }];
  }
  if (!isWanted || !view.images.includes(image) || !view.networks.includes(network)) return [];
  const hash = gatewaySpecHash(image, network);
  const reason = 'jobs in images of their own need a way to the engine';
  return [
    {
      kind: 'start-gateway',
      key: `start-${key}`,
      target,
      reason,
      node: node.id,
      image,
      network,
      specHash: hash,
    },
  ];
}

/** `wanted`: its fingerprint, `null` for none. */
function whyRemove(
  container: EngineView['containers'][number],
  wanted: string | null,
  observed: Observed,
  view: EngineView,
): string | null {
  if (container.state !== 'running') return 'the gateway has ended';
  if (container.specHash === wanted) return null;
  const hasRunners = view.containers.some(({ role }) => role === 'runner');
  if (wanted === null && leftoversOf(view).length > 0) return null;
  if (hasRunners || observed.inFlight.some(({ key }) => key.startsWith('start-'))) return null;
  return wanted === null ? 'no runner needs the gateway any more' : 'the gateway has changed';
}
