// Which processors are tried now, and which emulators are registered or removed. Pure.
import type { ArchStatus } from '../model/emulation.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Action, ArchRenewal, Desired, HostNode, Instant, Observed, Plan } from '../model/world.ts';
import { freshValue } from './freshness.ts';

/** What was tried is believed for so long. Milliseconds. */
const believedMs = 86_400_000;

type Wishes = Pick<Desired, 'pools' | 'emulation' | 'mode'>;
type Wanted = ReadonlySet<Architecture | null>;

/** At most one action for each node: a try takes a second, and all that are due go with it. */
export function planArchitectures(
  desired: Wishes,
  observed: Pick<Observed, 'nodes' | 'archRenewal'>,
  now: Instant,
): Pick<Plan, 'actions' | 'wakeAt'> {
  const { archRenewal: renewal, nodes } = observed;
  if (renewal === undefined) return { actions: [], wakeAt: null };
  const known = nodes.filter(({ engine }) => freshValue(engine) !== null);
  const asked = askedFor(desired);
  const wakeUps = known.flatMap(({ architectures = [] }) => believedUntil(architectures, asked, now));
  return {
    actions: known.flatMap((node) => planNode(node, desired, asked, { renewal, now })),
    wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
  };
}

/** The target of every action about processors: one at a time on each node. */
export function architecturesOf(node: Pick<HostNode, 'name'>): string {
  return `architectures of node ${node.name}`;
}

/** Of the tries on a node: while they are under way there is an image that has no name yet. */
export function probeKey(node: string): string {
  return `probe-architectures:${node}`;
}

function askedFor({ pools, emulation }: Wishes): Wanted {
  const ofPools = pools.filter(({ executor }) => executor === 'image').map(({ arch }) => arch);
  return new Set([...ofPools, ...(emulation?.architectures ?? [])]);
}

function believedUntil(
  architectures: readonly ArchStatus[],
  asked: Wanted,
  now: Instant,
): readonly Instant[] {
  return architectures
    .filter(({ architecture, probe }) => asked.has(architecture) && probe !== null)
    .map(({ probe }) => (probe?.at ?? now) + believedMs)
    .filter((at) => at > now);
}

interface Moment {
  readonly renewal: ArchRenewal;
  readonly now: Instant;
}

function planNode(node: HostNode, desired: Wishes, asked: Wanted, moment: Moment): readonly Action[] {
  const { id, architectures = [] } = node;
  const target = architecturesOf(node);
  const emulators = planEmulators(node, desired, moment.renewal);
  if (emulators.length > 0) return emulators;
  const due = architectures.filter((status) => isDue(status, asked.has(status.architecture), moment));
  if (due.length === 0) return [];
  const names = due.map(({ architecture }) => architecture).join(', ');
  return [
    {
      kind: 'probe-architectures',
      key: probeKey(id),
      target,
      reason: `whether containers run programs of ${names} has to be known`,
      node: id,
      architectures: due.map(({ architecture, spec }) => ({ architecture, spec })),
    },
  ];
}

/** Whether a processor is to be tried. What reading shows to be hopeless is tried only where somebody asks. */
function isDue(
  { architecture, state, probe }: ArchStatus,
  isAsked: boolean,
  { renewal: { since, wishes, installed }, now }: Moment,
): boolean {
  const triedAt = probe?.at ?? -Infinity;
  if ((wishes[architecture] ?? -Infinity) > triedAt) return true;
  if (!isAsked) return false;
  if (probe === null) return state === 'qemu' || state === 'unknown';
  if (state === 'native') return false;
  return triedAt < since || triedAt < (installed[architecture] ?? 0) || now - triedAt >= believedMs;
}

/** Nothing is registered where something stands already, whatever its state: that is its owner's. */
function planEmulators(node: HostNode, { emulation, mode }: Wishes, renewal: ArchRenewal): readonly Action[] {
  if (emulation === undefined) return [];
  const { image } = emulation;
  const wanted = mode === 'teardown' ? [] : emulation.architectures;
  const base = { target: architecturesOf(node), node: node.id, image };
  return (node.architectures ?? []).flatMap((status): readonly Action[] => {
    const { architecture } = status;
    if (wanted.includes(architecture) && mode === 'serve' && isMissing(status, renewal))
      return [
        {
          ...base,
          kind: 'install-emulator',
          key: `install-emulator:${node.id}:${architecture}`,
          reason: `the settings ask for an emulator of ${architecture}, and there is none`,
          architecture,
        },
      ];
    if (!wanted.includes(architecture) && isOwnEmulator(status, renewal))
      return [
        {
          ...base,
          kind: 'remove-emulator',
          key: `remove-emulator:${node.id}:${architecture}`,
          reason: `the emulator of ${architecture} was registered by AutoGit and is not wanted any more`,
          architecture,
        },
      ];
    return [];
  });
}

/** Where the list cannot be seen, once in the life of the core: a second time would change nothing. */
function isMissing(
  { architecture, state, handler, probe }: ArchStatus,
  { since, installed }: ArchRenewal,
): boolean {
  if (state !== 'missing' || handler !== null) return false;
  return probe === null || (installed[architecture] ?? -Infinity) < since;
}

/** Registered by this home, and still the same as far as can be seen: packages have theirs in other places. */
function isOwnEmulator({ architecture, handler, state }: ArchStatus, { installed }: ArchRenewal): boolean {
  if (installed[architecture] === undefined) return false;
  if (handler === null) return state !== 'missing' && state !== 'native';
  return handler.interpreter === `/usr/bin/${handler.name}`;
}
