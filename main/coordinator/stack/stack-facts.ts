// What of this machine and its engine decides about a stack.
import { parseMeminfo } from '../../detect/machine/meminfo.ts';
import { detectCompose } from '../../detect/machine/compose.ts';
import { detectNetwork } from '../../detect/stack/network.ts';
import { detectGroup, detectResolvers, detectTimezone } from '../../detect/stack/place.ts';
import { AutoGitError } from '../../errors.ts';
import type { EngineInfo } from '../../model/engine.ts';
import { checksHealth, confinesBySelinux, isEligible, isNamed, tooOld } from '../../model/engine.ts';
import type { StackFacts } from '../../model/stack/stack.ts';
import { acmeOf, acmeWay } from '../../model/stack/acme.ts';
import { addressNumber } from '../../model/stack/subnet.ts';
import { freshValue } from '../../plan/freshness.ts';
import type { Engine, LabelledObject } from '../../ports.ts';
import type { StackStanding } from '../../stack-ports.ts';
import type { Coordinator } from '../coordinator.ts';
import type { StackLookContext } from './look-parts.ts';
import { writtenSubnets } from './written-subnets.ts';

/** An engine and what it says of itself. */
export interface AskedStackEngine {
  readonly engine: Engine;
  readonly info: EngineInfo;
}

/**
 * The engine in use, as it was seen last; in a core that has none yet, the one that it would take. `null`: none answers.
 * Never rejects.
 */
export async function stackEngine({
  coordinator,
  engines,
  settings,
}: Pick<StackLookContext, 'coordinator' | 'engines' | 'settings'>): Promise<AskedStackEngine | null> {
  const node = coordinator.node();
  if (node !== null) {
    const info = freshValue(node.watch.current())?.info;
    const asked = info ?? (await node.engine.info().catch(() => null));
    return asked === null ? null : { engine: node.engine, info: asked };
  }
  const places = await engines.places(settings.current().engine.host);
  const named = places.find(isNamed);
  for (const { host } of named === undefined ? places.filter(isEligible) : [named]) {
    const info = await engines.ask(host).catch(() => null);
    if (info !== null && tooOld(info) === null) return { engine: engines.connect(host), info };
  }
  return null;
}

/** Nobody can do anything with containers now. */
export function noEngine(): AutoGitError {
  return new AutoGitError({
    key: 'stack.no-engine',
    message: 'No container engine answers, and the stack is made of containers.',
    next: 'See why: autogit engine list',
    retry: true,
  });
}

/** Whether the engine in use runs health checks: Podman leaves them to systemd's timers. */
export function runsHealthChecks(coordinator: Pick<Coordinator, 'node'>): boolean {
  return !isPodman(coordinator);
}

/** Whether the engine in use is a Podman, as far as it is known. */
export function isPodman(coordinator: Pick<Coordinator, 'node'>): boolean {
  const seen = coordinator.node()?.watch.current();
  return seen !== undefined && freshValue(seen)?.info.kind === 'podman';
}

/** The file path of a socket in an address of an engine of this machine. */
function socketOf({ host, isHere }: EngineInfo): string | null {
  return isHere ? (/^unix:\/\/(\/.+)$/.exec(host)?.[1] ?? null) : null;
}

function isIpv4(subnet: string): boolean {
  return addressNumber(subnet.split('/')[0] ?? '') !== null;
}

async function composeVersion({ probe, stackLook }: StackLookContext): Promise<string | null> {
  if (stackLook !== undefined) return stackLook.compose.version().catch(() => null);
  const { value } = await detectCompose(probe);
  return value.version;
}

/** Networks of the engine; those of a lab's stack for themselves. */
function splitNetworks(networks: readonly LabelledObject[], project: string | null) {
  const isOwn = ({ name, labels }: LabelledObject): boolean =>
    project !== null && (labels['com.docker.compose.project'] === project || name.startsWith(`${project}_`));
  const subnetsOf = ({ subnets = [] }: LabelledObject): readonly string[] => subnets.filter(isIpv4);
  const own = networks
    .filter(isOwn)
    .flatMap((network) => subnetsOf(network).map((subnet) => [network.name, subnet] as const));
  return { own, others: networks.filter((network) => !isOwn(network)).flatMap(subnetsOf) };
}

/** What was tried once, or serves, is not tried again. */
function provenFor(
  lab: string | null,
  stackLook: StackLookContext['stackLook'],
): Pick<StackFacts, 'acmeProven'> {
  if (lab === null || stackLook === undefined) return {};
  const proven = stackLook.provenWays?.(lab) ?? [];
  const serving = servingWay(lab, stackLook.journal.standing());
  const ways = serving === null || proven.includes(serving) ? proven : [...proven, serving];
  return ways.length === 0 ? {} : { acmeProven: ways };
}

function servingWay(lab: string, standing: StackStanding | null): string | null {
  if (standing?.answers.lab !== lab || standing.answers.domain === null) return null;
  const acme = acmeOf(standing.answers.tls);
  return acme === null || acme.staging || acme.server !== null
    ? null
    : acmeWay(acme, standing.answers.domain);
}

/**
 * Detected anew with each call, within a second. `lab`: whose own networks are no collision; by default that of the
 * stack that is or was up here. What cannot be found out is `null`; never rejects.
 */
export async function stackFacts(context: StackLookContext, lab?: string): Promise<StackFacts> {
  const { probe, stackLook } = context;
  const self = probe.self();
  const name = lab ?? stackLook?.journal.current()?.lab ?? null;
  const [asked, network, timezone, resolvers, gid, meminfo, compose, written] = await Promise.all([
    stackEngine(context),
    detectNetwork(probe),
    detectTimezone(probe),
    detectResolvers(probe),
    detectGroup(probe),
    probe.readFile('/proc/meminfo'),
    composeVersion(context),
    name === null || stackLook === undefined ? {} : writtenSubnets(name, stackLook.folder),
  ]);
  const info = asked?.info ?? null;
  const listed = asked === null ? [] : await asked.engine.listNetworks({}).catch(() => []);
  const { own, others } = splitNetworks(listed, name === null ? null : `autogit-${name}`);
  const there = new Set(own.map(([, subnet]) => subnet));
  const reached = network.subnets.filter((subnet) => !there.has(subnet));
  // After `down` the engine has none of them: the files still say which they were.
  const kept = { ...written, ...Object.fromEntries(own) };
  return {
    // An engine in a virtual machine has less than its host.
    memoryBytes: info?.memoryBytes ?? parseMeminfo(meminfo).totalBytes,
    threads: info?.cpus ?? self.usableThreads,
    address: network.address,
    address6: network.address6,
    ...{ timezone, resolvers, gid },
    uid: self.uid,
    subnets: [...new Set([...reached, ...others])].toSorted(),
    ...(Object.keys(kept).length === 0 ? {} : { kept }),
    ...(own.length === 0 ? {} : { standing: own.map(([network]) => network) }),
    engine:
      info === null
        ? null
        : {
            ...{
              kind: info.kind,
              rootless: info.rootless,
              version: info.version,
              apiVersion: info.apiVersion,
            },
            ...{ architecture: info.architecture, socket: socketOf(info), lowestPort: info.lowestPort },
            checksHealth: checksHealth(info),
            ...(confinesBySelinux(info) ? { selinux: true as const } : {}),
          },
    compose: compose === null ? null : { version: compose },
    ...provenFor(name, stackLook),
  };
}
