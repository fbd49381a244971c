// The container engine of a machine, and what its user could do with one without root, in words.
import type { Output } from '../../contract/contract.ts';
import { amount, enumerated, fact, joined, list, yesNo } from './machine-words.ts';
import type { Fact } from './machine-words.ts';

type Engine = NonNullable<Output<'machine.detect'>['engine']>;
type Rootless = Output<'machine.detect'>['rootless'];

const desktops: Readonly<Record<NonNullable<Engine['desktop']>, string>> = {
  none: '',
  'docker-desktop': ' of Docker Desktop',
  'rancher-desktop': ' of Rancher Desktop',
  orbstack: ' of OrbStack',
  colima: ' of Colima',
};

const gateways: Readonly<Record<NonNullable<Engine['hostGateway']>, string>> = {
  'reaches-host': 'host-gateway leads to this machine',
  'reaches-namespace': 'host-gateway leads to a network of the engine, and not to this machine',
};

function nameOf({ kind, version, apiVersion, rootless, desktop }: Engine): string {
  const name = kind === 'docker' ? 'Docker' : 'Podman';
  return `${name} ${version}${desktops[desktop ?? 'none']}, API ${apiVersion}, ${rootless ? 'without root' : 'as root'}`;
}

function limitsOf({ limits }: Engine): Fact {
  const all = [
    ['memory', limits.memory],
    ['processors', limits.cpus],
    ['disk', limits.disk],
  ] as const;
  const kept = all.filter(([, works]) => works === true).map(([name]) => name);
  const ignored = all.filter(([, works]) => works === false).map(([name]) => name);
  const text = joined(
    [
      kept.length === 0 ? null : `on ${enumerated(kept)} ${kept.length === 1 ? 'takes' : 'take'} effect`,
      ignored.length === 0
        ? null
        : `on ${enumerated(ignored)} ${ignored.length === 1 ? 'is' : 'are'} ignored`,
    ],
    '; ',
  );
  const isWeak = !limits.memory || !limits.cpus;
  return {
    name: 'Limits',
    text,
    of: { 'that on disk': 'engine.limits.disk' },
    ...(isWeak ? { tone: 'warn' } : {}),
  };
}

function hostOf({ hostNames, hostGateway }: Engine): Fact {
  const names = hostNames === null || hostNames.length === 0 ? null : `as ${enumerated(hostNames)}`;
  const gateway = hostGateway === null ? null : gateways[hostGateway];
  return {
    name: 'Host from inside',
    text: joined([names, gateway], '; '),
    of: { 'its names': 'engine.hostNames', 'where host-gateway leads': 'engine.hostGateway' },
  };
}

function composeOf({ compose }: Engine): Fact {
  const text =
    compose.found === null ? null : compose.found ? (compose.version ?? 'installed') : 'not installed';
  // Of what is not installed nobody wants to know the version.
  const version = compose.found === true ? { 'its version': 'engine.compose.version' } : {};
  return { name: 'Compose', text, of: { '': 'engine.compose.found', ...version } };
}

/** `name=seccomp,profile=builtin` as `seccomp (builtin)`. */
function securityWords(option: string): string {
  const [, name, profile] = /^name=([^,]+)(?:,profile=([^,]+))?$/.exec(option) ?? [];
  return name === undefined ? option : `${name}${profile === undefined ? '' : ` (${profile})`}`;
}

function placesOf(engine: Engine): readonly Fact[] {
  const { disk, storageDriver, storageFileSystem, dataFolder } = engine;
  return [
    {
      name: 'Storage',
      text: `${storageDriver}${storageFileSystem === null ? '' : ` on ${storageFileSystem}`}`,
      of: { 'the file system below': 'engine.storageFileSystem' },
    },
    {
      name: 'Data',
      text: joined([dataFolder, disk === null ? null : `${amount(disk.freeBytes)} free`]),
      of: { 'its place': 'engine.dataFolder', 'its room': 'engine.disk' },
    },
  ];
}

export function engineFacts(engine: Engine): readonly Fact[] {
  const { addressPools, proxies, cgroupVersion, cgroupDriver, runtimes, defaultRuntime } = engine;
  const pools = addressPools?.map(({ base, size }) => `${base} in /${size}`) ?? null;
  const told = proxies?.map(({ kind, value }) => `${kind} ${value}`) ?? null;
  return [
    { name: 'Engine', text: nameOf(engine), of: {} },
    { name: 'Address', text: `${engine.address}${engine.isHere ? '' : ', on another machine'}`, of: {} },
    fact('System', 'engine.operatingSystem', engine.operatingSystem),
    ...placesOf(engine),
    {
      name: 'Runtimes',
      text: joined([list(runtimes), defaultRuntime === null ? null : `default ${defaultRuntime}`], '; '),
      of: { 'the default': 'engine.defaultRuntime' },
    },
    { name: 'CDI', text: engine.cdi ? list(engine.cdiDevices) : 'off', of: {} },
    {
      name: 'Cgroups',
      text: joined([cgroupDriver, cgroupVersion === null ? null : `version ${cgroupVersion}`]),
      of: { 'the driver': 'engine.cgroupDriver', 'the version': 'engine.cgroupVersion' },
    },
    limitsOf(engine),
    fact('Lowest port', 'engine.lowestPort', engine.lowestPort),
    fact('Addresses', 'engine.addressPools', pools?.length === 0 ? "the maker's own" : list(pools)),
    fact('Live restore', 'engine.liveRestore', yesNo(engine.liveRestore)),
    fact('Proxies', 'engine.proxies', list(told)),
    fact('Firewall', 'engine.firewall', engine.firewall),
    fact('Security', 'engine.security', list(engine.security?.map(securityWords) ?? null)),
    composeOf(engine),
    hostOf(engine),
    fact('Emulates', 'engine.emulates', list(engine.emulates)),
    ...(engine.warnings ?? []).map((text): Fact => ({ name: 'Warns', text, tone: 'warn', of: {} })),
  ];
}

/** Ids besides their own: none is what an engine without root cannot start with. */
function subordinatesOf({ subordinateUids, subordinateGids }: Rootless): Fact {
  const count = (number: number | null, noun: string): string | null =>
    number === null ? null : `${number} ${noun}`;
  return {
    name: 'Subordinate ids',
    text:
      subordinateUids === 0 && subordinateGids === 0
        ? 'none'
        : joined([count(subordinateUids, 'users'), count(subordinateGids, 'groups')]),
    of: { users: 'rootless.subordinateUids', groups: 'rootless.subordinateGids' },
  };
}

export function rootlessFacts(rootless: Rootless): readonly Fact[] {
  const { user, uid, sockets, units, ignoredLimits, idMapPrograms } = rootless;
  const isIgnoring = ignoredLimits !== null && ignoredLimits.length > 0;
  return [
    {
      name: 'User',
      text: joined([user, uid === null ? null : `number ${uid}`]),
      of: { 'the name': 'rootless.user', 'the number': 'rootless.uid' },
    },
    fact(
      'Sockets',
      'rootless.sockets',
      list(sockets?.map(({ path, usable }) => `${path}${usable ? '' : ' (no permission)'}`) ?? null),
    ),
    subordinatesOf(rootless),
    fact(
      'Programs for ids',
      'rootless.idMapPrograms',
      idMapPrograms === null ? null : `newuidmap and newgidmap ${idMapPrograms ? 'are here' : 'are missing'}`,
    ),
    fact('Lowest port', 'rootless.lowestPort', rootless.lowestPort),
    fact('Delegated', 'rootless.delegated', list(rootless.delegated)),
    fact('Ignored limits', 'rootless.ignoredLimits', list(ignoredLimits), isIgnoring ? 'warn' : undefined),
    fact(
      'Units',
      'rootless.units',
      list(units?.map(({ name, enabled }) => `${name}${enabled ? ' (enabled)' : ''}`) ?? null),
    ),
    fact('Lingering', 'rootless.lingering', yesNo(rootless.lingering)),
  ];
}
