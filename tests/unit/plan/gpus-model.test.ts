// Whatever happens in a house with cards: none is given twice, none is lost. AUTOGIT_STEPS sets how many steps are tried.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Gpu, GpuGrant, GpuMode } from '../../../main/model/gpu.ts';
import { allocate } from '../../../main/plan/gpus.ts';
import { cardOf, cards, lookAt, needs, newHouse, obey } from '../../fakes/gpu-house.ts';
import type { Command, House } from '../../fakes/gpu-house.ts';
import { someNeed } from '../../fakes/gpus.ts';

const steps = Number(process.env['AUTOGIT_STEPS'] ?? 10_000);
const stepsOfRun = 50;

const at = fc.nat({ max: 100 });
const one = <K extends Command['kind']>(...kinds: readonly K[]): fc.Arbitrary<K> => fc.constantFrom(...kinds);
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: one('start'),
      need: fc.nat({ max: needs.length - 1 }),
      until: fc.constantFrom('intent' as const, 'create' as const, 'end' as const, 'end' as const),
      job: fc.boolean(),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: one('adopt', 'settle', 'settle', 'slices') }) },
  { weight: 5, arbitrary: fc.record({ kind: one('end', 'end', 'end', 'vanish', 'tamper'), at }) },
  {
    weight: 5,
    arbitrary: fc.record({ kind: one('lose', 'return', 'return', 'return', 'reserve', 'forget'), at }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: one('foreign'), at, memoryMiB: fc.constantFrom(null, 100, 9000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: one('node'), at }) },
);

/** The card that a device is or belongs to: a slice and its card are one thing. */
function wholeOf(node: string, id: string): string {
  return `${node} ${cards.find((gpu) => gpu.node === node && gpu.id === id)?.parent ?? id}`;
}

/** Who really runs on a device, each once: from the containers themselves, not from what they say. */
function usersOf({ containers }: House, gpu: Gpu): readonly GpuMode[] {
  const users = containers.filter(
    ({ state, node, grant }) => state !== 'exited' && node === gpu.node && grant.ids.includes(gpu.id),
  );
  return [...new Map(users.map(({ holder, grant }) => [holder, grant.mode])).values()];
}

function memoryOf(modes: readonly GpuMode[]): number {
  return modes.reduce((sum, mode) => sum + (mode.kind === 'fraction' ? mode.memoryMiB : 0), 0);
}

function checkUse(house: House): void {
  const wholes = new Map<string, string[]>();
  for (const gpu of cards) {
    const modes = usersOf(house, gpu);
    if (modes.length === 0) continue;
    const kinds = new Set(modes.map(({ kind }) => kind));
    if (kinds.size > 1 || (kinds.has('exclusive') && modes.length > 1))
      throw new Error(`${cardOf(gpu)} is assigned ${modes.length} times: ${[...kinds].join(', ')}`);
    const limits = modes.flatMap((mode) => (mode.kind === 'shared' ? [mode.jobs] : []));
    if (limits.length > Math.min(...limits)) throw new Error(`${cardOf(gpu)} is crowded`);
    if (memoryOf(modes) > (gpu.memoryMiB ?? 0)) throw new Error(`${cardOf(gpu)} has too many fractions`);
    const whole = wholeOf(gpu.node, gpu.id);
    wholes.set(whole, [...(wholes.get(whole) ?? []), gpu.id]);
  }
  for (const [whole, ids] of wholes)
    if (ids.length > 1 && ids.some((id) => whole.endsWith(` ${id}`)))
      throw new Error(`${whole} is held with its slices`);
}

/** What was granted could be granted, by the truth and not by what was seen. */
function checkGrant(house: House, { node, ids }: GpuGrant, sawNode: boolean): void {
  if (!sawNode) throw new Error(`${node} cannot be seen`);
  for (const id of ids) {
    const card = cardOf({ node, id });
    const bad =
      house.lost.has(card) ||
      house.unseen.has(card) ||
      house.reserved.has(card) ||
      house.reserved.has(wholeOf(node, id)) ||
      (house.foreign.has(card) && house.foreign.get(card) !== 100);
    if (bad) throw new Error(`${card} was not to be handed out`);
  }
}

/** True where nothing at all speaks against a card: neither use, nor a start under way, nor ignorance. */
function isFree(house: House, gpu: Gpu): boolean {
  const card = cardOf(gpu);
  const marks = [house.lost, house.unseen, house.reserved];
  if (house.away.has(gpu.node) || house.foreign.has(card)) return false;
  if (marks.some((set) => set.has(card) || set.has(wholeOf(gpu.node, gpu.id)))) return false;
  if (house.sliced ? gpu.id === 'GPU-c' : gpu.parent !== null) return false;
  const living = house.containers.filter(({ state, node }) => state !== 'exited' && node === gpu.node);
  if (living.some(({ label }) => label === 'nonsense')) return false;
  const pending = house.records.filter(
    ({ name, grant }) => grant.node === gpu.node && !house.containers.some(({ holder }) => holder === name),
  );
  const taken = [...living, ...pending].flatMap(({ grant }) => grant.ids);
  return !taken.some(
    (id) => wholeOf(gpu.node, id) === wholeOf(gpu.node, gpu.id) || (!house.sliced && id.startsWith('MIG-')),
  );
}

/** No leak: what is free is given to whom asks for it. */
function checkFree(house: House): void {
  const ground = lookAt(house);
  for (const gpu of cards) {
    if (!isFree(house, gpu)) continue;
    const only = ground.health.filter(({ node, id }) => node === gpu.node && id === gpu.id);
    const others = ground.inventory.filter((other) => cardOf(other) !== cardOf(gpu));
    // The others cannot be had, so that it is this card or none.
    const inventory = [
      gpu,
      ...others.map((other) => ({ ...other, use: { usable: false as const, why: '', fix: '' } })),
    ];
    const answer = allocate(someNeed(), { ...ground, inventory, health: only });
    if (!answer.granted) throw new Error(`${cardOf(gpu)} is free and not given: ${answer.message}`);
  }
}

describe('cards', () => {
  it('are never assigned twice, never overfull, never handed out unseen, and never lost', () => {
    const run = fc.array(command, { minLength: stepsOfRun, maxLength: stepsOfRun });
    let grants = 0;
    fc.assert(
      fc.property(run, (commands) => {
        const house = newHouse();
        for (const next of commands) {
          const grant = obey(house, next);
          checkUse(house);
          if (grant !== null) {
            grants += 1;
            checkGrant(house, grant, !house.away.has(grant.node));
          }
          checkFree(house);
        }
      }),
      { numRuns: Math.ceil(steps / stepsOfRun) },
    );
    // The house is lively enough for the claims to mean something.
    expect(grants).toBeGreaterThan(steps / 20);
  }, 3_600_000);
});
