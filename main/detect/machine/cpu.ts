// The processor of this machine.
import { parseKernelNumber } from '../values.ts';
import type { Host } from '../../model/machine.ts';
import type { Probe, ProbeSelf } from '../../probe-port.ts';
import { architectureOf, buildFeaturesOf, variantOf } from './architecture.ts';
import { parseCpuinfo } from './cpuinfo.ts';
import type { Cpuinfo } from './cpuinfo.ts';
import { parseNumberList } from './number-list.ts';
import type { Part } from './part.ts';

type Cpu = Host['cpu'];

const folder = '/sys/devices/system/cpu';

/** What is known without looking: what programs like this one are made for. */
export function bareCpu(self: ProbeSelf): Cpu {
  return {
    ...{
      model: null,
      vendor: null,
      variant: null,
      sockets: null,
      cores: null,
      threads: null,
      features: null,
    },
    architecture: architectureOf(self.machine),
    userland: architectureOf(self.arch),
    usableThreads: self.usableThreads > 0 ? self.usableThreads : null,
  };
}

export async function detectCpu(probe: Probe): Promise<Part<Cpu>> {
  const self = probe.self();
  const info = parseCpuinfo(await probe.readFile('/proc/cpuinfo'));
  const online = parseNumberList(await probe.readFile(`${folder}/online`));
  const { sockets, cores, threads } = await countOf(probe, info, online);
  const bare = bareCpu(self);
  const value: Cpu = {
    ...bare,
    ...{ model: info.model, vendor: info.vendor, sockets, cores, threads },
    variant: variantOf({ ...bare, ...info, machine: self.machine }),
    features: info.features === null ? null : buildFeaturesOf(info.features),
  };
  const reasons = {
    '': 'the kernel does not tell it in /proc/cpuinfo',
    architecture: `${self.machine} is no architecture that AutoGit knows`,
    variant: `the kernel does not say which variant of ${bare.architecture ?? self.machine} it is`,
    model: 'processors of this architecture have no name in /proc/cpuinfo',
  };
  return { value, reasons };
}

interface Counts {
  readonly sockets: number | null;
  readonly cores: number | null;
  readonly threads: number | null;
}

/** What both lists agree on: one that was cut, or is of another moment, counts nothing. */
async function countOf(probe: Probe, info: Cpuinfo, online: readonly number[] | null): Promise<Counts> {
  if (online === null) return info;
  const threads = online.length;
  if (info.cores !== null) return info.threads === threads ? info : { sockets: null, cores: null, threads };
  const places = await Promise.all(online.map((number) => placeOf(probe, number)));
  const known = places.filter((place) => place !== null);
  if (known.length < threads) return { sockets: null, cores: null, threads };
  const sockets = new Set(known.map(({ socket }) => socket)).size;
  return { sockets, cores: new Set(known.map(({ socket, core }) => `${socket}/${core}`)).size, threads };
}

/** https://docs.kernel.org/admin-guide/cputopology.html; -1 where the firmware does not tell it. */
async function placeOf(probe: Probe, number: number) {
  const read = (name: string) => probe.readFile(`${folder}/cpu${number}/topology/${name}`);
  const socket = parseKernelNumber(await read('physical_package_id'));
  const core = parseKernelNumber(await read('core_id'));
  return socket === null || core === null || socket < 0 || core < 0 ? null : { socket, core };
}
