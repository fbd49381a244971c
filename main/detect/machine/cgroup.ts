// Control groups: which version, and what can be limited with them.
import type { Host } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
import { parseKernelLine } from '../values.ts';
import { parseMounts } from './mounts.ts';
import type { Mount } from './mounts.ts';
import type { Part } from './part.ts';

type Cgroup = Host['cgroup'];

/** Of version 1, of which each is mounted by itself. */
const controllers = [
  'cpu',
  'cpuset',
  'io',
  'blkio',
  'memory',
  'pids',
  'devices',
  'freezer',
  'hugetlb',
  'rdma',
];

/** The names in `cgroup.controllers`, a whole line; an empty line is no name. */
export function parseControllers(text: unknown): readonly string[] | null {
  if (text === '\n') return [];
  const line = typeof text === 'string' ? parseKernelLine(text) : null;
  if (line === null) return null;
  const names = line.split(' ');
  return names.every((name) => /^[a-z_]{1,30}$/.test(name)) ? names : null;
}

/** Both versions at once are what systemd calls hybrid: limits are then those of version 1. */
export function cgroupVersionOf(mounts: readonly Mount[]): NonNullable<Cgroup['version']> {
  const isOf = (kind: string): boolean => mounts.some(({ fileSystem }) => fileSystem === kind);
  const hasFirst = mounts.some(
    ({ fileSystem, options }) =>
      fileSystem === 'cgroup' && options.some((name) => controllers.includes(name)),
  );
  if (hasFirst) return isOf('cgroup2') ? 'hybrid' : '1';
  return isOf('cgroup2') ? '2' : 'none';
}

export const noCgroup: Cgroup = { version: null, controllers: null };

export async function detectCgroup(probe: Probe): Promise<Part<Cgroup>> {
  const mounts = parseMounts(await probe.readFile('/proc/self/mountinfo'));
  if (mounts.length === 0) return { value: noCgroup, reasons: { '': 'the list of mounts cannot be read' } };
  const version = cgroupVersionOf(mounts);
  const second =
    version === '2' ? parseControllers(await probe.readFile('/sys/fs/cgroup/cgroup.controllers')) : null;
  const first = mounts
    .filter(({ fileSystem }) => fileSystem === 'cgroup')
    .flatMap(({ options }) => options.filter((name) => controllers.includes(name)));
  return {
    value: { version, controllers: version === '2' ? second : [...new Set(first)].sort() },
    reasons: { controllers: '/sys/fs/cgroup/cgroup.controllers cannot be read' },
  };
}
