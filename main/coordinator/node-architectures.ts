// How the engine in use stands with each processor: what its machine has, and what tries of it have shown.
import { registeredNote, triesNote } from '../apply/emulators.ts';
import type { ArchStatus } from '../model/emulation.ts';
import { architectures } from '../model/pool-container.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { ArchRenewal, Desired, Instant } from '../model/world.ts';
import { archStatuses } from '../plan/arch-status.ts';
import { lastValue } from '../plan/freshness.ts';
import type { Store } from '../ports.ts';
import type { NodeInUse } from './engine-in-use.ts';

/** That somebody wants a processor tried. */
const wishNote = (architecture: Architecture): string => `arch-test.${architecture}`;

export interface NodeArchitectures {
  /** Nothing before the machine was looked at. The same value as long as nothing of it changes. */
  of(node: Pick<NodeInUse, 'id' | 'watch' | 'binfmt'>): readonly ArchStatus[];
  renewal(node: string | null): ArchRenewal;
  /** An emulator was registered or removed. */
  look(node: Pick<NodeInUse, 'binfmt'> | null): void;
  wish(wanted: readonly Architecture[], at: Instant): void;
  /** Somebody asks for an emulator, or to be rid of it: what has failed before does not count. */
  askAgain(node: string, architecture: Architecture): void;
}

/** Whether anything depends on what the machine emulates. */
export function asksProcessors({ pools, emulation }: Pick<Desired, 'pools' | 'emulation'>): boolean {
  return pools.some(({ arch }) => arch !== null) || (emulation?.architectures ?? []).length > 0;
}

/** `since`: when the core started. */
export function createNodeArchitectures(store: Store, since: Instant): NodeArchitectures {
  let known: { readonly key: readonly unknown[]; readonly value: readonly ArchStatus[] } | null = null;
  let renewal: { readonly node: string | null; readonly value: ArchRenewal } | null = null;
  const valuesOf = (noteOf: (name: Architecture) => string): ArchRenewal['wishes'] =>
    Object.fromEntries(
      architectures.flatMap((name) => {
        const value = store.noteOf(noteOf(name)) ?? 0;
        return value === 0 ? [] : [[name, value]];
      }),
    );
  const readRenewal = (node: string | null): ArchRenewal => ({
    since,
    wishes: valuesOf(wishNote),
    registered: node === null ? {} : valuesOf((name) => registeredNote(node, name)),
    tries: node === null ? {} : valuesOf((name) => triesNote(node, name)),
  });
  return {
    of: ({ id, watch, binfmt }) => {
      const info = lastValue(watch.current())?.info;
      const view = binfmt.current();
      if (info === undefined || view === null) return [];
      const probes = store.archProbes(id);
      const key = [info.kind, info.version, info.architecture, info.rootless, view, probes];
      if (known === null || key.some((part, at) => part !== known?.key[at]))
        known = { key, value: archStatuses(info, view, probes, store.instance) };
      return known.value;
    },
    renewal: (node) => {
      if (renewal?.node !== node) renewal = { node, value: readRenewal(node) };
      return renewal.value;
    },
    look: (node) => {
      renewal = null;
      node?.binfmt.refresh();
    },
    wish: (wanted, at) => {
      for (const architecture of wanted) store.setNote(wishNote(architecture), at);
      renewal = null;
    },
    askAgain: (node, architecture) => {
      store.setNote(triesNote(node, architecture), 0);
      renewal = null;
    },
  };
}
