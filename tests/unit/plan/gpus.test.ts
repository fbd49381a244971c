// Which cards a container gets, and what a person is told when it gets none.
import { describe, expect, it } from 'vitest';
import type { Gpu, GpuHealth, GpuHolding, GpuMode, GpuNeed } from '../../../main/model/gpu.ts';
import { allocate } from '../../../main/plan/gpus.ts';
import type { GpuAnswer, GpuGround } from '../../../main/plan/gpus.ts';
import { deepFreeze } from '../../fakes/world.ts';
import { now, someGpu, someGrant, someHealth, someNeed } from '../../fakes/gpus.ts';

function ground(inventory: readonly Gpu[], over: Partial<GpuGround> = {}): GpuGround {
  const health = inventory.map((gpu) => someHealth(gpu));
  return deepFreeze({ inventory, held: [], reservations: [], health, now, ...over });
}

function ids(answer: GpuAnswer): readonly string[] {
  return answer.granted ? answer.grant.ids : [];
}

function ask(need: Partial<GpuNeed>, inventory: readonly Gpu[], over: Partial<GpuGround> = {}): GpuAnswer {
  return allocate(someNeed(need), ground(inventory, over));
}

function holding(id: string, mode: GpuMode = { kind: 'exclusive' }, by = 'job 41 of lab/app'): GpuHolding {
  return { node: 'n1', grant: someGrant({ ids: [id], mode }), by, since: Date.UTC(2026, 2, 1, 12, 3) };
}

const shared = (jobs: number): GpuMode => ({ kind: 'shared', jobs });
const fraction = (memoryMiB: number): GpuMode => ({ kind: 'fraction', memoryMiB });

const big = someGpu({ id: 'big', memoryMiB: 81_559, model: 'H100' });
const mid = someGpu({ id: 'mid' });
const small = someGpu({ id: 'small', memoryMiB: 12_288, model: 'RTX 3060' });
const amd = someGpu({ id: '0000:03:00.0', vendor: 'amd', model: 'RX 7900 XTX', memoryMiB: 24_560 });

describe('a card that one job has at a time', () => {
  const only = { exclusive: ['mid'] };

  it('is given whole, and never to those who share', () => {
    expect(ids(ask({}, [mid], only))).toEqual(['mid']);
    expect(ids(ask({ mode: 'shared' }, [mid, big], only))).toEqual(['big']);
    expect(ids(ask({ mode: 'fraction', fractionMiB: 1_024 }, [mid], only))).toEqual([]);
  });

  it('is so with its slices, and says why', () => {
    const slice = someGpu({ id: 'MIG-1', parent: 'mid', model: 'H100 1g.10gb' });
    const answer = ask({ mode: 'shared' }, [mid, slice], only);
    expect(answer).toMatchObject({
      ...{ granted: false, ever: false },
      message: 'H100 1g.10gb is given to one job at a time, and this pool shares its cards.',
    });
  });
});

describe('the best card', () => {
  it('is the smallest that suffices', () => {
    expect(ids(ask({}, [big, mid, small]))).toEqual(['small']);
    expect(ids(ask({ memoryMiB: 16_000 }, [big, mid, small]))).toEqual(['mid']);
    expect(ids(ask({ vendor: 'amd' }, [big, mid, small, amd]))).toEqual(['0000:03:00.0']);
  });

  it('counts memory as makers advertise it', () => {
    const l40s = someGpu({ id: 'l40s', memoryMiB: 46_068 });
    expect(ids(ask({ memoryMiB: 48 * 1024 }, [l40s]))).toEqual(['l40s']);
    expect(ids(ask({ memoryMiB: 24 * 1024 }, [someGpu({ memoryMiB: 22_528 })]))).toEqual([]);
  });

  it('leaves whole groups whole', () => {
    const pair = ['p1', 'p2'].map((id) => someGpu({ id, numaNode: 1 }));
    const lone = someGpu({ id: 'z-lone', numaNode: 0 });
    expect(ids(ask({}, [...pair, lone]))).toEqual(['z-lone']);
    expect(ids(ask({ count: 2 }, [lone, ...pair]))).toEqual(['p1', 'p2']);
  });

  it('of several is of one model, side by side where it can be, and never of two nodes or vendors', () => {
    const here = ['a1', 'a2'].map((id, numaNode) => someGpu({ id, numaNode }));
    expect(ids(ask({ count: 2 }, [small, ...here]))).toEqual(['a1', 'a2']);
    expect(ids(ask({ count: 2 }, [small, mid]))).toEqual(['small', 'mid']);
    expect(ids(ask({ count: 2 }, [mid, amd]))).toEqual([]);
    expect(ids(ask({ count: 2 }, [mid, someGpu({ id: 'far', node: 'n2' })]))).toEqual([]);
  });

  it('is all or nothing', () => {
    const answer = ask({ count: 2 }, [mid, small], { held: [holding('mid')] });
    expect(answer).toMatchObject({
      granted: false,
      ever: true,
      message:
        '2 GPUs on one node are needed, 1 is free. RTX 4090 is held by job 41 of lab/app since 2026-03-01 12:03 UTC.',
    });
  });

  it('for sharing is the one with the fewest others, and for fractions the fullest that has room', () => {
    const held = [holding('small', shared(4))];
    expect(ids(ask({ mode: 'shared' }, [small, mid], { held }))).toEqual(['mid']);
    const parts = [holding('mid', fraction(8000))];
    expect(ids(ask({ mode: 'fraction', fractionMiB: 12_000 }, [mid, big], { held: parts }))).toEqual(['mid']);
    expect(ids(ask({ mode: 'fraction', fractionMiB: 16_000 }, [mid, big], { held: parts }))).toEqual(['big']);
  });

  it('is all cards of a WSL2 together', () => {
    const wsl = someGpu({ id: 'wsl', cards: 2, pciAddress: null });
    expect(ids(ask({ count: 2 }, [wsl]))).toEqual(['wsl']);
    expect(ids(ask({ count: 3 }, [wsl]))).toEqual([]);
    expect(ids(ask({}, [wsl], { held: [holding('wsl')] }))).toEqual([]);
  });

  it('of a divided card is a slice, and neither is handed out beside the other', () => {
    const slice = someGpu({ id: 'MIG-1', parent: 'big', memoryMiB: 9728 });
    expect(ids(ask({ memoryMiB: 60_000 }, [big, slice]))).toEqual([]);
    expect(ids(ask({}, [big, slice]))).toEqual(['MIG-1']);
    expect(ids(ask({}, [big, slice], { held: [holding('big')] }))).toEqual([]);
    expect(ids(ask({}, [big, slice], { held: [holding('MIG-1')] }))).toEqual([]);
  });

  it('is none while a slice is held of which it is not known whose it is', () => {
    expect(ids(ask({}, [big, amd], { held: [holding('MIG-1')] }))).toEqual(['0000:03:00.0']);
  });
});

describe('a card is never in two modes', () => {
  const modes: readonly [string, Partial<GpuNeed>, GpuMode][] = [
    ['exclusive', {}, { kind: 'exclusive' }],
    ['shared', { mode: 'shared' }, shared(4)],
    ['fraction', { mode: 'fraction', fractionMiB: 1000 }, fraction(1000)],
  ];
  it.each(modes.flatMap(([a, need]) => modes.map(([b, , mode]) => [a, b, need, mode] as const)))(
    '%s beside %s',
    (a, b, need, mode) => {
      const answer = ask(need, [mid], { held: [holding('mid', mode)] });
      expect(answer.granted).toBe(a === b && a !== 'exclusive');
    },
  );

  it('every sharer keeps the limit it came with', () => {
    const held = [holding('mid', shared(2)), holding('mid', shared(2), 'job 42')];
    expect(ask({ mode: 'shared', jobsPerCard: 8 }, [mid], { held })).toMatchObject({
      message: 'RTX 4090 is shared by 2 jobs, and 2 is the limit.',
      ever: true,
    });
  });

  it('what foreign programs use is no part of a fraction', () => {
    const foreign = [{ pid: 7, name: 'Xorg', memoryMiB: 200 }];
    const room = Math.floor(24_564 * 0.95 - 200);
    const health = [someHealth(mid, { foreign })];
    expect(ask({ mode: 'fraction', fractionMiB: room }, [mid], { health }).granted).toBe(true);
    expect(ask({ mode: 'fraction', fractionMiB: room + 1 }, [mid], { health }).granted).toBe(false);
  });
});

describe('a person is told', () => {
  const withHealth = (over: Partial<GpuHealth>): Partial<GpuGround> => ({ health: [someHealth(mid, over)] });
  const rows: readonly [string, Partial<GpuNeed>, readonly Gpu[], Partial<GpuGround>, boolean][] = [
    ['No node has a GPU.', {}, [], {}, false],
    [
      'RTX 4090 is held by job 41 of lab/app since 2026-03-01 12:03 UTC.',
      {},
      [mid],
      { held: [holding('mid')] },
      true,
    ],
    [
      'RTX 4090 is reserved by its owner for the model server.',
      {},
      [mid],
      { reservations: [{ node: 'n1', id: 'mid', by: 'the model server' }] },
      false,
    ],
    [
      'RTX 4090 is in use outside AutoGit: ollama (process 812) holds 9000 MiB (more than 300 MiB together count as work).',
      {},
      [mid],
      withHealth({
        foreign: [
          { pid: 1, name: 'Xorg', memoryMiB: 20 },
          { pid: 812, name: 'ollama', memoryMiB: 9000 },
        ],
      }),
      true,
    ],
    [
      'RTX 4090 is in use outside AutoGit: game (process 9) holds an unknown amount of its memory.',
      {},
      [mid],
      withHealth({ foreign: [{ pid: 9, name: 'game', memoryMiB: null }] }),
      true,
    ],
    [
      'RTX 4090 is drained: it is too hot (94 °C, its limit is 90 °C).',
      {},
      [mid],
      withHealth({ trouble: { kind: 'hot', message: '94 °C, its limit is 90 °C' } }),
      true,
    ],
    [
      'RTX 4090 is drained: it is lost (Xid 79).',
      {},
      [mid],
      withHealth({ trouble: { kind: 'lost', message: 'Xid 79' } }),
      true,
    ],
    [
      'RTX 4090 was last seen at 2026-03-01 12:28 UTC, too long ago to hand it out.',
      {},
      [mid],
      withHealth({ seenAt: now - 90_001 }),
      true,
    ],
    [
      'RTX 4090 has not been looked at yet, so nothing is known of it.',
      {},
      [mid],
      { health: [someHealth({ node: 'n2', id: 'mid' })] },
      true,
    ],
    [
      'RTX 4090 may be held by runner x, of which it is not known what it holds.',
      {},
      [mid],
      { held: [{ node: 'n1', grant: null, by: 'runner x', since: 0 }] },
      true,
    ],
    ['RTX 4090 has 24564 MiB, and 40000 MiB are needed.', { memoryMiB: 40_000 }, [mid], {}, false],
    [
      'GB10 does not say how much memory it has, and 1000 MiB are needed.',
      { memoryMiB: 1000 },
      [someGpu({ model: 'GB10', memoryMiB: null })],
      {},
      false,
    ],
    ['RTX 4090 is not from AMD.', { vendor: 'amd' }, [mid], {}, false],
    [
      'RTX 4090 cannot be used by containers: no toolkit. Install it.',
      {},
      [someGpu({ use: { usable: false, why: 'no toolkit', fix: 'Install it' } })],
      {},
      false,
    ],
    [
      'UHD 770 uses the memory of the machine itself, so that only pools that name its vendor get it.',
      {},
      [someGpu({ model: 'UHD 770', vendor: 'intel', integrated: true })],
      {},
      false,
    ],
    ['RTX 4090 has the same id as another card of its node.', {}, [mid, mid], {}, false],
    [
      'RTX 4090 has 15335 MiB left, and 16000 MiB are needed.',
      { mode: 'fraction', fractionMiB: 16_000 },
      [mid],
      { held: [holding('mid', fraction(8000))] },
      true,
    ],
  ];
  it.each(rows)('%s', (message, need, inventory, over, ever) => {
    expect(ask(need, inventory, over)).toMatchObject({ granted: false, message, ever });
  });

  it('what passes soonest, with all cards as data', () => {
    const answer = ask({ memoryMiB: 20_000 }, [small, mid], { held: [holding('mid')] });
    expect(answer).toMatchObject({
      message: 'RTX 4090 is held by job 41 of lab/app since 2026-03-01 12:03 UTC.',
      cards: [
        { gpu: { id: 'small' }, refusal: { kind: 'memory', hasMiB: 12_288, needsMiB: 20_000 } },
        { gpu: { id: 'mid' }, refusal: { kind: 'held', since: Date.UTC(2026, 2, 1, 12, 3) } },
      ],
    });
  });

  it('nothing of small programs, and gets the card', () => {
    expect(ask({}, [mid], withHealth({ foreign: [{ pid: 1, name: 'Xorg', memoryMiB: 300 }] })).granted).toBe(
      true,
    );
  });
});
