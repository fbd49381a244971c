// Which processors are tried now, and which emulators are registered or removed, or given up. Pure.
import type { ArchStatus } from '../model/emulation.ts';
import type { Issue } from '../model/issue.ts';
import type { Architecture } from '../model/pool-container.ts';
import type { Action, ArchRenewal, Desired, HostNode, Instant, Observed, Plan } from '../model/world.ts';
import { freshValue } from './freshness.ts';

/** What was tried is believed for so long. Milliseconds. */
const believedMs = 86_400_000;
/** So many privileged containers in a row that did not do it are enough: then a person has to ask again. */
const mostTries = 3;

type Wishes = Pick<Desired, 'pools' | 'emulation' | 'mode'>;
type Wanted = ReadonlySet<Architecture | null>;

/** At most one action for each node: a try takes a second, and all that are due go with it. */
export function planArchitectures(
  desired: Wishes,
  observed: Pick<Observed, 'nodes' | 'archRenewal'>,
  now: Instant,
): Plan {
  const { archRenewal: renewal, nodes } = observed;
  if (renewal === undefined) return { actions: [], issues: [], wakeAt: null };
  const known = nodes.filter(({ engine }) => freshValue(engine) !== null);
  const asked = askedFor(desired);
  const wakeUps = known.flatMap(({ architectures = [] }) => believedUntil(architectures, asked, now));
  return {
    actions: known.flatMap((node) => planNode(node, desired, asked, { renewal, now })),
    issues: known.flatMap((node) => changesOf(node, desired, renewal).filter(isGivenUp).map(givenUp)),
    wakeAt: wakeUps.length === 0 ? null : Math.min(...wakeUps),
  };
}

/** The target of every action about processors: one at a time on each node. */
export function architecturesOf(node: Pick<HostNode, 'name'>): string {
  return `architectures of node ${node.name}`;
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
  const emulators = changesOf(node, desired, moment.renewal).filter((change) => !isGivenUp(change));
  if (emulators.length > 0) return emulators.map((change) => emulatorAction(change, node, desired));
  const due = architectures.filter((status) => isDue(status, asked.has(status.architecture), moment));
  if (due.length === 0) return [];
  const names = due.map(({ architecture }) => architecture).join(', ');
  return [
    {
      kind: 'probe-architectures',
      key: `probe-architectures:${id}`,
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
  { renewal: { since, wishes }, now }: Moment,
): boolean {
  const triedAt = probe?.at ?? -Infinity;
  if ((wishes[architecture] ?? -Infinity) > triedAt) return true;
  if (!isAsked) return false;
  if (probe === null) return state === 'qemu' || state === 'unknown';
  if (state === 'native') return false;
  return triedAt < since || now - triedAt >= believedMs;
}

/** An emulator that is to come or to go. */
interface Change {
  readonly kind: 'install-emulator' | 'remove-emulator';
  readonly target: string;
  readonly status: ArchStatus;
  readonly tries: number;
}

/** Nothing is registered where something stands already, whatever its state: that is its owner's. */
function changesOf(node: HostNode, { emulation, mode }: Wishes, renewal: ArchRenewal): readonly Change[] {
  if (emulation === undefined) return [];
  const wanted = mode === 'teardown' ? [] : emulation.architectures;
  return (node.architectures ?? []).flatMap((status): readonly Change[] => {
    const { architecture, state, handler } = status;
    const isWanted = wanted.includes(architecture);
    const change = { target: architecturesOf(node), status, tries: renewal.tries[architecture] ?? 0 };
    if (isWanted && mode === 'serve' && state === 'missing' && handler === null)
      return [{ ...change, kind: 'install-emulator' }];
    return !isWanted && hasOwnEmulator(status, renewal) ? [{ ...change, kind: 'remove-emulator' }] : [];
  });
}

/** Whether this home has an emulator of it there. Where the list cannot be seen, by what was written down. */
export function hasOwnEmulator(
  { architecture, own }: ArchStatus,
  { registered }: Pick<ArchRenewal, 'registered'>,
): boolean {
  return own ?? registered[architecture] !== undefined;
}

function emulatorAction({ kind, target, status }: Change, node: HostNode, { emulation }: Wishes): Action {
  const { architecture, spec } = status;
  const key = `${kind}:${node.id}:${architecture}`;
  const base = { key, target, node: node.id, image: emulation?.image ?? '', architecture };
  if (kind === 'remove-emulator') {
    const reason = `the emulator of ${architecture} was registered by AutoGit and is not wanted any more`;
    return { ...base, kind, reason };
  }
  return {
    ...{ ...base, kind, spec },
    reason: `the settings ask for an emulator of ${architecture}, and there is none`,
  };
}

function isGivenUp({ tries }: Change): boolean {
  return tries >= mostTries;
}

function givenUp({ kind, target, status: { architecture }, tries }: Change): Issue {
  const [what, again] =
    kind === 'install-emulator'
      ? ['registered', `enable ${architecture} --privileged`]
      : ['removed', `disable ${architecture}`];
  return {
    ...{ key: 'arch.emulator-failed', severity: 'error', subject: target },
    message: `The emulator of ${architecture} could not be ${what} in ${tries} tries, and AutoGit does not try again by itself.`,
    next: `The log says what the image said. To try again: autogit arch ${again}`,
  };
}
