// The gateway: one container on each node that has runners of executor `image`, there before the first of them.
import { specHash } from '../model/hash.ts';
import type { Container } from '../model/runner.ts';
import type { Action, Desired, EngineView, HostNode, JobObject, Observed } from '../model/world.ts';
import { freshValue, sawSince } from './freshness.ts';
import { runnerNetwork } from './runner-network.ts';

/** The newest fingerprint: every pool asks for it with every plan. */
let newest = { image: '', network: '', hash: '' };

/** The fingerprint of the gateway's container. */
export function gatewaySpecHash(image: string, network: string): string {
  if (newest.image !== image || newest.network !== network)
    newest = { image, network, hash: specHash({ image, network }) };
  return newest.hash;
}

type Wanted = Pick<Desired, 'gatewayImage' | 'network' | 'stackNetwork'>;

/** Whether runners of executor `image` find their engine, through the gateway that is wanted now. */
export function hasGateway(view: EngineView, wanted: Wanted): boolean {
  const gateway = gatewayOf(view);
  const { gatewayImage } = wanted;
  const isWanted =
    gatewayImage !== null && gateway?.specHash === gatewaySpecHash(gatewayImage, runnerNetwork(wanted));
  return isWanted && gateway.state === 'running';
}

/** Whether a runner goes through a gateway that is to be replaced, which it can be only when the runner has gone. */
export function isOnOldGateway(runner: Container, view: EngineView | null, wanted: Wanted): boolean {
  const { gatewayImage } = wanted;
  if (runner.needsGateway !== true || view === null || gatewayImage === null) return false;
  const gateway = gatewayOf(view);
  return (
    gateway?.state === 'running' && gateway.specHash !== gatewaySpecHash(gatewayImage, runnerNetwork(wanted))
  );
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

function gatewayOf(view: EngineView): Container | undefined {
  return view.containers.find(({ role }) => role === 'gateway');
}

/** Whether a runner is there that goes through it, or has been started and is not seen yet. */
function hasDependents({ pools }: Desired, { records }: Observed, node: HostNode, view: EngineView): boolean {
  if (view.containers.some(({ needsGateway }) => needsGateway === true)) return true;
  const others = new Set(pools.flatMap(({ name, executor }) => (executor === 'container' ? [name] : [])));
  return records.some(
    ({ node: where, pool, createdAt, startedAt }) =>
      where === node.id && !others.has(pool) && !sawSince(node.engine, Math.max(createdAt, startedAt ?? 0)),
  );
}

/** It stays as long as a runner is there that needs it, and is replaced between runners only. */
export function planGateway(desired: Desired, observed: Observed): readonly Action[] {
  return observed.nodes.flatMap((node) => {
    const view = freshValue(node.engine);
    return view === null ? [] : planOne(desired, observed, node, view);
  });
}

function planOne(desired: Desired, observed: Observed, node: HostNode, view: EngineView): readonly Action[] {
  const { gatewayImage: image } = desired;
  const network = runnerNetwork(desired);
  const container = gatewayOf(view);
  const hasRunners = hasDependents(desired, observed, node, view);
  const isServing = desired.mode === 'serve' && observed.address !== null;
  const isWanted = image !== null && (isServing || hasRunners || leftoversOf(view).length > 0);
  const key = `gateway:${node.id}`;
  const target = `gateway ${node.name}`;
  if (container !== undefined) {
    const hash = isWanted ? gatewaySpecHash(image, network) : null;
    const isBusy = hasRunners || observed.inFlight.some((action) => action.key.startsWith('start-'));
    const reason = whyRemove(container, hash, isBusy, view);
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

/** `wanted`: its fingerprint, `null` for none. `isBusy`: a runner may need the one that is there. */
function whyRemove(
  container: Container,
  wanted: string | null,
  isBusy: boolean,
  view: EngineView,
): string | null {
  if (container.state !== 'running') return 'the gateway has ended';
  if (container.specHash === wanted) return null;
  if (wanted === null && leftoversOf(view).length > 0) return null;
  if (isBusy) return null;
  return wanted === null ? 'no runner needs the gateway any more' : 'the gateway has changed';
}
