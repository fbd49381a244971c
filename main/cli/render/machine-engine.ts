// The container engine of a machine, and what its user could do with one without root, in words.
import type { Output } from '../../contract/contract.ts';
import { amount, list, words, yesNo } from './machine-words.ts';
import type { Pair } from './machine-words.ts';

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

function limitWords({ limits }: Engine): string {
  const kept = [
    ...(limits.memory ? ['memory'] : []),
    ...(limits.cpus ? ['processors'] : []),
    ...(limits.disk === true ? ['disk'] : []),
  ];
  return kept.length === 0 ? 'all are ignored' : `${kept.join(', ')} take effect`;
}

function hostWords({ hostNames, hostGateway }: Engine): string {
  const names = hostNames === null || hostNames.length === 0 ? [] : [`as ${hostNames.join(' and ')}`];
  const gateway = hostGateway === null ? [] : [gateways[hostGateway]];
  return [...names, ...gateway].join('; ') || 'not known';
}

function composeWords({ compose }: Engine): string {
  if (compose.found === false) return 'not installed';
  return compose.found === null ? 'not known' : (compose.version ?? 'of a version that is not known');
}

export function enginePairs(engine: Engine): readonly Pair[] {
  const { disk, addressPools, proxies, cgroupVersion, cgroupDriver } = engine;
  const pools = addressPools?.map(({ base, size }) => `${base} in /${size}`) ?? null;
  const told = proxies?.map(({ kind, value }) => `${kind} ${value}`) ?? null;
  return [
    ['Engine', nameOf(engine)],
    ['Address', `${engine.address}${engine.isHere ? '' : ', on another machine'}`],
    ['System', words(engine.operatingSystem)],
    [
      'Storage',
      `${engine.storageDriver} on ${engine.storageFileSystem ?? 'a file system that is not known'}`,
    ],
    ['Data', `${words(engine.dataFolder)}${disk === null ? '' : `, ${amount(disk.freeBytes)} free`}`],
    [
      'Runtimes',
      `${list(engine.runtimes)}${engine.defaultRuntime === null ? '' : `; default ${engine.defaultRuntime}`}`,
    ],
    ['CDI', engine.cdi ? list(engine.cdiDevices) : 'off'],
    ['Cgroups', `${words(cgroupDriver)}, version ${words(cgroupVersion)}`],
    ['Limits', limitWords(engine)],
    ['Lowest port', words(engine.lowestPort)],
    ['Addresses', pools?.length === 0 ? "the maker's own" : list(pools)],
    ['Live restore', yesNo(engine.liveRestore)],
    ['Proxies', list(told)],
    ['Firewall', words(engine.firewall)],
    ['Security', list(engine.security)],
    ['Compose', composeWords(engine)],
    ['Host from inside', hostWords(engine)],
    ['Emulates', list(engine.emulates)],
    ...(engine.warnings ?? []).map((warning): Pair => ['Warns', { text: warning, tone: 'warn' }]),
  ];
}

export function rootlessPairs(rootless: Rootless): readonly Pair[] {
  const { sockets, units, ignoredLimits } = rootless;
  return [
    ['User', `${words(rootless.user)}, number ${words(rootless.uid)}`],
    [
      'Sockets',
      list(sockets?.map(({ path, usable }) => `${path}${usable ? '' : ' (no permission)'}`) ?? null),
    ],
    [
      'Subordinate ids',
      `${words(rootless.subordinateUids)} users, ${words(rootless.subordinateGids)} groups`,
    ],
    ['newuidmap', yesNo(rootless.idMapPrograms)],
    ['Lowest port', words(rootless.lowestPort)],
    ['Delegated', list(rootless.delegated)],
    [
      'Ignored limits',
      ignoredLimits !== null && ignoredLimits.length > 0
        ? { text: ignoredLimits.join(', '), tone: 'warn' }
        : list(ignoredLimits),
    ],
    ['Units', list(units?.map(({ name, enabled }) => `${name}${enabled ? ' (enabled)' : ''}`) ?? null)],
    ['Lingering', yesNo(rootless.lingering)],
  ];
}
