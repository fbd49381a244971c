// What this machine runs in: a virtual machine, a container, WSL; and whether it could run virtual machines itself.
import type { Host, Surrounding, Virtualisation } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
import { parseKernelLine } from '../values.ts';
import { parseCpuinfo } from './cpuinfo.ts';
import type { Part } from './part.ts';

/** `Microsoft` in the version is WSL 1, whose kernel is Windows'; `microsoft-standard` is a real one. */
export function parseWsl(version: unknown): Host['wsl'] {
  if (typeof version !== 'string' || !version.endsWith('\n')) return null;
  if (!/microsoft/i.test(version)) return 'none';
  return /microsoft-standard|WSL2/.test(version) ? '2' : '1';
}

/** Words of the firmware: https://github.com/systemd/systemd/blob/v256/src/basic/virt.c#L163 */
const firmwares: readonly (readonly [RegExp, Virtualisation])[] = [
  [/^(?:KVM|OpenStack|KubeVirt|Amazon EC2|Google Compute Engine)/, 'kvm'],
  [/^(?:VMware|VMW)/, 'vmware'],
  [/^(?:innotek GmbH|VirtualBox|Oracle Corporation)/, 'virtualbox'],
  [/^Xen/, 'xen'],
  [/^Parallels/, 'parallels'],
  [/^BHYVE/, 'bhyve'],
  [/^Apple Virtualization/, 'apple'],
  [/^(?:Hyper-V|Virtual Machine$)/, 'hyper-v'],
  [/^(?:QEMU|Bochs)/, 'qemu'],
];

export interface VirtualFacts {
  readonly wsl: Host['wsl'];
  /** The lines of `/sys/class/dmi/id`: product, vendor, board, firmware. */
  readonly firmware: readonly (string | null)[];
  /** `/sys/devices/system/clocksource/clocksource0/available_clocksource` */
  readonly clocks: string | null;
  /** `/sys/hypervisor/type` */
  readonly hypervisor: string | null;
  /** Whether the processor says that a hypervisor is there; `null` where processors never say. */
  readonly flagged: boolean | null;
}

/** Real machines that clouds lend have the firmware's words of virtual ones, but for this: `m7i.metal-24xl`. */
const lentWhole = /\.metal(?:-|$)/;

/**
 * Makers of virtual machines sell real ones, too: where processors say whether a hypervisor is there, firmware does not
 * matter without one. Only Xen has guests that do not see it. QEMU with the processor's help is KVM, which has a clock
 * of its own on x86; on arm nothing tells them apart, unless the firmware's own word is KVM.
 */
export function virtualisationOf(facts: VirtualFacts): Virtualisation | null {
  if (facts.wsl === '1' || facts.wsl === '2') return 'wsl';
  if (facts.hypervisor === 'xen') return 'xen';
  const clocks = (facts.clocks ?? '').split(/\s+/);
  if (facts.flagged === false) return clocks.includes('xen') ? 'xen' : 'none';
  if (facts.firmware.some((line) => line !== null && lentWhole.test(line))) return 'none';
  const named = facts.firmware
    .flatMap((line) => (line === null ? [] : firmwares.filter(([word]) => word.test(line))))
    .at(0)?.[1];
  const hasKvm = clocks.includes('kvm-clock');
  if (named === 'qemu') return hasKvm ? 'kvm' : facts.flagged === null ? 'other' : 'qemu';
  if (named !== undefined) return named;
  if (hasKvm) return 'kvm';
  if (clocks.some((clock) => clock.startsWith('hyperv_clocksource'))) return 'hyper-v';
  if (clocks.includes('xen')) return 'xen';
  return facts.flagged === null ? null : 'other';
}

async function detectVirtualisation(probe: Probe, wsl: Host['wsl']): Promise<Virtualisation | null> {
  const read = async (path: string): Promise<string | null> => parseKernelLine(await probe.readFile(path));
  const dmi = (name: string): Promise<string | null> => read(`/sys/class/dmi/id/${name}`);
  const { features, isa, armVersion } = parseCpuinfo(await probe.readFile('/proc/cpuinfo'));
  const isX86 = features !== null && isa === null && armVersion === null;
  return virtualisationOf({
    wsl,
    firmware: [
      await dmi('product_name'),
      await dmi('sys_vendor'),
      await dmi('board_vendor'),
      await dmi('bios_vendor'),
    ],
    clocks: await read('/sys/devices/system/clocksource/clocksource0/available_clocksource'),
    hypervisor: await read('/sys/hypervisor/type'),
    flagged: isX86 ? features.includes('hypervisor') : null,
  });
}

/** Words of systemd's own file, and of the variable `container`: https://systemd.io/CONTAINER_INTERFACE/ */
const containerWords: Readonly<Record<string, Surrounding>> = {
  docker: 'docker',
  podman: 'podman',
  lxc: 'lxc',
  'lxc-libvirt': 'lxc',
  'systemd-nspawn': 'nspawn',
};

/** Of the machine itself: https://github.com/torvalds/linux/blob/v6.12/include/linux/proc_ns.h#L41 */
const ownNamespaces = { pid: 4026531836, uts: 4026531838, ipc: 4026531839 } as const;

/** Whether this process is in that namespace, as the kernel started with it; `null`: not known. */
async function isInFirst(probe: Probe, name: keyof typeof ownNamespaces): Promise<boolean | null> {
  const link = await probe.readLink(`/proc/self/ns/${name}`);
  return link === null ? null : link === `${name}:[${ownNamespaces[name]}]`;
}

/** No container leaves a process in all of them. */
async function isOutside(probe: Probe): Promise<boolean> {
  const found = await Promise.all((['pid', 'uts', 'ipc'] as const).map((name) => isInFirst(probe, name)));
  return found.every((isFirst) => isFirst === true);
}

/** The files that engines leave lie in the images of virtual machines, too, that were made from containers. */
async function detectContainer(probe: Probe, wsl: Host['wsl']): Promise<Surrounding> {
  if (await isOutside(probe)) return 'none';
  const isThere = async (path: string): Promise<boolean> => (await probe.stat(path)) !== null;
  if (await isThere('/var/run/secrets/kubernetes.io')) return 'kubernetes';
  if (await isThere('/run/.containerenv')) return 'podman';
  if (await isThere('/.dockerenv')) return 'docker';
  const word = (await probe.readFile('/run/systemd/container'))?.trim() ?? '';
  if (word !== '' && word !== 'wsl') return containerWords[word] ?? 'other';
  // Systems in WSL count their processes apart without being containers of anybody.
  return wsl === 'none' && (await isInFirst(probe, 'pid')) === false ? 'other' : 'none';
}

async function detectKvm(probe: Probe): Promise<Host['kvm']> {
  if ((await probe.stat('/dev/kvm')) === null) return 'absent';
  return (await probe.mayUse('/dev/kvm')) ? 'usable' : 'no-permission';
}

export type Around = Pick<Host, 'virtualisation' | 'kvm' | 'container' | 'wsl' | 'systemd'>;

export const noAround: Around = {
  virtualisation: null,
  kvm: null,
  container: null,
  wsl: null,
  systemd: null,
};

export async function detectAround(probe: Probe): Promise<Part<Around>> {
  const wsl = parseWsl(await probe.readFile('/proc/version'));
  const value: Around = {
    wsl,
    virtualisation: await detectVirtualisation(probe, wsl),
    kvm: await detectKvm(probe),
    container: await detectContainer(probe, wsl),
    // https://www.freedesktop.org/software/systemd/man/latest/sd_booted.html
    systemd: (await probe.stat('/run/systemd/system')) !== null,
  };
  const reasons = {
    wsl: '/proc/version cannot be read',
    virtualisation: 'neither the firmware nor the processor says whether this is a virtual machine',
  };
  return { value, reasons };
}
