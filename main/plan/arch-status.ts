// How an engine stands with every processor: by itself, by an emulator that was tried, or why not. Pure.
import { isUsable, ownEmulator } from '../model/emulation.ts';
import type { ArchProbe, ArchState, ArchStatus, BinfmtHandler, BinfmtView } from '../model/emulation.ts';
import type { EngineInfo } from '../model/engine.ts';
import { architectures } from '../model/pool-container.ts';
import type { Architecture } from '../model/pool-container.ts';

/** What a processor runs besides its own, as its kernels are made by default. */
const alsoNative: Readonly<Partial<Record<string, Architecture>>> = { amd64: '386' };

/** Whether an engine runs programs of a processor by itself, as far as its name tells. */
export function isNative(architecture: Architecture, engine: string): boolean {
  return architecture === engine || architecture === alsoNative[engine];
}

type Machine = Pick<EngineInfo, 'kind' | 'version' | 'architecture' | 'rootless'>;

/** One for each processor. `probes`: the newest of each, of this node. `instance`: of this home. */
export function archStatuses(
  machine: Machine,
  view: BinfmtView,
  probes: readonly ArchProbe[],
  instance: string,
): readonly ArchStatus[] {
  return architectures.map((architecture) => {
    const handlers = view.handlers.filter((one) => one.architecture === architecture);
    const handler = handlers.find(isUsable) ?? handlers[0] ?? null;
    const { kind, version } = machine;
    const spec = JSON.stringify([kind, version, machine.architecture, view.state, handler]);
    const probe = probes.find((one) => one.architecture === architecture && one.spec === spec) ?? null;
    const judged = judge({ architecture, machine, view, handler, probe });
    // What runs although nothing is listed runs by a list that is not this one.
    const isSeen = seesList(machine, view) && !(handler === null && judged.state === 'qemu');
    const { name: ownName } = ownEmulator(instance, architecture);
    return {
      architecture,
      ...judged,
      own: isSeen ? handlers.some(({ name }) => name === ownName) : null,
      usable: judged.reason === null,
      handler: handler && { name: handler.name, interpreter: handler.interpreter, flags: handler.flags },
      probe: probe && { at: probe.at, machine: probe.machine, failure: probe.failure },
      spec,
    };
  });
}

interface Case {
  readonly architecture: Architecture;
  readonly machine: Machine;
  readonly view: BinfmtView;
  readonly handler: BinfmtHandler | null;
  readonly probe: ArchProbe | null;
}

type Judged = Pick<ArchStatus, 'reason' | 'fix'> & { readonly state: ArchState };

/** The kernel keeps a list for each user namespace since Linux 6.7: a rootless engine may have one of its own. */
function seesList({ rootless }: Machine, { state }: BinfmtView): boolean {
  return (state === 'enabled' || state === 'disabled') && !rootless;
}

function judge(one: Case): Judged {
  const { architecture, machine, view, handler, probe } = one;
  const ran = probe !== null && probe.failure === null;
  // The kernel asks its list first: a program that the processor could run as well goes to the emulator.
  const isTaken = handler?.enabled === true && view.state === 'enabled';
  const isItself =
    architecture === machine.architecture || (isNative(architecture, machine.architecture) && !isTaken);
  if (isItself && (probe === null || ran)) return fine('native');
  // Some processors of 64 bits run the programs of their older kind, and others do not.
  const isOlderKind = architecture === 'arm' && machine.architecture === 'arm64';
  if (ran) return fine(isOlderKind && !isTaken ? 'native' : 'qemu');
  if (isOlderKind && !isTaken && probe === null)
    return {
      state: 'unknown',
      reason: `Some ${machine.architecture} processors run ${architecture} programs by themselves, and this one has not been tried yet.`,
      fix: tryFix(architecture),
    };
  if (handler !== null) return judgeHandler(one, handler);
  if (isItself)
    return {
      state: 'broken',
      reason: `A ${architecture} program did not run, although this processor could: ${words(probe)}`,
      fix: 'The kernel is made without it, or it is switched off at its start (ia32_emulation).',
    };
  if (probe !== null || (view.state === 'enabled' && seesList(machine, view)))
    return {
      state: 'missing',
      reason: `Nothing here runs ${architecture} programs${probe === null ? '.' : `: ${words(probe)}`}`,
      fix: installFix(architecture),
    };
  return judgeUnseen(architecture, view);
}

function fine(state: 'native' | 'qemu'): Judged {
  return { state, reason: null, fix: null };
}

/** An emulator is registered. */
function judgeHandler({ architecture, view, probe }: Case, handler: BinfmtHandler): Judged {
  const { name, enabled, flags } = handler;
  if (view.state === 'disabled')
    return {
      state: 'broken',
      reason: 'Emulation is switched off on this machine (binfmt_misc).',
      fix: 'As root: echo 1 > /proc/sys/fs/binfmt_misc/status',
    };
  if (!enabled)
    return {
      state: 'broken',
      reason: `The emulator ${name} is switched off.`,
      fix: `As root: echo 1 > /proc/sys/fs/binfmt_misc/${name}`,
    };
  if (!flags.includes('F'))
    return {
      state: 'broken',
      reason: `The emulator ${name} is registered without the flag F (it has ${flags === '' ? 'none' : flags}), so containers do not find it.`,
      fix: 'Install qemu-user-static in place of qemu-user, or register it with F and restart systemd-binfmt.',
    };
  if (probe === null)
    return {
      state: 'qemu',
      reason: `The emulator ${name} has not been tried in a container yet.`,
      fix: `AutoGit tries it before the first job. At once: autogit arch test ${architecture}`,
    };
  return {
    state: 'broken',
    reason: `The emulator ${name} does not work: ${words(probe)}`,
    fix: `Install qemu-user-static anew, then: autogit arch test ${architecture}`,
  };
}

/** Nobody can see whether there is an emulator. */
function judgeUnseen(architecture: Architecture, { state }: BinfmtView): Judged {
  const why: Readonly<Record<BinfmtView['state'], string>> = {
    enabled: 'The engine runs without root, and may have emulators of its own.',
    disabled: 'Emulation is switched off on this machine (binfmt_misc).',
    'not-mounted': "The kernel's list of emulators cannot be seen (binfmt_misc is not mounted).",
    elsewhere: 'The engine is on another machine, whose emulators cannot be seen from here.',
  };
  return {
    state: state === 'disabled' ? 'missing' : 'unknown',
    reason: why[state],
    fix: state === 'disabled' ? 'As root: echo 1 > /proc/sys/fs/binfmt_misc/status' : tryFix(architecture),
  };
}

function tryFix(architecture: Architecture): string {
  return `Try it: autogit arch test ${architecture}`;
}

/** One sentence. */
function words(probe: ArchProbe | null): string {
  return (probe?.failure ?? '').replace(/\.?$/, '.');
}

function installFix(architecture: Architecture): string {
  return `See how it is installed: autogit arch enable ${architecture}`;
}
