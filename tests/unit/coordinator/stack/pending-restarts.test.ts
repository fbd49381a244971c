// What an `up` restarts without any change of answers or files: the plan says so before.
import { beforeEach, describe, expect, it } from 'vitest';
import type { ServiceChange, StackPlan } from '../../../../main/model/stack/stack.ts';
import { planStack } from '../../../../main/plan/stack/plan-stack.ts';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, benchStack, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();

let world: StackWorld;
beforeEach(async () => {
  world = new StackWorld();
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
});

async function plan(answers = first): Promise<StackPlan> {
  const stack = world.change(benchStack(answers));
  const known = await world.core().readPresent('lab', stack);
  // What services write there.
  const present = { ...known, folders: stack.folders.map(({ path }) => path) };
  return planStack({ stack, present, folder: '/lab', issues: [], wish: benchWish });
}

const changesIn = ({ services }: StackPlan): readonly (readonly [string, ServiceChange['change']])[] =>
  services.filter(({ change }) => change !== 'none').map(({ service, change }) => [service, change]);

/** The plan is kept by the `up` after it. */
async function expectKept(made: StackPlan, answers = first): Promise<void> {
  const before = new Map(world.compose.starts);
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  const started = [...world.compose.starts].filter(([name, count]) => count !== before.get(name));
  expect(started.map(([name]) => name).sort()).toEqual(
    changesIn(made)
      .map(([service]) => service)
      .sort(),
  );
  expect(await plan(answers)).toMatchObject({ isNothing: true });
}

describe('the plan', () => {
  it('is nothing right after an up', async () => {
    const made = await plan();
    expect(made).toMatchObject({ isNothing: true });
    await expectKept(made);
  });

  it('restarts who reads a secret that a person has set anew, and says for how long it is away', async () => {
    await world.secrets.set('stack/lab/gitlab-root-password', 'another that a person has chosen');
    const made = await plan();
    expect(made.isNothing).toBe(false);
    expect(made.services.find(({ service }) => service === 'gitlab')).toEqual({
      ...{ service: 'gitlab', change: 'restart', awaySeconds: 180 },
      why: 'a secret that it reads has another value now',
    });
    await expectKept(made);
  });

  it('restarts who reads a digest of a secret that was set anew', async () => {
    world.change = (stack) => ({
      ...stack,
      services: stack.services.map((one) => ({
        ...one,
        secrets: one.name === 'traefik' ? ['oidc-digest'] : ['gitlab-root-password'],
      })),
    });
    await world.secrets.set('stack/lab/oidc-secret', 'another that a person has chosen');
    const made = await plan();
    expect(changesIn(made)).toEqual([['traefik', 'restart']]);
    await expectKept(made);
  });

  it('restarts who was left to be restarted by a run that failed', async () => {
    world.folder.put('lab', 'gitlab/gitlab.rb', 'mine\n');
    world.faults.fail('compose.up', stackFailure('compose.failed'), 2);
    await world.up(first, { ...benchWish, files: { 'gitlab/gitlab.rb': 'replace' } });
    world.folder.put('lab', 'gitlab/gitlab.rb', benchStack(first).files[1]?.content ?? '');
    const made = await plan();
    expect(changesIn(made)).toEqual([['gitlab', 'restart']]);
    await expectKept(made);
  });

  it('restarts nothing twice that is made anew all the same', async () => {
    await world.secrets.set('stack/lab/gitlab-root-password', 'another that a person has chosen');
    const answers = benchAnswers({ policy: { sessionDays: 3 } });
    const made = await plan(answers);
    expect(changesIn(made)).toEqual([['gitlab', 'recreate']]);
    await expectKept(made, answers);
  });
});
