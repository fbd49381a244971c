// Whatever happens in a lab with graphics cards: the real planner gives none twice and loses none. AUTOGIT_STEPS: how many steps.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../main/model/world.ts';
import { gpuRows } from '../../../main/plan/gpu-rows.ts';
import { GpuLab, gpuCards, gpuPools } from '../../fakes/gpu-lab.ts';
import type { LabCommand, Reach } from '../../fakes/gpu-lab.ts';
import { only } from '../../fakes/world.ts';

const steps = Number(process.env['AUTOGIT_STEPS'] ?? 10_000);
const stepsOfRun = 50;

const at = fc.nat({ max: 100 });
const reach = fc.constantFrom<Reach>(
  'lost',
  'running',
  'recorded',
  'created',
  'started',
  'started',
  'failed',
);
const one = <K extends LabCommand['kind']>(...kinds: readonly K[]): fc.Arbitrary<K> =>
  fc.constantFrom(...kinds);
const command: fc.Arbitrary<LabCommand> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: one('arrive'), pool: fc.nat({ max: gpuPools.length - 1 }) }) },
  {
    weight: 10,
    arbitrary: fc.record({ kind: one('plan'), reach: fc.array(reach, { minLength: 1, maxLength: 6 }) }),
  },
  { weight: 12, arbitrary: fc.record({ kind: one('go-on', 'go-on', 'take', 'take', 'finish', 'exit'), at }) },
  { weight: 1, arbitrary: fc.record({ kind: one('vanish'), at }) },
  { weight: 2, arbitrary: fc.record({ kind: one('crash', 'lose-records', 'engine', 'look') }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: one('hot', 'foreign', 'unseen', 'reserve', 'mend', 'mend', 'mend'), at }),
  },
);

function checkUse(lab: GpuLab): void {
  for (const { id, memoryMiB } of gpuCards) {
    const modes = lab.usersOf(id);
    const kinds = new Set(modes.map(({ kind }) => kind));
    if (kinds.size > 1 || (kinds.has('exclusive') && modes.length > 1))
      throw new Error(`${id} is assigned ${modes.length} times: ${[...kinds].join(', ')}`);
    const shares = modes.flatMap((mode) => (mode.kind === 'shared' ? [mode.jobs] : []));
    if (shares.length > Math.min(...shares)) throw new Error(`${id} is crowded`);
    const parts = modes.flatMap((mode) => (mode.kind === 'fraction' ? [mode.memoryMiB] : []));
    if (parts.reduce((sum, part) => sum + part, 0) > (memoryMiB ?? 0)) throw new Error(`${id} is overfull`);
  }
}

/** What a plan starts could be started, by the truth before it. */
function checkStarts(lab: GpuLab, { actions }: Plan, seen: boolean): number {
  const starts = only({ actions }, 'start-runner');
  for (const { pool, gpu } of starts) {
    if ((pool.gpu === null) !== (gpu === null)) throw new Error(`pool ${pool.name} and its cards differ`);
    if (gpu === null) continue;
    if (!seen) throw new Error('cards were handed out unseen');
    for (const id of gpu.grant.ids) if (!lab.isWell(id)) throw new Error(`${id} was not to be handed out`);
  }
  return starts.filter(({ gpu }) => gpu !== null).length;
}

/** No leak: as long as a job waits for a whole card and one is free, some pool gets one. */
function checkFree(lab: GpuLab): void {
  if (!lab.isEngineSeen || !lab.areCardsSeen) return;
  const free = gpuCards.some(({ id }) => lab.isWell(id) && lab.usersOf(id).length === 0);
  const own = lab.records.filter(({ pool }) => pool === 'other').length;
  const coming = lab.underWay.filter(({ action }) => action.pool.name === 'other').length;
  const waits = lab.jobs.some(
    ({ status, tags, firstSeenAt }) =>
      status === 'pending' && tags[0] === 'other' && lab.time - firstSeenAt < 15_000,
  );
  const isServed = own + coming + lab.containers.filter(({ pool }) => pool === 'other').length > 0;
  if (!free || !waits || isServed) return;
  if (!only(lab.plan(), 'start-runner').some(({ gpu }) => gpu !== null))
    throw new Error(`a card is free and not given: ${JSON.stringify(lab, null, 1).slice(0, 2000)}`);
}

/** Everything ends: jobs, runners, starts; and the plans that follow clear it away. */
function settle(lab: GpuLab): void {
  lab.underWay = [];
  lab.isEngineSeen = true;
  lab.areCardsSeen = true;
  for (const { id } of gpuCards)
    for (const mark of [lab.hot, lab.foreign, lab.unseen, lab.reserved]) mark.delete(id);
  lab.jobs = [];
  for (const container of lab.containers) container.state = 'exited';
  lab.time += 60_000;
  for (let pass = 0; pass < 3; pass += 1) lab.obey({ kind: 'plan', reach: ['lost'] });
}

describe('the planner with pools that need cards', () => {
  it('never assigns one twice, hands none out unseen, and loses none', () => {
    let starts = 0;
    const run = fc.array(command, { minLength: stepsOfRun, maxLength: stepsOfRun });
    fc.assert(
      fc.property(run, (commands) => {
        const lab = new GpuLab();
        for (const next of commands) {
          const seen = lab.isEngineSeen && lab.areCardsSeen;
          const made = lab.obey(next);
          if (made !== null) starts += checkStarts(lab, made, seen);
          checkUse(lab);
          checkFree(lab);
        }
        settle(lab);
        if (lab.containers.length + lab.records.length > 0) throw new Error('something is left');
        const states = gpuRows(lab.desired(), lab.observed(), lab.time).map(({ state }) => state);
        if (states.some((state) => state !== 'free')) throw new Error(`a card is lost: ${states.join(', ')}`);
      }),
      { numRuns: Math.ceil(steps / stepsOfRun) },
    );
    // The lab is lively enough for the claims to mean something.
    expect(starts).toBeGreaterThan(steps / 50);
  }, 3_600_000);
});
