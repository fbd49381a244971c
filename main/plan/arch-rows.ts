// The processors of every node as doors show them: how it stands with each, and which pools ask for it. Pure.
import { slowdownSentence } from '../model/emulation.ts';
import type { ArchStatus } from '../model/emulation.ts';
import type { Desired, HostNode, Observed } from '../model/world.ts';

export interface ArchRow extends Omit<ArchStatus, 'spec'> {
  /** The name of the node. */
  readonly node: string;
  /** `null`: it is not slower. */
  readonly slowdown: string | null;
  /** Names of pools that ask for it. */
  readonly pools: readonly string[];
}

/** In the order of nodes and processors. */
export function architectureRows(
  desired: Pick<Desired, 'pools'>,
  observed: Pick<Observed, 'nodes'>,
): readonly ArchRow[] {
  return observed.nodes.flatMap(({ name, architectures = [] }: HostNode) =>
    architectures.map(({ architecture, state, usable, handler, probe, reason, fix }): ArchRow => ({
      ...{ node: name, architecture, state, usable, handler, probe, reason, fix },
      slowdown: state === 'qemu' ? slowdownSentence : null,
      pools: desired.pools.filter(({ arch }) => arch === architecture).map((pool) => pool.name),
    })),
  );
}
