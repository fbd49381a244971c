// What an image brings along: its labels are a container's, too, and may lead requests where no template asked for it.
import { beforeEach, describe, expect, it } from 'vitest';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const answers = benchAnswers();
const routes = { 'traefik.http.routers.x.rule': 'PathPrefix(`/`)' };
let world: StackWorld;
let gitlab: string;
beforeEach(() => {
  world = new StackWorld();
  const rendering = world.render(answers);
  gitlab = rendering.ok ? (rendering.stack.services.find(({ name }) => name === 'gitlab')?.image ?? '') : '';
});

/** Labels that compose.yaml gives GitLab's container. */
function setInCompose(...labels: readonly string[]): void {
  world.change = (stack) => ({
    ...stack,
    services: stack.services.map((service) => (service.name === 'gitlab' ? { ...service, labels } : service)),
  });
}

describe('an image with labels', () => {
  it.each([
    ...['traefik.http.routers.x.rule', 'Traefik.Enable', 'autogit.managed', 'AutoGit.stack.template'],
  ])('like %s starts nothing, and is named', async (label) => {
    world.images.labelled.set(gitlab, { [label]: 'x', 'org.opencontainers.image.title': 'GitLab' });
    const ended = await world.up(answers);
    expect(ended).toMatchObject({ outcome: 'stack.image-labels', step: 'pull' });
    expect(ended?.error?.message).toContain(
      `of gitlab has labels that would lead requests or be taken for AutoGit's: ${label}.`,
    );
    expect(ended?.error?.next).toContain('"gitlab"');
    expect(world.compose.all()).toEqual([]);
    world.images.labelled.clear();
    expect(await world.up(answers)).toMatchObject({ outcome: 'done' });
  });

  it('may say of itself what it wants otherwise', async () => {
    world.images.labelled.set(gitlab, { maintainer: 'x', 'com.example.traefik.enable': 'true' });
    expect(await world.up(answers)).toMatchObject({ outcome: 'done' });
  });

  it('counts as the template sets them, to the letter', async () => {
    world.images.labelled.set(gitlab, routes);
    setInCompose(...Object.keys(routes));
    expect(await world.up(answers)).toMatchObject({ outcome: 'done' });
    world = new StackWorld();
    world.images.labelled.set(gitlab, routes);
    setInCompose('Traefik.http.routers.x.rule');
    expect(await world.up(answers)).toMatchObject({ outcome: 'stack.image-labels' });
  });

  it('is found where it was here already, too', async () => {
    world.images.present.add(gitlab);
    world.images.labelled.set(gitlab, routes);
    expect(await world.up(answers)).toMatchObject({ outcome: 'stack.image-labels' });
  });
});
