// Pretended machines for tests of the Hardware page: with no card, one, eight, slices, a WSL2, and cards in trouble.
import type { ArchitectureView, GpuView, Snapshot } from '../../main/contract/snapshot.ts';
import { slowdownSentence } from '../../main/model/emulation.ts';
import type { GpuMetrics } from '../../main/model/gpu-metrics.ts';
import { unreadGpu } from '../../main/model/gpu-metrics.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { quietHardware, someMetrics, someProcess, wave } from '../fakes/fake-hardware.ts';
import type { FakeHardware } from '../fakes/fake-hardware.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';

export const machineKinds = ['none', 'unseen', 'one', 'eight', 'slices', 'wsl', 'trouble'] as const;
export type MachineKind = (typeof machineKinds)[number];

interface PretendedMachine {
  readonly gpus: readonly GpuView[];
  readonly issues?: Snapshot['issues'];
  /** Why it is not known which cards there are; missing: it is. */
  readonly unseen?: Snapshot['gpusUnseen'];
  metrics(at: number): readonly GpuMetrics[];
}

const free: Omit<GpuView, 'id'> = {
  ...{ node: 'local', vendor: 'nvidia', model: 'RTX 5080', memoryMiB: 16_303, parent: null, celsius: 41 },
  ...{ state: 'free', use: 'shared', holders: [], why: null },
};

function oneCard(now: number): PretendedMachine {
  const id = 'GPU-5a1c77de-0f2b-4c1e-9a35-6f1d2e8b7c40';
  const holders = [{ by: 'job 9 of music/player', since: now - 65_000 }];
  const run = { memoryMiB: 9_216, runner: '00000001', job: 9 };
  return {
    gpus: [
      { ...free, id, celsius: 71, state: 'in-use', holders, why: 'It is held by job 9 of music/player.' },
    ],
    metrics: (at) => [
      someMetrics(at, { id, processes: [someProcess({ ...run, pid: 4_211, name: 'python3' })] }),
    ],
  };
}

function eightCards(now: number): PretendedMachine {
  const ids = Array.from(
    { length: 8 },
    (_, index) => `GPU-${index}b44e210-7c51-4d0e-8f13-a0c2d4e6f8${index}0`,
  );
  const card = { ...free, model: 'A100-SXM4-80GB', memoryMiB: 81_920 };
  return {
    gpus: ids.map((id, index): GpuView => {
      if (index % 3 === 2) return { ...card, id };
      const by = `job ${40 + index} of lab/training`;
      const why = `A100-SXM4-80GB is held by ${by}.`;
      return { ...card, id, state: 'in-use', holders: [{ by, since: now - index * 900_000 }], why };
    }),
    metrics: (at) =>
      ids.map((id, index) => {
        const isFree = index % 3 === 2;
        const shifted = at + index * 77_000;
        return someMetrics(at, {
          ...{ id, model: 'A100-SXM4-80GB', memoryTotalMiB: 81_920, limitWatts: 400, fanPercent: null },
          utilization: isFree ? 0 : wave(shifted, 500_000, [60, 100]),
          memoryUsedMiB: isFree ? 3 : wave(shifted, 900_000, [30_000, 78_000]),
          edgeCelsius: wave(shifted, 900_000, isFree ? [33, 36] : [58, 76]),
          watts: isFree ? 62 : wave(shifted, 500_000, [240, 398]),
          unknown: {
            fanPercent: 'this card has no fan of its own',
            fanRpm: 'this card has no fan of its own',
          },
        });
      }),
  };
}

function slicedCard(now: number): PretendedMachine {
  const id = 'GPU-3c9f1a20-11de-4b7a-b5c1-0d9e8f7a6b50';
  const slice = { ...free, parent: id, celsius: null };
  const by = 'job 12 of lab/inference';
  return {
    gpus: [
      {
        ...{ ...free, id, model: 'H100 80GB HBM3', memoryMiB: 81_559, state: 'divided' },
        why: 'H100 80GB HBM3 is divided into slices, which are handed out instead.',
      },
      {
        ...{ ...slice, id: 'MIG-9a1b2c30-0000-5000-8000-000000000001', model: 'H100 80GB HBM3 3g.40gb' },
        ...{
          memoryMiB: 40_448,
          state: 'in-use',
          holders: [{ by, since: now - 240_000 }],
          why: `It is held by ${by}.`,
        },
      },
      {
        ...{ ...slice, id: 'MIG-9a1b2c30-0000-5000-8000-000000000002', model: 'H100 80GB HBM3 2g.20gb' },
        memoryMiB: 19_968,
      },
      {
        ...{ ...slice, id: 'MIG-9a1b2c30-0000-5000-8000-000000000003', model: 'H100 80GB HBM3 1g.10gb' },
        ...{ memoryMiB: 9_728, state: 'reserved', use: 'off', why: 'It is kept for the notebook.' },
      },
    ],
    metrics: (at) => [
      someMetrics(at, {
        ...{ id, model: 'H100 80GB HBM3', memoryTotalMiB: 81_559, utilization: null, fanPercent: null },
        ...{ limitWatts: 700, memoryUsedMiB: wave(at, 900_000, [22_000, 39_000]) },
        unknown: { utilization: 'a card in slices does not tell it', fanPercent: 'this card has no fan' },
      }),
    ],
  };
}

function wslUnit(): PretendedMachine {
  const cards = ['GPU-1f00aa21-5b6c-4d7e-8f90-a1b2c3d4e5f6', 'GPU-2e11bb32-6c7d-4e8f-90a1-b2c3d4e5f607'];
  const models = ['RTX 4090', 'RTX 3060'];
  const totals = [24_564, 12_288];
  const hidden = 'Windows does not tell programs in WSL2';
  return {
    gpus: [{ ...free, id: 'wsl', model: 'All GPUs of this WSL2', memoryMiB: 12_288, celsius: null }],
    metrics: (at) =>
      cards.map((id, index) =>
        someMetrics(at, {
          ...{ id, model: models[index] ?? '', memoryTotalMiB: totals[index] ?? null, memoryUsedMiB: 2_100 },
          ...{
            utilization: wave(at + index * 50_000, 300_000, [1, 20]),
            fanPercent: null,
            persistence: null,
          },
          ...{ processes: null, xids: null },
          unknown: { processes: hidden, xids: hidden, persistence: hidden, fanPercent: hidden },
        }),
      ),
  };
}

function troubledCards(): PretendedMachine {
  const [hot, lost, foreign, amd] = ['GPU-0000hot1', 'GPU-000lost2', 'GPU-0foreign', '0000:03:00.0'] as const;
  const ollama = { memoryMiB: 11_264, app: 'ollama', title: 'Ollama' } as const;
  return {
    gpus: [
      {
        ...{ ...free, id: hot, celsius: 91, state: 'drained' },
        why: 'RTX 5080 is drained: it is too hot (91 °C, its limit is 90 °C).',
      },
      { ...free, id: lost, celsius: null, state: 'drained', why: 'RTX 5080 is drained: it is lost.' },
      {
        ...{ ...free, id: foreign, model: 'RTX 3090', memoryMiB: 24_576, state: 'foreign' },
        why: 'RTX 3090 is in use outside AutoGit: ollama (process 991) holds 11264 MiB.',
      },
      {
        ...{ ...free, id: amd, vendor: 'amd', model: 'Radeon RX 7900 XTX', memoryMiB: null, celsius: null },
        ...{
          state: 'unusable',
          why: 'Containers cannot use it: the group of /dev/dri/renderD128 is not known here.',
        },
      },
    ],
    issues: [
      {
        ...{ key: 'gpu.hot', severity: 'error', subject: hot },
        message: 'RTX 5080 is at 91 °C, above the 90 °C at which its maker says stop.',
        next: 'A job that has it goes on; nothing new gets it. Look at its fan and at the air around it.',
      },
      {
        ...{ key: 'gpu.lost', severity: 'error', subject: lost },
        message: 'RTX 5080 has fallen off the bus (Xid 79).',
        next: 'Restart the machine. Should it happen again, look at its power cables and its slot.',
      },
      {
        ...{ key: 'gpu.foreign', severity: 'info', subject: foreign },
        message: 'Ollama holds 11.8 GB of RTX 3090.',
        next: `Keep the card for it: autogit gpu use ${foreign} off --for Ollama`,
      },
      {
        ...{ key: 'hardware.tool-hangs', severity: 'warning', subject: 'rocm-smi' },
        message: 'rocm-smi has not answered within 5 s, so nothing is known of the cards of AMD.',
        next: 'It is asked again, less and less often. A restart of the machine ends what hangs.',
      },
    ],
    metrics: (at) => [
      someMetrics(at, { id: hot, edgeCelsius: 91, throttle: ['heat'], fanPercent: 100, utilization: 99 }),
      unreadGpu({ id: lost, vendor: 'nvidia', model: 'RTX 5080' }, at, 'it has fallen off the bus'),
      someMetrics(at, {
        ...{ id: foreign, model: 'RTX 3090', memoryTotalMiB: 24_576, memoryUsedMiB: 12_100, utilization: 34 },
        ...{ throttle: ['power-cap'], limitWatts: 280 },
        processes: [
          someProcess({ ...ollama, pid: 991, name: 'ollama' }),
          someProcess({ pid: 1_204, name: 'Xorg', memoryMiB: 180, app: 'desktop', title: 'the desktop' }),
        ],
      }),
      unreadGpu(
        { id: amd, vendor: 'amd', model: 'Radeon RX 7900 XTX' },
        ...([at, 'rocm-smi does not answer'] as const),
      ),
    ],
  };
}

const engineElsewhere = {
  key: 'gpu.engine-elsewhere',
  message: 'The container engine runs on another machine, whose GPUs cannot be seen from here.',
  next: 'Jobs that need a GPU wait. Use the engine of this machine: autogit engine list',
};

function pretended(kind: MachineKind, now: number): PretendedMachine {
  switch (kind) {
    case 'none':
      return { gpus: [], metrics: () => [] };
    case 'unseen':
      return { gpus: [], metrics: () => [], unseen: engineElsewhere };
    case 'one':
      return oneCard(now);
    case 'eight':
      return eightCards(now);
    case 'slices':
      return slicedCard(now);
    case 'wsl':
      return wslUnit();
    case 'trouble':
      return troubledCards();
  }
}

/** How a machine with one emulator that works, and one that does not, stands with each processor. */
export function someArchitectures(now: number): readonly ArchitectureView[] {
  const common = {
    node: 'local',
    usable: true,
    handler: null,
    probe: null,
    reason: null,
    fix: null,
  } as const;
  const plain = { ...common, slowdown: null, pools: [] as string[] };
  return [
    {
      ...{ ...plain, architecture: 'amd64', state: 'native' },
      probe: { at: now - 3_600_000, machine: 'x86_64', failure: null },
    },
    {
      ...{ ...plain, architecture: 'arm64', state: 'qemu', slowdown: slowdownSentence, pools: ['arm'] },
      handler: { name: 'qemu-aarch64', interpreter: '/usr/bin/qemu-aarch64', flags: 'OCF' },
      probe: { at: now - 3_600_000, machine: 'aarch64', failure: null },
    },
    {
      ...{ ...plain, architecture: 'riscv64', state: 'broken', usable: false },
      handler: { name: 'qemu-riscv64', interpreter: '/usr/bin/qemu-riscv64', flags: 'OC' },
      reason: 'The emulator qemu-riscv64 is registered without F, so containers do not find it.',
      fix: 'Register it again so that the kernel opens it at once: autogit arch enable riscv64 --privileged',
    },
    {
      ...{ ...plain, architecture: 's390x', state: 'missing', usable: false },
      reason: 'Nothing here runs s390x programs.',
      fix: 'Install the emulators: apt install qemu-user-static',
    },
  ];
}

export interface HardwareWorld {
  readonly core: FakeCore;
  /** Changes what the machine does from now on. */
  set(change: Partial<FakeHardware>): void;
}

/** A lab on such a machine. */
export function createHardwareWorld(kind: MachineKind, now = Date.now()): HardwareWorld {
  const machine = pretended(kind, now);
  const listeners = new Set<() => void>();
  let present: FakeHardware = { ...quietHardware, gpus: machine.metrics };
  const hardware: FakeHardware = {
    node: present.node,
    host: (at) => present.host(at),
    gpus: (at) => present.gpus(at),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const world = createFakeWorld();
  world.change(({ snapshot }) => ({
    snapshot: {
      ...snapshot,
      gpus: [...machine.gpus],
      ...(machine.unseen === undefined ? {} : { gpusUnseen: machine.unseen }),
      issues: [...(machine.issues ?? [])],
      architectures: [...someArchitectures(now)],
    },
  }));
  return {
    core: createFakeCore(world, hardware),
    set: (change) => {
      present = { ...present, ...change };
      for (const listener of listeners) listener();
    },
  };
}
