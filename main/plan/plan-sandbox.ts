// Brings the sandbox container to the wished state; its data lives in a volume that outlives the container.
import { specHash } from '../model/hash.ts';
import type { Action, Desired, EngineView, HostNode, Observed, SandboxWish } from '../model/world.ts';
import { freshValue } from './freshness.ts';
import { runnersLeft } from './plan-runners.ts';

/** The fingerprint of the sandbox's container. */
export function sandboxSpecHash(image: string, network: string): string {
  return specHash({ image, network });
}

/** At most one action at a time: create, replace, or remove. The sandbox lives on the first node. */
export function planSandbox(desired: Desired, observed: Observed): readonly Action[] {
  const [node] = observed.nodes;
  const view = node === undefined ? null : freshValue(node.engine);
  const wish = desired.sandbox;
  if (node === undefined || view === null || wish === null) return [];
  if (wish.state === 'running') return planRunning(wish, desired.network, observed, node, view);
  const container = sandboxContainer(view);
  const deleteVolume = wish.state === 'absent' && view.volumes.includes(wish.volume) ? wish.volume : null;
  if (container === null && deleteVolume === null) return [];
  if (wish.state === 'absent' && runnersLeft(observed)) return [];
  return [
    {
      kind: 'remove-sandbox',
      key: 'remove-sandbox',
      target: 'sandbox',
      reason: wish.state === 'absent' ? 'the sandbox is reset' : 'the sandbox is to be stopped',
      node: node.id,
      container,
      deleteVolume,
    },
  ];
}

function sandboxContainer(view: EngineView): EngineView['containers'][number] | null {
  return view.containers.find(({ role }) => role === 'sandbox') ?? null;
}

function planRunning(
  wish: SandboxWish,
  network: string,
  observed: Observed,
  node: HostNode,
  view: EngineView,
): readonly Action[] {
  const container = sandboxContainer(view);
  const hash = sandboxSpecHash(wish.image, network);
  const target = 'sandbox';
  if (
    container !== null &&
    (container.state !== 'running' || (container.specHash !== hash && isQuiet(observed)))
  ) {
    const reason = container.state === 'running' ? 'the sandbox has a newer image' : 'the sandbox has ended';
    return [
      {
        kind: 'remove-sandbox',
        key: 'remove-sandbox',
        target,
        reason,
        node: node.id,
        container,
        deleteVolume: null,
      },
    ];
  }
  if (container !== null || !view.images.includes(wish.image) || !view.networks.includes(network)) return [];
  return [
    {
      kind: 'start-sandbox',
      key: 'start-sandbox',
      target,
      reason: 'the sandbox is to run',
      node: node.id,
      image: wish.image,
      network,
      volume: wish.volume,
      specHash: hash,
    },
  ];
}

/** No runner and, as a fresh look shows, no open job: replacing the sandbox disturbs nobody. */
function isQuiet(observed: Observed): boolean {
  return !runnersLeft(observed) && freshValue(observed.gitlab)?.jobs.length === 0;
}
