// The watch of the hardware in the whole core: who reads gets samples, jobs get their programs, and people get told.
import { afterEach, describe, expect, it } from 'vitest';
import type { Output } from '../../../main/contract/contract.ts';
import { gpuNeedSchema } from '../../../main/model/gpu.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import { amdMachine, ended } from '../../fakes/hardware.ts';
import type { FakeMachine } from '../../fakes/hardware.ts';

const opened: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

const card = '0000:03:00.0';
const bus = `/sys/bus/pci/devices/${card}`;
const gpu = gpuNeedSchema.parse({});

/** A machine with one card of AMD at work, and a program on it. */
function machineWith(more: Readonly<Record<string, string>> = {}): FakeMachine {
  const machine = amdMachine(1);
  const files = {
    [`${bus}/gpu_busy_percent`]: '73\n',
    [`${bus}/mem_info_vram_used`]: '1073741824\n',
    [`${bus}/hwmon/hwmon3/temp1_label`]: 'edge\n',
    [`${bus}/hwmon/hwmon3/temp1_input`]: '61000\n',
    '/sys/class/kfd/kfd/topology/nodes/1/gpu_id': '1002\n',
    '/proc/loadavg': '1.50 0.75 0.10 2/345 6789\n',
  };
  return { ...machine, files: { ...machine.files, ...files, ...more } };
}

async function start(machine: FakeMachine): Promise<{ world: World; lab: OpenLab }> {
  const world = createWorld({ jobMs: 60_000, pools: [{ name: 'gpu', tags: ['gpu'], idleTime: 5, gpu }] });
  const lab = await openLab(world, { machine });
  opened.push([world, lab]);
  return { world, lab };
}

/** Reads a stream for so many milliseconds. */
async function read(
  { world, lab }: { world: World; lab: OpenLab },
  input: { readonly id?: string; readonly interval?: number },
  ms: number,
): Promise<readonly Output<'gpu.watch'>[]> {
  const leaving = new AbortController();
  const items: Output<'gpu.watch'>[] = [];
  const reading = (async (): Promise<void> => {
    for await (const item of lab.stream('gpu.watch', input, leaving.signal)) items.push(item);
  })();
  reading.catch(() => undefined);
  await world.clock.advance(ms);
  leaving.abort();
  await reading;
  return items;
}

describe('gpu.watch', () => {
  it('gives what the card does, as often as it is asked for', async () => {
    const both = await start(machineWith());
    const items = await read(both, { id: card, interval: 2 }, 10_000);
    expect(items.length).toBeGreaterThan(4);
    expect(items.length).toBeLessThan(8);
    expect(items.at(-1)).toMatchObject({
      pace: 'fast',
      gpus: [{ id: card, utilization: 73, edgeCelsius: 61, memoryUsedMiB: 1_024, processes: null }],
    });
  });

  it('refuses a card that is not there', async () => {
    const both = await start(machineWith());
    const failing = read(both, { id: '0000:99:00.0' }, 10_000);
    await expect(failing).rejects.toMatchObject({ key: 'gpu.unknown' });
  });

  it('names the runner and the job whose program is on the card', async () => {
    const vram = '/sys/class/kfd/kfd/proc/77/vram_1002';
    const files: Record<string, string> = {
      ...machineWith().files,
      ...{ [vram]: '0\n', '/proc/77/comm': 'train\n', '/proc/77/cgroup': '0::/\n' },
    };
    const both = await start({ ...machineWith(), files });
    const { world, lab } = both;
    const job = world.gitlab.addJob({ tags: ['gpu'] });
    await lab.until('the job runs', () => world.taken.includes(job));
    await lab.until('it is seen', ({ runners }) => runners.some(({ jobId }) => jobId === job));
    const [runner] = lab.snapshot().runners;
    const [container] = (await world.engine.listContainers({})).filter(({ name }) => name === runner?.name);
    files[vram] = '536870912\n';
    files['/proc/77/cgroup'] = `0::/docker/${container?.id ?? ''}\n`;
    const items = await read(both, {}, 3_000);
    expect(items.at(-1)?.gpus[0]?.processes).toMatchObject([
      { pid: 77, name: 'train', memoryMiB: 512, runner: runner?.name, job },
    ]);
  });
});

describe('what is wrong with a card', () => {
  it('is an issue while somebody looks, and is not known when nobody does', async () => {
    const files = {
      '/sys/class/kfd/kfd/proc/78/vram_1002': '6442450944\n',
      '/proc/78/cmdline': '/usr/bin/ollama\0serve\0',
      [`${bus}/ras/umc_err_count`]: 'ue: 3\nce: 0\n',
    };
    const both = await start(machineWith(files));
    const watching = read(both, {}, 90_000);
    await both.world.clock.advance(80_000);
    const keys = both.lab.snapshot().issues.map(({ key }) => key);
    expect(keys).toEqual(expect.arrayContaining(['gpu.foreign', 'gpu.memory-errors']));
    const foreign = both.lab.snapshot().issues.find(({ key }) => key === 'gpu.foreign');
    expect(foreign?.message).toContain('Ollama (process 78) holds 6.0 GiB');
    expect(foreign?.next).toContain(`autogit gpu reserve ${card} --for ollama`);
    await watching;
    await both.world.clock.advance(120_000);
    expect(both.lab.snapshot().issues.map(({ key }) => key)).not.toContain('gpu.memory-errors');
  });
});

describe('history', () => {
  it('has what was seen while a job had the card, without anybody watching', async () => {
    const { world, lab } = await start(machineWith());
    const job = world.gitlab.addJob({ tags: ['gpu'] });
    await lab.until('the job is done', () => world.gitlab.statusOf(job) === 'success', 300_000);
    const { series, at } = await lab.call('gpu.history', { id: card, minutes: 10, points: 20 });
    expect(at.length).toBeLessThanOrEqual(20);
    expect(series['utilization']?.mean.filter((value) => value !== null)).toContain(73);
    const machine = await lab.call('machine.history', { minutes: 10 });
    expect(machine.series['load1']?.most).toContain(1.5);
  });

  it('says of a card that is not there that there is none', async () => {
    const both = await start(machineWith());
    const asked = both.lab.call('gpu.history', { id: '0000:99:00.0' });
    asked.catch(() => undefined);
    await both.world.clock.advance(10_000);
    await expect(asked).rejects.toMatchObject({ key: 'gpu.unknown' });
  });
});

describe('a WSL2', () => {
  const ids = ['GPU-00000000-0000-0000-0000-000000000001', 'GPU-00000000-0000-0000-0000-000000000002'];
  const head =
    'count, uuid, name, pci.bus_id, driver_version, memory.total [MiB], memory.used [MiB], utilization.gpu [%], temperature.gpu, persistence_mode';
  const program = (uuid: string): string => `${uuid}, 7, /usr/bin/ollama, 5120\n`;

  /** Jobs get all of its cards as one. */
  function wsl(count: number, celsius = 40, isBroken = () => false): FakeMachine {
    const rows = ids
      .slice(0, count)
      .map(
        (uuid, index) =>
          `${count}, ${uuid}, RTX 4090, 00000000:0${index}:00.0, 595.80, 24564, 12, 50, ${celsius}, Enabled`,
      );
    const table = [head, ...rows, ''].join('\n');
    return {
      files: { '/proc/version': 'Linux version 6.6.87.2-microsoft-standard-WSL2\n', '/dev/kmsg': '' },
      devices: { '/dev/dxg': { group: 0, mode: 0o666 } },
      run: (name, [first = '']) => {
        if (name === 'dmesg') return ended('');
        if (!name.endsWith('nvidia-smi')) return { outcome: 'missing' };
        if (isBroken()) return ended('', 255);
        if (!first.startsWith('--query-compute-apps')) return ended(table);
        return ended(`gpu_uuid, pid, process_name, used_gpu_memory [MiB]\n${program(ids[0] ?? '')}`);
      },
    };
  }

  it('has the history of its card under both names, also when nobody watches any more', async () => {
    const both = await start(wsl(1));
    await read(both, { id: 'wsl' }, 5_000);
    await both.world.clock.advance(120_000);
    for (const id of ['wsl', ids[0] ?? '']) {
      const { series } = await both.lab.call('gpu.history', { id, minutes: 10 });
      expect(series['utilization']?.mean).toContain(50);
    }
  });

  it('with two cards says of which the history is', async () => {
    const both = await start(wsl(2));
    const asked = both.lab.call('gpu.history', { id: 'wsl' });
    await expect(asked).rejects.toMatchObject({
      key: 'gpu.several',
      next: `Ask for one of them: ${ids.join(', ')}`,
    });
    await both.lab.call('gpu.history', { id: ids[1] ?? '' });
  });

  it('of which nothing can be read says so of each card', async () => {
    let isBroken = false;
    const both = await start(wsl(2, 40, () => isBroken));
    const reading = read(both, { id: 'wsl' }, 10_000);
    await both.world.clock.advance(5_000);
    isBroken = true;
    const newest = (await reading).at(-1);
    expect(newest?.gpus.map(({ id, problem }) => [id, problem === null])).toEqual(
      ids.map((id) => [id, false]),
    );
  });

  it('that is not handed out is told of once', async () => {
    const both = await start(wsl(1, 97));
    const watching = read(both, {}, 30_000);
    await both.world.clock.advance(29_000);
    const keys = both.lab.snapshot().issues.map(({ key }) => key);
    expect(keys).toContain('gpu.drained');
    expect(keys).not.toContain('gpu.hot');
    await watching;
  });

  it('is reserved as what jobs get, and so it is said', async () => {
    const both = await start(wsl(2));
    const { world, lab } = both;
    const watching = read(both, {}, 200_000);
    await world.clock.advance(30_000);
    const foreign = () => lab.snapshot().issues.find(({ key }) => key === 'gpu.foreign');
    expect(foreign()?.subject).toBe(ids[0]);
    expect(foreign()?.next).toContain('autogit gpu reserve wsl ');
    await expect(lab.call('gpu.reserve', { id: ids[0] ?? '' })).rejects.toMatchObject({ key: 'gpu.several' });
    await lab.call('gpu.reserve', { id: 'wsl', for: 'ollama' });
    await world.clock.advance(100_000);
    expect(foreign()).toBeUndefined();
    await world.clock.advance(100_000);
    const newest = (await watching).at(-1)?.gpus[0];
    expect(newest?.xids).toBeNull();
    expect(newest?.unknown['xids']).toBe('the log of the kernel here does not name this card');
  });
});
