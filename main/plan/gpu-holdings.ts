// Who holds which card, found again after a crash from records and from the labels of living containers.
import { assertNever } from '../model/assert.ts';
import { parseGpuLabel, renderGpuLabel } from '../model/gpu.ts';
import type { GpuGrant, GpuHolding } from '../model/gpu.ts';
import type { ContainerState } from '../model/runner.ts';
import type { Instant } from '../model/world.ts';

/** A start that was written down and is not closed yet. */
export interface GpuRecord {
  readonly node: string;
  /** The container's name. */
  readonly name: string;
  /** What was granted; `null`: no GPU. */
  readonly grant: GpuGrant | null;
  readonly by: string;
  readonly since: Instant;
}

/** A container of ours, its signature checked. */
export interface GpuContainer {
  /** The runner's container name: its own, or for a job's container that of the runner whose job it is. */
  readonly holder: string;
  readonly state: ContainerState;
  /** Its label `autogit.gpu`; `null`: it has none. */
  readonly label: string | null;
  readonly by: string;
  readonly since: Instant;
}

/** The containers of a node; `null` where the engine did not answer, or not lately. */
export interface GpuNodeView {
  readonly node: string;
  readonly containers: readonly GpuContainer[] | null;
}

/**
 * Everything that is held. `views` has every node of the inventory: what cannot be seen is held, as is what a label
 * does not say clearly. A record holds until it is closed or its containers have all ended.
 */
export function recoverHoldings(
  records: readonly GpuRecord[],
  views: readonly GpuNodeView[],
): readonly GpuHolding[] {
  const holdings = new Map<string, GpuHolding>();
  for (const { node, containers } of views) {
    if (containers === null) add(holdings, '', unknownNode(node));
    for (const { holder, state, label, by, since } of containers ?? [])
      if (label !== null && isAlive(state))
        add(holdings, holder, { node, grant: parseGpuLabel(node, label), by, since });
  }
  for (const { node, name, grant, by, since } of records)
    if (grant !== null && !hasEnded(node, name, views)) add(holdings, name, { node, grant, by, since });
  return [...holdings.values()];
}

/** A runner, its record and its job's containers hold a card together, and once. */
function add(holdings: Map<string, GpuHolding>, holder: string, holding: GpuHolding): void {
  const what = holding.grant === null ? '' : renderGpuLabel(holding.grant);
  const key = JSON.stringify([holding.node, holder, what]);
  const known = holdings.get(key);
  if (known === undefined || holding.since < known.since) holdings.set(key, holding);
}

function unknownNode(node: string): GpuHolding {
  return { node, grant: null, by: 'containers on an engine that does not answer', since: 0 };
}

/** True when it is seen that containers of this name were there and none of them lives. */
function hasEnded(node: string, name: string, views: readonly GpuNodeView[]): boolean {
  const containers = views.find((view) => view.node === node)?.containers ?? [];
  const own = containers.filter(({ holder }) => holder === name);
  return own.length > 0 && own.every(({ state }) => !isAlive(state));
}

/** A created container is about to start, and one that is being removed may still run. */
function isAlive(state: ContainerState): boolean {
  switch (state) {
    case 'created':
    case 'running':
    case 'paused':
    case 'restarting':
    case 'removing':
      return true;
    case 'exited':
    case 'dead':
      return false;
    default:
      return assertNever(state);
  }
}
