// What this user could do with an engine that runs without root, and which of its limits would be ignored.
import { parseKernelNumber } from '../values.ts';
import type { Host, Rootless } from '../../model/machine.ts';
import type { Probe, ProbeSelf } from '../../probe-port.ts';
import { parseControllers } from './cgroup.ts';
import type { Part } from './part.ts';
import { wholeLines, wholeNumber } from './text.ts';

/**
 * How many ids `/etc/subuid` or `/etc/subgid` gives to a user, named or by number:
 * https://man7.org/linux/man-pages/man5/subuid.5.html. `null` where there is no such file. Never throws.
 */
export function countSubordinates(
  text: unknown,
  { user, uid }: Pick<ProbeSelf, 'user' | 'uid'>,
): number | null {
  if (typeof text !== 'string') return null;
  return wholeLines(text).reduce((sum, line) => {
    const [owner = '', start, count] = line.trim().split(':');
    const isOwn = owner !== '' && (owner === user || owner === String(uid));
    return isOwn && wholeNumber(start) !== null ? sum + (wholeNumber(count) ?? 0) : sum;
  }, 0);
}

/** Limits that AutoGit gives containers, and controllers that other programs limit theirs with. */
const limited = ['cpu', 'memory', 'pids', 'io', 'cpuset'] as const;
const unitNames = ['docker.service', 'docker.socket', 'podman.service', 'podman.socket'] as const;

export function bareRootless({ user, uid }: ProbeSelf): Rootless {
  return {
    ...{ user, uid, sockets: null, subordinateUids: null, subordinateGids: null, idMapPrograms: null },
    ...{ lowestPort: null, delegated: null, ignoredLimits: null, units: null, lingering: null },
  };
}

async function findSockets(probe: Probe, self: ProbeSelf): Promise<NonNullable<Rootless['sockets']>> {
  const runtime = self.runtimeFolder ?? (self.uid === null ? null : `/run/user/${self.uid}`);
  const paths = [
    ...(runtime === null ? [] : [`${runtime}/docker.sock`, `${runtime}/podman/podman.sock`]),
    ...(self.home === null
      ? []
      : [`${self.home}/.docker/desktop/docker.sock`, `${self.home}/.docker/run/docker.sock`]),
    ...['/run/docker.sock', '/run/podman/podman.sock'],
  ];
  const found = await Promise.all(
    [...new Set(paths)].map(async (path) =>
      (await probe.stat(path)) === null ? [] : [{ path, usable: await probe.mayUse(path) }],
    ),
  );
  return found.flat();
}

/** Where units of users lie: https://www.freedesktop.org/software/systemd/man/latest/systemd.unit.html */
async function findUnits(probe: Probe, { home }: ProbeSelf): Promise<NonNullable<Rootless['units']>> {
  const ofSystem = [
    '/etc/systemd/user',
    '/usr/local/lib/systemd/user',
    '/usr/lib/systemd/user',
    '/lib/systemd/user',
  ];
  const own = home === null ? [] : [`${home}/.config/systemd/user`, `${home}/.local/share/systemd/user`];
  const folders = [...own, ...ofSystem];
  const targets = ['default.target.wants', 'sockets.target.wants', 'multi-user.target.wants'];
  const listed = await Promise.all(folders.map((folder) => probe.list(folder)));
  const wanted = await Promise.all(
    folders.flatMap((folder) => targets.map((target) => probe.list(`${folder}/${target}`))),
  );
  const isIn = (lists: readonly (readonly string[] | null)[], name: string): boolean =>
    lists.some((names) => names?.includes(name));
  return unitNames
    .filter((name) => isIn(listed, name))
    .map((name) => ({ name, enabled: isIn(wanted, name) }));
}

/** What systemd lets this user's own control groups limit; nothing with version 1. */
async function findDelegated(
  probe: Probe,
  uid: number | null,
  cgroup: Host['cgroup'],
): Promise<Rootless['delegated']> {
  if (cgroup.version === null || uid === null) return null;
  if (cgroup.version !== '2') return [];
  const slice = `/sys/fs/cgroup/user.slice/user-${uid}.slice/user@${uid}.service`;
  return parseControllers(await probe.readFile(`${slice}/cgroup.controllers`));
}

async function hasIdMaps(probe: Probe): Promise<boolean> {
  const folders = ['/usr/bin', '/bin', '/usr/local/bin', '/run/wrappers/bin'];
  const has = async (name: string): Promise<boolean> => {
    const found = await Promise.all(folders.map((folder) => probe.stat(`${folder}/${name}`)));
    return found.some((stat) => stat !== null);
  };
  return (await has('newuidmap')) && (await has('newgidmap'));
}

/** The folder of those who linger is made for the first of them. */
async function isLingering(probe: Probe, user: string | null, systemd: boolean): Promise<boolean | null> {
  if (user === null || !systemd) return null;
  return (await probe.list('/var/lib/systemd/linger'))?.includes(user) ?? false;
}

export async function detectRootless(
  probe: Probe,
  { cgroup, systemd }: Pick<Host, 'cgroup' | 'systemd'>,
): Promise<Part<Rootless>> {
  const self = probe.self();
  const delegated = await findDelegated(probe, self.uid, cgroup);
  const value: Rootless = {
    ...bareRootless(self),
    sockets: await findSockets(probe, self),
    subordinateUids: countSubordinates(await probe.readFile('/etc/subuid'), self),
    subordinateGids: countSubordinates(await probe.readFile('/etc/subgid'), self),
    idMapPrograms: await hasIdMaps(probe),
    lowestPort: parseKernelNumber(await probe.readFile('/proc/sys/net/ipv4/ip_unprivileged_port_start')),
    delegated,
    ignoredLimits: delegated === null ? null : limited.filter((name) => !delegated.includes(name)),
    units: systemd === true ? await findUnits(probe, self) : null,
    lingering: await isLingering(probe, self.user, systemd === true),
  };
  const noSystemd = 'this machine was not started by systemd';
  const noSession = `systemd has no session of this user, so that nothing is delegated to it yet`;
  const reasons = {
    user: 'this user has no name in the list of users',
    subordinateUids: '/etc/subuid cannot be read, or is not there: ids may come from elsewhere',
    subordinateGids: '/etc/subgid cannot be read, or is not there: ids may come from elsewhere',
    lowestPort: 'the kernel does not tell it',
    delegated: noSession,
    ignoredLimits: noSession,
    units: noSystemd,
    lingering: systemd === true ? 'this user has no name in the list of users' : noSystemd,
  };
  return { value, reasons };
}
