// A small house of nodes with cards, where containers come, go and crash: the truth that allocation is held against.
import { renderGpuLabel } from '../../main/model/gpu.ts';
import type { Gpu, GpuGrant, GpuHolding, GpuNeed } from '../../main/model/gpu.ts';
import { recoverHoldings } from '../../main/plan/gpu-holdings.ts';
import { allocate } from '../../main/plan/gpus.ts';
import type { GpuGround } from '../../main/plan/gpus.ts';
import { now, someGpu, someNeed } from './gpus.ts';

const slices = ['MIG-1', 'MIG-2'].map((id) =>
  someGpu({ id, parent: 'GPU-c', memoryMiB: 40_000, model: 'slice' }),
);
const amd = { node: 'n2', vendor: 'amd', model: 'RX 7900 XTX', memoryMiB: 24_560 } as const;

/** Every card that there ever is; slices come and go. */
export const cards: readonly Gpu[] = [
  someGpu({ id: 'GPU-a' }),
  someGpu({ id: 'GPU-b' }),
  someGpu({ id: 'GPU-c', model: 'H100', memoryMiB: 81_559, numaNode: 1 }),
  someGpu({ id: 'GPU-d', model: 'RTX 3060', memoryMiB: 12_288, numaNode: 1 }),
  ...slices,
  someGpu({ ...amd, id: '0000:03:00.0' }),
  someGpu({ ...amd, id: '0000:83:00.0', numaNode: 1 }),
  someGpu({ id: 'wsl', node: 'n3', cards: 2, memoryMiB: 16_376 }),
];

export const needs: readonly GpuNeed[] = [
  someNeed(),
  someNeed({ count: 2 }),
  someNeed({ memoryMiB: 40_000 }),
  someNeed({ vendor: 'amd', count: 2 }),
  someNeed({ mode: 'shared', jobsPerCard: 2 }),
  someNeed({ mode: 'shared', jobsPerCard: 3, count: 2 }),
  someNeed({ mode: 'shared', jobsPerCard: 5, vendor: 'amd' }),
  someNeed({ mode: 'fraction', fractionMiB: 8000 }),
  someNeed({ mode: 'fraction', fractionMiB: 11_000, count: 2 }),
];

export type Command =
  /** `until`: where the core is killed; `job`: with a container of its job beside it. */
  | {
      readonly kind: 'start';
      readonly need: number;
      readonly until: 'intent' | 'create' | 'end';
      readonly job: boolean;
    }
  | { readonly kind: 'adopt' | 'settle' | 'slices' }
  | { readonly kind: 'end' | 'vanish' | 'tamper'; readonly at: number }
  | { readonly kind: 'lose' | 'return' | 'reserve' | 'forget'; readonly at: number }
  | { readonly kind: 'foreign'; readonly at: number; readonly memoryMiB: number | null }
  | { readonly kind: 'node'; readonly at: number };

interface LivingContainer {
  readonly holder: string;
  readonly node: string;
  readonly grant: GpuGrant;
  label: string;
  state: 'created' | 'running' | 'exited';
}

interface Start {
  readonly name: string;
  readonly grant: GpuGrant;
  /** Whether its container was ever made. */
  made: boolean;
}

/** The truth of one run. */
export interface House {
  containers: LivingContainer[];
  records: Start[];
  sliced: boolean;
  readonly lost: Set<string>;
  readonly unseen: Set<string>;
  readonly reserved: Set<string>;
  readonly away: Set<string>;
  readonly foreign: Map<string, number | null>;
  started: number;
}

export function newHouse(): House {
  return {
    containers: [],
    records: [],
    sliced: false,
    lost: new Set(),
    unseen: new Set(),
    reserved: new Set(),
    away: new Set(),
    foreign: new Map(),
    started: 0,
  };
}

export function cardOf({ node, id }: Pick<Gpu, 'node' | 'id'>): string {
  return `${node} ${id}`;
}

function pick<T>(list: readonly T[], at: number): T | undefined {
  return list[at % Math.max(1, list.length)];
}

/** What a core would see that starts at this moment. */
export function lookAt(house: House): GpuGround {
  const inventory = cards.filter(({ parent }) => house.sliced || parent === null);
  return {
    inventory,
    held: holdingsOf(house),
    reservations: cards
      .filter((gpu) => house.reserved.has(cardOf(gpu)))
      .map(({ node, id }) => ({ node, id, by: 'its owner' })),
    health: inventory.map((gpu) => {
      const memoryMiB = house.foreign.get(cardOf(gpu));
      return {
        node: gpu.node,
        id: gpu.id,
        seenAt: house.unseen.has(cardOf(gpu)) ? now - 1_000_000 : now,
        trouble: house.lost.has(cardOf(gpu)) ? { kind: 'lost' as const, message: 'Xid 79' } : null,
        foreign: memoryMiB === undefined ? [] : [{ pid: 1, name: 'game', memoryMiB }],
      };
    }),
    now,
  };
}

function holdingsOf({ containers, records, away }: House): readonly GpuHolding[] {
  const nodes = [...new Set(cards.map(({ node }) => node))];
  return recoverHoldings(
    records.map(({ name, grant }) => ({ node: grant.node, name, grant, by: name, since: 1 })),
    nodes.map((node) => ({
      node,
      containers: away.has(node)
        ? null
        : containers
            .filter((container) => container.node === node)
            .map(({ holder, state, label }) => ({ holder, state, label, by: holder, since: 2 })),
    })),
  );
}

function start(house: House, { need, until, job }: Extract<Command, { kind: 'start' }>): GpuGrant | null {
  const wanted = pick(needs, need);
  if (wanted === undefined) return null;
  const answer = allocate(wanted, lookAt(house));
  if (!answer.granted) return null;
  const { grant } = answer;
  const name = `r${house.started++}`;
  house.records.push({ name, grant, made: until !== 'intent' });
  if (until === 'intent') return grant;
  const container = { holder: name, node: grant.node, grant, label: renderGpuLabel(grant) };
  house.containers.push({ ...container, state: until === 'create' ? 'created' : 'running' });
  if (until === 'end' && job) house.containers.push({ ...container, state: 'running' });
  return grant;
}

/** What a core does that starts again: it goes on with every start where the last one was killed. */
function adopt(house: House): void {
  for (const record of house.records.filter(({ made }) => !made)) {
    const { name, grant } = record;
    house.containers.push({
      holder: name,
      node: grant.node,
      grant,
      label: renderGpuLabel(grant),
      state: 'created',
    });
    record.made = true;
  }
  for (const container of house.containers) if (container.state === 'created') container.state = 'running';
}

/** What the loop does in the end: on nodes that it sees, it clears away what has ended and closes its records. */
function settle(house: House): void {
  house.containers = house.containers.filter(({ state, node }) => state !== 'exited' || house.away.has(node));
  house.records = house.records.filter(
    ({ name, grant }) => house.away.has(grant.node) || house.containers.some(({ holder }) => holder === name),
  );
}

function toggle<T>(set: Set<T>, value: T): void {
  if (!set.delete(value)) set.add(value);
}

function onContainer(house: House, kind: 'end' | 'vanish' | 'tamper', at: number): void {
  const container = pick(house.containers, at);
  if (container === undefined) return;
  if (kind === 'end') container.state = 'exited';
  else if (kind === 'tamper') container.label = 'nonsense';
  else house.containers = house.containers.filter((other) => other !== container);
}

/** Does one command; gives the grant of a start. */
export function obey(house: House, command: Command): GpuGrant | null {
  const card = 'at' in command ? pick(cards, command.at) : undefined;
  const key = card === undefined ? '' : cardOf(card);
  if (command.kind === 'start') return start(house, command);
  if (command.kind === 'settle') settle(house);
  if (command.kind === 'slices') house.sliced = !house.sliced;
  if (command.kind === 'adopt') adopt(house);
  if (command.kind === 'end' || command.kind === 'vanish' || command.kind === 'tamper')
    onContainer(house, command.kind, command.at);
  if (command.kind === 'lose') house.lost.add(key);
  if (command.kind === 'return') {
    house.lost.delete(key);
    house.unseen.delete(key);
    house.foreign.delete(key);
  }
  if (command.kind === 'reserve') toggle(house.reserved, key);
  if (command.kind === 'forget') house.unseen.add(key);
  if (command.kind === 'foreign') house.foreign.set(key, command.memoryMiB);
  if (command.kind === 'node' && card !== undefined) toggle(house.away, card.node);
  return null;
}
