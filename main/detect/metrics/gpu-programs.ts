// Programs on cards: what they are called, and in which container they run.
import { programName, recogniseApp } from '../../model/gpu-apps.ts';
import type { GpuProcess } from '../../model/gpu-metrics.ts';
import type { Probe } from '../../probe-port.ts';
import { parseNvidiaProcesses, processFields } from '../nvidia-csv.ts';
import { parseKernelNumber } from '../values.ts';

/** A program as a tool or the kernel tells of it. */
export interface OnCard {
  /** The id of its card. */
  readonly card: string;
  readonly pid: number;
  readonly name: string | null;
  readonly memoryMiB: number | null;
}

/** Of one container of an engine, its id: the last one in a path of `/proc/<pid>/cgroup`. */
export function containerIn(cgroup: string | null): string | null {
  return (cgroup ?? '').match(/[0-9a-f]{64}/g)?.at(-1) ?? null;
}

/** Adds to a program what this machine knows of it. Never rejects. */
export async function describeProgram(probe: Probe, { pid, name, memoryMiB }: OnCard): Promise<GpuProcess> {
  const [cgroup, line, short] = await Promise.all([
    probe.readFile(`/proc/${pid}/cgroup`),
    probe.readFile(`/proc/${pid}/cmdline`),
    name === null ? probe.readFile(`/proc/${pid}/comm`) : null,
  ]);
  const words = (line ?? '')
    .split('\0')
    .filter((word) => word !== '')
    .slice(0, 64);
  const called = name ?? words[0] ?? short?.trim() ?? 'a program';
  const known = recogniseApp(called, words);
  return {
    pid,
    name: programName(called).slice(0, 80),
    memoryMiB,
    container: containerIn(cgroup),
    ...{ runner: null, job: null },
    ...{ app: known?.app ?? null, title: known?.title ?? null },
  };
}

/** `null`: nvidia-smi does not answer. Never rejects. */
export async function askNvidiaPrograms(
  probe: Probe,
  tool: string,
  deadlineMs: number,
): Promise<readonly OnCard[] | null> {
  const query = `--query-compute-apps=${processFields.join(',')}`;
  const ran = await probe.run(tool, [query, '--format=csv,nounits'], deadlineMs);
  if (ran.outcome !== 'ended' || ran.code !== 0) return null;
  return parseNvidiaProcesses(ran.stdout).found.map(({ uuid, ...rest }) => ({ card: uuid, ...rest }));
}

const kfdPrograms = '/sys/class/kfd/kfd/proc';

/**
 * Programs that compute on AMD's cards, and their memory: KFD has a folder for each. Others, which only draw, it does not
 * know. `kfdId`: `gpu_id` of the card. `null`: not there. Never rejects.
 * https://github.com/torvalds/linux/blob/v6.12/drivers/gpu/drm/amd/amdkfd/kfd_process.c
 */
export async function readKfdPrograms(
  probe: Probe,
  card: string,
  kfdId: string,
): Promise<readonly OnCard[] | null> {
  const pids = await probe.list(kfdPrograms);
  if (pids === null) return null;
  const found = await Promise.all(
    pids.map(async (name) => {
      const pid = /^\d{1,7}$/.test(name) ? Number(name) : null;
      const bytes = parseKernelNumber(await probe.readFile(`${kfdPrograms}/${name}/vram_${kfdId}`));
      // A program has such a file for every card; one without memory there does not use it.
      if (pid === null || bytes === null || bytes <= 0) return [];
      return [{ card, pid, name: null, memoryMiB: Math.round(bytes / 1_048_576) }];
    }),
  );
  return found.flat();
}
