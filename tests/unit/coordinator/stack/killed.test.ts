// Killed at any call of any step, the next `up` comes to the same end, makes nothing twice, and a further one does nothing.
import { describe, expect, it } from 'vitest';
import { servedFile } from '../../../../main/model/stack/made-files.ts';
import { stackSteps } from '../../../../main/model/stack/stack.ts';
import type { StackStep } from '../../../../main/model/stack/stack.ts';
import { StackWorld, benchAnswers } from '../../../fakes/stack-bench.ts';
import type { KillPoint } from '../../../fakes/fake-stack-faults.ts';

/** Values that must never be made anew once they were given out. */
function lasting({ secrets }: StackWorld): ReadonlyMap<string, string> {
  return new Map([...secrets.kept].filter(([name]) => name.startsWith('stack/')));
}

/** What is made by chance is counted, not compared: a kill may come before it was kept. */
function comparable(world: StackWorld): unknown {
  // A pair of certificate and key has its fingerprint for a name.
  const text = JSON.stringify(world.state()).replaceAll(/tls\/[0-9a-f]{32}\//g, 'tls/made/');
  const parsed: unknown = JSON.parse(text, (key, value: unknown) => {
    if (key === 'files') return filesOf(value);
    return key.startsWith('secrets/') || key === servedFile || key === 'trust' ? 'made' : value;
  });
  return parsed;
}

function filesOf(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const made = /^(?:secrets\/|tls\/|ca\.crt)/;
  return value.map((file: unknown) =>
    Array.isArray(file) && made.test(String(file[0])) ? [file[0], 'made', file[2]] : file,
  );
}

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });

/** The calls of each step of an undisturbed run in this world. */
async function callsByStep(
  world: StackWorld,
  answers = first,
): Promise<ReadonlyMap<StackStep, readonly number[]>> {
  world.faults.calls.length = 0;
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  const found = new Map<StackStep, number[]>();
  let step: StackStep | undefined = undefined;
  for (const [index, call] of world.faults.calls.entries()) {
    step = stackSteps.find((one) => call === `journal.stepBegan ${one}`) ?? step;
    if (step !== undefined) found.set(step, [...(found.get(step) ?? []), index]);
  }
  return found;
}

/** The core dies at this point of an `up`; the world it leaves. */
async function killedAt(
  point: KillPoint,
  prepare: (world: StackWorld) => Promise<void>,
  answers = first,
): Promise<StackWorld> {
  const world = new StackWorld();
  await prepare(world);
  world.faults.killAt(point);
  await world.up(answers).catch(() => null);
  expect(world.faults.isDead).toBe(true);
  world.faults.revive();
  return world;
}

/** A new core takes up what is open, and needs nobody for it; a person says `up` where nothing is. */
async function goOn(world: StackWorld, answers = first): Promise<void> {
  const isOpen = world.journal.open() !== null;
  const core = world.core();
  await core.resume();
  if (!isOpen) await core.begin('up', answers, { files: {}, services: [], deleteData: false });
  expect(await core.ended()).toMatchObject({ outcome: 'done', error: null });
}

async function expectNothingMore(world: StackWorld, answers = first): Promise<void> {
  const before = comparable(world);
  const kept = lasting(world);
  const [writes, made, starts, tokens, settings] = countsOf(world);
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  expect(comparable(world)).toEqual(before);
  expect(lasting(world)).toEqual(kept);
  expect(countsOf(world)).toEqual([writes, made, starts, tokens, settings]);
}

function countsOf({ folder, compose, gitlab, home }: StackWorld): readonly unknown[] {
  return [
    new Map(folder.writes),
    new Map(compose.created),
    new Map(compose.starts),
    gitlab.tokensEver.length,
    home.writes,
  ];
}

interface Scene {
  readonly name: string;
  readonly prepare: (world: StackWorld) => Promise<void>;
  readonly answers: typeof first;
}

const scenes: readonly Scene[] = [
  { name: 'the first stack of a home', prepare: async () => undefined, answers: first },
  {
    ...{ name: 'other answers for a stack that stands', answers: second },
    prepare: async (world) => {
      await world.up(first);
    },
  },
];

describe.each(scenes)('a core that is killed in $name', ({ prepare, answers }) => {
  it.each(stackSteps)('at any call of the step %s', async (step) => {
    const undisturbed = new StackWorld();
    await prepare(undisturbed);
    const calls = (await callsByStep(undisturbed, answers)).get(step) ?? [];
    expect(calls.length).toBeGreaterThan(0);
    const end = comparable(undisturbed);
    const { created, starts } = undisturbed.compose;
    for (const call of calls)
      for (const when of ['before', 'after'] as const) {
        const world = await killedAt({ call, when }, prepare, answers);
        const kept = lasting(world);
        await goOn(world, answers);
        expect(comparable(world)).toEqual(end);
        for (const [name, value] of kept) expect([name, world.secrets.kept.get(name)]).toEqual([name, value]);
        expect(world.gitlab.tokens.size).toBe(1);
        expect([...world.gitlab.tokens.keys()]).toEqual([world.secrets.kept.get('gitlab.token')]);
        expect(world.gitlab.hooks).toHaveLength(1);
        expect([world.compose.created, world.compose.starts]).toEqual([created, starts]);
        await expectNothingMore(world, answers);
      }
  });
});
