// Which containers are made anew, on engines where Compose takes every container for changed.
import { beforeEach, describe, expect, it } from 'vitest';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });

let world: StackWorld;
beforeEach(async () => {
  world = new StackWorld();
  world.compose.seesAllChanged = true;
  world.showsChanges = false;
  await world.up(first);
});

const ids = (): Readonly<Record<string, string>> =>
  Object.fromEntries(world.compose.all().map(({ service, id }) => [service, id]));

describe('up, where Compose takes every container for changed', () => {
  it('leaves all containers alone when nothing has changed', async () => {
    const before = ids();
    expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
    expect(ids()).toEqual(before);
  });

  it('makes those anew whose service has changed, and no others', async () => {
    const before = ids();
    expect(await world.up(second)).toMatchObject({ outcome: 'done', error: null });
    const { gitlab, ...others } = ids();
    const { gitlab: former, ...stayed } = before;
    expect(gitlab).not.toBe(former);
    expect(others).toEqual(stayed);
  });

  it('makes one that somebody has removed', async () => {
    const { traefik, ...stayed } = ids();
    world.compose.change('traefik', null);
    expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
    const { traefik: made, ...others } = ids();
    expect(made).toBeDefined();
    expect(made).not.toBe(traefik);
    expect(others).toEqual(stayed);
  });
});
