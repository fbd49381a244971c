// The processors of every node as doors show them: how it stands with each, and which pools ask for it. Pure.
import { slowdownSentence } from '../model/emulation.ts';
import type { ArchStatus } from '../model/emulation.ts';
import type { Desired, HostNode, Observed } from '../model/world.ts';
import { hasOwnEmulator } from './plan-architectures.ts';

export interface ArchRow extends Omit<ArchStatus, 'spec' | 'own'> {
  /** The name of the node. */
  readonly node: string;
  /** `null`: it is not slower. */
  readonly slowdown: string | null;
  /** Names of pools that ask for it. */
  readonly pools: readonly string[];
  /** AutoGit has registered an emulator of it, which is there as far as anybody can tell. */
  readonly ours?: true;
}

/** In the order of nodes and processors. */
export function architectureRows(
  desired: Pick<Desired, 'pools'>,
  { nodes, archRenewal }: Pick<Observed, 'nodes' | 'archRenewal'>,
): readonly ArchRow[] {
  return nodes.flatMap(({ name, architectures = [] }: HostNode) =>
    architectures.map((status): ArchRow => {
      const { architecture, state, usable, handler, probe, reason, fix } = status;
      const isOurs = archRenewal !== undefined && hasOwnEmulator(status, archRenewal);
      return {
        ...{ node: name, architecture, state, usable, handler, probe, reason, fix },
        slowdown: state === 'qemu' ? slowdownSentence : null,
        pools: desired.pools.filter(({ arch }) => arch === architecture).map((pool) => pool.name),
        ...(isOurs ? { ours: true } : {}),
      };
    }),
  );
}
