// Brings the sandbox container to the wished state; its data lives in a volume that outlives the container.
import { specHash } from '../model/hash.ts';
import type { Issue } from '../model/issue.ts';
import type {
  Action,
  Desired,
  EngineView,
  FormerNode,
  HostNode,
  Observed,
  SandboxWish,
} from '../model/world.ts';
import { freshValue, lastValue } from './freshness.ts';
import { runnersLeft } from './plan-runners.ts';
import { isBeyondRestart } from './sandbox-trouble.ts';

/** The fingerprint of the sandbox's container. */
export function sandboxSpecHash(image: string, network: string): string {
  return specHash({ image, network });
}

/** The node in use that has the sandbox or is to get it. */
export function sandboxHome({ nodes, sandboxNode }: Observed): HostNode | undefined {
  return nodes.find(({ id }) => id === sandboxNode) ?? nodes[0];
}

/** Whether an engine has the sandbox or its data; `null` when that cannot be told. */
function hasSandbox({ engine }: HostNode, volume: string): boolean | null {
  const view = lastValue(engine);
  return view === null ? null : view.volumes.includes(volume) || sandboxContainer(view) !== null;
}

/** The engine that has this home's sandbox while another one is in use; `null` when the sandbox is here or nowhere. */
export function sandboxElsewhere(volume: string, observed: Observed): FormerNode | null {
  const { nodes, formerNodes, sandboxNode: id } = observed;
  if (id === null || nodes.some((node) => node.id === id)) return null;
  // An engine that has its data is the same one under another address.
  if (nodes.length === 0 || nodes.some((node) => hasSandbox(node, volume) !== false)) return null;
  return formerNodes.find((node) => node.id === id) ?? { id, host: id, answers: null };
}

/** States where the sandbox is, and how to get back to it. */
export function elsewhereIssue({ host, answers }: FormerNode, wish: SandboxWish['state']): Issue {
  const isAway = answers === false;
  return {
    key: 'sandbox.elsewhere',
    severity: wish === 'running' ? 'error' : 'warning',
    subject: 'sandbox',
    message: `The sandbox of this home, with its projects and jobs, is on another container engine: ${host}${isAway ? ', which does not answer' : ''}. No second one is started here.`,
    next: `${isAway ? 'Start that engine, then go' : 'Go'} back to it with \`autogit engine use ${host}\`. To begin anew on this engine, remove the sandbox there first: autogit sandbox reset. If that engine is gone for good, stop AutoGit and move state.db out of its home.`,
  };
}

/** At most one action at a time: create, replace, or remove. */
export function planSandbox(desired: Desired, observed: Observed): readonly Action[] {
  const node = sandboxHome(observed);
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
  if (container !== null && isBeyondRestart(container)) return [];
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
