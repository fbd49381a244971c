// A core that stops waits for no Compose: the run stays open, and the next core goes on with it.
import { beforeEach, describe, expect, it } from 'vitest';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

describe('a core that stops', () => {
  it.each([
    ['down', 'down'],
    ['restart', 'restart'],
    ['up', 'exec'],
  ] as const)('leaves `%s` where Compose goes on and on with %s', async (verb, call) => {
    if (verb !== 'up') expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
    world.compose.hanging.add(call);
    const core = world.core();
    const hangs = new Promise<void>((resolve) => world.faults.before(`compose.${call}`, resolve));
    await core.begin(verb, first, benchWish);
    await hangs;
    await core.stop();
    expect(world.journal.open()).toMatchObject({ verb, outcome: null });
    world.compose.hanging.clear();
    const next = world.core();
    await next.resume();
    expect(await next.ended()).toMatchObject({ outcome: 'done', error: null });
  });

  it('leaves the lab that gives its place to another one', async () => {
    expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
    world.compose.hanging.add('down');
    const core = world.core();
    const hangs = new Promise<void>((resolve) => world.faults.before('compose.down', resolve));
    await core.begin('up', benchAnswers({ lab: 'other' }), benchWish);
    await hangs;
    await core.stop();
    expect(world.journal.open()).toMatchObject({ verb: 'up', outcome: null });
  });
});
