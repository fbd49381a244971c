// Cards of NVIDIA through real processes: a stand-in for nvidia-smi on the PATH that stays, misbehaves, and loses cards.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../../main/adapters/host/clock.ts';
import { createStartLoop } from '../../../main/adapters/host/loop-program.ts';
import { createProbe } from '../../../main/adapters/host/probe.ts';
import { gpuSources } from '../../../main/coordinator/gpu-sources.ts';
import type { GpuSource } from '../../../main/coordinator/gpu-sources.ts';
import type { SeenGpu } from '../../../main/model/gpu.ts';
import type { GpuMetrics } from '../../../main/model/gpu-metrics.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-smi-'));
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const uuid = (card: number): string => `GPU-0000000${card}-1111-2222-3333-444444444444`;
const head = 'count, uuid, name, utilization.gpu [%], persistence_mode';
const row = (card: number, count: number, use = card): string =>
  `${count}, ${uuid(card)}, RTX 4090, ${use}, Enabled`;

/** `script`: what it does for `--query-gpu`; `$2` and on are the other words. */
async function tool(script: string): Promise<void> {
  const file = path.join(folder, 'nvidia-smi');
  const apps = 'echo "gpu_uuid, pid, process_name, used_gpu_memory [MiB]"; exit 0';
  await writeFile(file, `#!/bin/sh\ncase "$1" in --query-compute-apps*) ${apps};; esac\n${script}\n`);
  await chmod(file, 0o755);
}

function someCard(id: string): SeenGpu {
  return {
    ...{ id, pciAddress: null, node: 'lab', vendor: 'nvidia', model: 'RTX 4090' },
    ...{ memoryMiB: 24_564, renderNode: null, parent: null, cards: 1, integrated: false, numaNode: null },
    ...{ celsius: null, use: { usable: true } },
  };
}

function openAll(inventory: readonly SeenGpu[]): GpuSource {
  const options = { probe: createProbe(), startLoop: createStartLoop(), clock: systemClock };
  const [source, ...others] = gpuSources(options)(inventory);
  if (source === undefined || others.length > 0) throw new Error('there is not one source');
  return source;
}

function open(count: number): GpuSource {
  return openAll(
    Array.from({ length: count }, (_, card) => ({
      ...someCard(uuid(card)),
      pciAddress: `0000:0${card}:00.0`,
    })),
  );
}

async function read(source: GpuSource, intervalMs: number): Promise<readonly GpuMetrics[]> {
  await source.ask({ intervalMs, hasJob: true });
  return source.latest() ?? [];
}

describe('nvidia-smi on the PATH', () => {
  it('stays while somebody watches closely, and ends with the last who asks', async () => {
    const pidFile = path.join(folder, 'pid');
    const loop = `case "$*" in *--loop-ms=1000*) echo $$ > ${pidFile}; use=50; while :; do use=$((use+1)); echo "1, ${uuid(0)}, RTX 4090, $use, Enabled"; sleep 0.1; done;; esac`;
    await tool(`echo "${head}"\n${loop}\necho "${row(0, 1, 7)}"`);
    const source = open(1);
    expect(await read(source, 1_000)).toMatchObject([{ utilization: 7, problem: null }]);
    await vi.waitFor(
      async () => expect((await read(source, 1_000))[0]?.utilization).toBeGreaterThan(50),
      20_000,
    );
    const pid = Number(await readFile(pidFile, 'utf8'));
    expect(process.kill(pid, 0)).toBe(true);
    source.rest();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), 10_000);
  });

  it('that loses one of 8 cards leaves the other seven right', async () => {
    const rows = [0, 1, 2, 4, 5, 6, 7].map((card) => row(card, 8)).join('\n');
    await tool(`echo "${head}"\necho "${rows}"`);
    const found = await read(open(8), 30_000);
    expect(found.filter(({ problem }) => problem === null).map(({ utilization }) => utilization)).toEqual([
      0, 1, 2, 4, 5, 6, 7,
    ]);
    expect(found.filter(({ problem }) => problem?.key === 'gpu.lost').map(({ id }) => id)).toEqual([uuid(3)]);
  });

  it('that prints half and dies says nothing wrong of any card', async () => {
    await tool(`echo "${head}"\necho "${row(0, 2)}"\nprintf '%s' "2, ${uuid(1)}, RTX 4090, 9"\nexit 0`);
    const found = await read(open(2), 30_000);
    expect(found).toMatchObject([
      { utilization: 0, problem: null },
      { id: uuid(1), utilization: null },
    ]);
  });

  it.each([
    ['exits 255', 'exit 255', 'gpu.output-unclear'],
    [
      'says that its library is another one',
      'echo "Driver/library version mismatch"; exit 18',
      'gpu.driver-mismatch',
    ],
    ['floods', 'yes 0123456789', 'gpu.tool-failed'],
  ])('that %s makes its cards unread, with the reason', async (_, script, key) => {
    await tool(script);
    expect(await read(open(2), 30_000)).toMatchObject([
      { utilization: null, problem: { key } },
      { utilization: null, problem: { key } },
    ]);
  });

  it('that is not there is said so', async () => {
    expect(await read(open(1), 30_000)).toMatchObject([{ problem: { key: 'gpu.tool-missing' } }]);
  });
});

describe('the GPU of a Jetson', () => {
  it('is read by nobody, which is no trouble of it', async () => {
    await tool('touch "$0.asked"; exit 9');
    const source = openAll([{ ...someCard('tegra'), model: 'NVIDIA Jetson Orin' }]);
    const reason = 'the nvidia-smi of a Jetson says nothing of its GPU';
    expect(await read(source, 30_000)).toMatchObject([{ problem: null, unknown: { utilization: reason } }]);
    await expect(readFile(path.join(folder, 'nvidia-smi.asked'))).rejects.toThrow();
  });
});
