// A machine with eight cards of NVIDIA and one of AMD, whose tools are real programs on the `PATH`.
import { createLeftTools } from '../../../main/adapters/host/left-tools.ts';
import { startProgram } from '../../../main/adapters/host/run-program.ts';
import { createToolQueue } from '../../../main/adapters/host/tool-queue.ts';
import type { Probe } from '../../../main/probe-port.ts';
import { amdMachine, fakeProbe, pciFiles } from '../hardware.ts';
import type { FakeMachine } from '../hardware.ts';

export const eight = Array.from({ length: 8 }, (_, index) => index);
export const amdCard = '0000:03:00.0';

export function uuid(index: number): string {
  return `GPU-00000000-0000-0000-0000-00000000000${index}`;
}

export function address(index: number): string {
  return `0000:${index}1:00.0`;
}

const ids = { vendor: '10de', device: '2330', driver: 'nvidia' };
const amd = amdMachine(1);

export const eightCards: FakeMachine = {
  ...amd,
  files: {
    ...amd.files,
    ...Object.fromEntries(eight.flatMap((index) => Object.entries(pciFiles(address(index), ids)))),
  },
};

export const head =
  'count, uuid, name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], utilization.gpu [%]';

export function row(index: number, count = 8): string {
  return `${count}, ${uuid(index)}, NVIDIA H100, 0000${address(index)}, 590.48.01, 81559, 4, 0`;
}

export const table = [head, ...eight.map((index) => row(index)), ''].join('\n');
export const noPrograms = 'gpu_uuid, pid, process_name, used_gpu_memory [MiB]';

/** In place of the machine's own. */
export function createProbe(): Probe {
  const run = createToolQueue({ start: startProgram, now: () => performance.now(), left: createLeftTools() });
  return { ...fakeProbe(eightCards), run };
}
