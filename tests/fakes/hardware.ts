// Recorded outputs of real machines, and a machine made of files and answers.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DiskSpace } from '../../main/model/engine.ts';
import type { OtherSystem, Probe, ProbeSelf, Ran } from '../../main/probe-port.ts';

const folder = process.env['AUTOGIT_FIXTURES'];

/** False where the recordings are not at hand: tests that need them are skipped, and counted as skipped. */
export const hasRecordings = folder !== undefined;

function hardware(...parts: readonly string[]): string {
  return path.join(folder ?? '', 'hardware', ...parts);
}

export function recording(name: string): string {
  return readFileSync(hardware(name), 'utf8');
}

/** Names below a folder of recordings, all the way down; none without recordings. */
export function recordings(below: string): readonly string[] {
  if (!hasRecordings) return [];
  return readdirSync(hardware(below), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(hardware(), path.join(entry.parentPath, entry.name)))
    .sort();
}

export interface FakeMachine {
  /** Absolute path to content. Folders follow from them. */
  readonly files?: Readonly<Record<string, string>>;
  readonly links?: Readonly<Record<string, string>>;
  readonly devices?: Readonly<Record<string, { group: number; mode: number }>>;
  readonly run?: (program: string, args: readonly string[]) => Ran;
  /** What differs from an ordinary user's process on Linux. */
  readonly self?: Partial<ProbeSelf>;
  /** Folder to the file system below it. */
  readonly disks?: Readonly<Record<string, DiskSpace>>;
  /** What its user may read and write. */
  readonly usable?: readonly string[];
  readonly otherSystem?: OtherSystem;
  /** Folders of drivers that hang: nobody but the kernel itself answers below them. */
  readonly hanging?: readonly string[];
}

const someSelf: ProbeSelf = {
  ...{ platform: 'linux', arch: 'x64', machine: 'x86_64', kernel: '6.1.0-18-amd64', hostname: 'lab' },
  ...{ uid: 1000, user: 'ann', home: '/home/ann', runtimeFolder: '/run/user/1000', usableThreads: 8 },
};

export function ended(stdout: string, code = 0): Ran {
  return { outcome: 'ended', code, stdout, stderr: '' };
}

/** A probe for such a machine. */
export function fakeProbe(machine: FakeMachine): Probe {
  const { files = {}, links = {}, devices = {}, run } = machine;
  const paths = [...Object.keys(files), ...Object.keys(links)];
  const hangs = (name: string): boolean =>
    (machine.hanging ?? []).some((place) => name === place || name.startsWith(`${place}/`));
  const asksDriver = (name: string): boolean => !/\/(?:class|vendor|device|revision|numa_node)$/.test(name);
  return {
    readFile: async (name) => (hangs(name) && asksDriver(name) ? null : (files[name] ?? null)),
    list: async (name) => {
      const inside = paths.filter((file) => file.startsWith(`${name}/`));
      const names = inside.map((file) => file.slice(name.length + 1).split('/')[0] ?? '');
      return names.length === 0 ? null : [...new Set(names)].filter((entry) => entry !== '');
    },
    readLink: async (name) => links[name] ?? null,
    stat: async (name) => {
      const device = devices[name];
      return device === undefined ? null : { owner: 0, ...device };
    },
    hangs,
    run: async (program, args) => run?.(program, args) ?? { outcome: 'missing' },
    self: () => ({ ...someSelf, ...machine.self }),
    disk: async (folder) => machine.disks?.[folder] ?? null,
    mayUse: async (path) => machine.usable?.includes(path) ?? false,
    otherSystem: async () => machine.otherSystem ?? null,
  };
}

/** The files of a card on the bus. `drm`: its nodes. */
export function pciFiles(
  address: string,
  ids: { readonly vendor: string; readonly device: string; readonly driver?: string; readonly kind?: string },
  drm: readonly string[] = [],
): Readonly<Record<string, string>> {
  const at = `/sys/bus/pci/devices/${address}`;
  const event = ids.driver === undefined ? '' : `DRIVER=${ids.driver}\n`;
  return {
    [`${at}/class`]: `0x${ids.kind ?? '030000'}\n`,
    [`${at}/vendor`]: `0x${ids.vendor}\n`,
    [`${at}/device`]: `0x${ids.device}\n`,
    [`${at}/uevent`]: `${event}PCI_SLOT_NAME=${address}\n`,
    [`${at}/numa_node`]: '0\n',
    ...Object.fromEntries(drm.map((name) => [`${at}/drm/${name}/dev`, '226:0\n'])),
  };
}

/** A machine with AMD's cards, found by the kernel alone: `0000:03:00.0`, `0000:04:00.0` … */
export function amdMachine(count: number): FakeMachine {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const files = numbers.map((index) => {
    const address = `0000:0${index + 3}:00.0`;
    const minor = 128 + index;
    return {
      ...pciFiles(address, { vendor: '1002', device: '744c', driver: 'amdgpu' }, [`renderD${minor}`]),
      [`/sys/bus/pci/devices/${address}/mem_info_vram_total`]: '25753026560\n',
      [`/sys/class/kfd/kfd/topology/nodes/${index + 1}/properties`]: `simd_count 192\ndrm_render_minor ${minor}\n`,
    };
  });
  const node = { group: 109, mode: 0o660 };
  const devices = ['/dev/kfd', ...numbers.map((index) => `/dev/dri/renderD${128 + index}`)];
  return {
    files: Object.fromEntries(files.flatMap((one) => Object.entries(one))),
    devices: Object.fromEntries(devices.map((path) => [path, node])),
  };
}
