// What goes wrong on the way from one stack to another: the one that stood serves on.
import { beforeEach, describe, expect, it } from 'vitest';
import type { RenderedStack } from '../../../../main/model/stack/stack.ts';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

/** The stack of `first` stands. */
async function stand(): Promise<void> {
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
}

/** Its files and its containers are those of `first`, and run. */
function expectFirstServes(): void {
  expect(world.folder.file('lab', 'gitlab/gitlab.rb')).toContain('# 7\n');
  expect(
    world.compose
      .all()
      .map(({ service, state }) => `${service} ${state}`)
      .sort(),
  ).toEqual(['gitlab running', 'traefik running']);
  expect(world.journal.standing()).toMatchObject({
    answers: { policy: { sessionDays: 7 } },
    isUp: true,
    isKept: false,
  });
  expect(world.journal.current()).toMatchObject({ policy: { sessionDays: 7 } });
}

async function expectGoesOn(answers = second): Promise<void> {
  world.faults.mend();
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  expect(world.folder.file('lab', 'gitlab/gitlab.rb')).toContain(`# ${answers.policy.sessionDays}\n`);
}

describe('a stack that stands, when other answers', () => {
  beforeEach(stand);

  it('cannot be pulled, has its files again', async () => {
    world.change = (stack) => ({
      ...stack,
      images: [...stack.images, { reference: 'example/new:2', bytes: 1, services: ['gitlab'] }],
    });
    world.images.stalled.add('example/new:2');
    expect(await world.up(second)).toMatchObject({
      outcome: 'rolled-back',
      error: { key: 'engine.pull-stalled' },
    });
    expectFirstServes();
    expect(world.compose.starts.get('gitlab')).toBe(1);
    world.images.stalled.clear();
    await expectGoesOn();
  });

  it('do not start, serves on with its own', async () => {
    world.faults.fail('compose.up', stackFailure('compose.failed', 'Compose: exit 1'), 1);
    expect(await world.up(second)).toMatchObject({
      ...{ outcome: 'rolled-back', error: { key: 'compose.failed' } },
      message: 'The stack that stood before was started again. Compose: exit 1',
    });
    expectFirstServes();
    await expectGoesOn();
  });

  it('do not come up, serves on with its own', async () => {
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    world.faults.before('folder.previous', () => world.compose.behaviour.clear());
    expect(await world.up(second)).toMatchObject({
      outcome: 'rolled-back',
      error: { key: 'stack.unhealthy' },
    });
    expectFirstServes();
    expect(world.journal.started('lab')).toEqual(world.journal.standing()?.services);
    await expectGoesOn();
  });

  it('find a port taken, serves on with its own', async () => {
    const other = benchAnswers({ ports: { http: 80, https: 8443, ssh: 2222, dns: 53 } });
    world.compose.takenPorts.add(8443);
    expect(await world.up(other)).toMatchObject({
      outcome: 'rolled-back',
      error: { key: 'stack.port-taken' },
    });
    expectFirstServes();
  });

  it('leave no space for its files either, says both and stays resumable', async () => {
    world.faults.fail('compose.check', stackFailure('compose.invalid', 'Bad.'), 1);
    world.faults.before('folder.previous', () =>
      world.faults.fail('folder.write', stackFailure('stack.no-space', 'Full.')),
    );
    expect(await world.up(second)).toMatchObject({
      outcome: 'compose.invalid',
      error: { message: 'Bad. The stack that stood before could not be brought back: Full.' },
    });
    expect(world.compose.all().map(({ state }) => state)).toEqual(['running', 'running']);
    await expectGoesOn();
  });

  it('cannot be configured, is not brought back: the new one serves', async () => {
    world.gitlab.stubborn.add('session_expire_delay');
    expect(await world.up(second)).toMatchObject({
      outcome: 'stack.policy-not-kept',
      error: { message: 'GitLab took its settings and shows others: session_expire_delay.' },
    });
    expect(world.journal.standing()).toMatchObject({ answers: { policy: { sessionDays: 3 } } });
    world.gitlab.stubborn.clear();
    await expectGoesOn();
  });

  it('are of another lab that does not start, serves again after it was taken down', async () => {
    const other = benchAnswers({ lab: 'other' });
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    expect(await world.up(other)).toMatchObject({ outcome: 'rolled-back' });
    expectFirstServes();
    expect(world.compose.all('autogit-other')).toEqual([]);
  });

  it('are of another lab, gives its place to it and keeps its data', async () => {
    expect(await world.up(benchAnswers({ lab: 'other' }))).toMatchObject({ outcome: 'done' });
    expect(world.compose.all('autogit-lab')).toEqual([]);
    expect(world.compose.all('autogit-other')).toHaveLength(2);
    expect(world.folder.data.has('/srv/lab')).toBe(true);
  });

  it('find its data gone, touches nothing', async () => {
    world.folder.data.clear();
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.data-missing', step: 'folders' });
    expectFirstServes();
  });
});

describe('a GitLab of another version', () => {
  const newer = `example/gitlab:2@sha256:${'b'.repeat(64)}`;
  /** The stack with this image of GitLab; `null`: the one that it has. */
  const gitlabOf =
    (image: string | null) =>
    (stack: RenderedStack): RenderedStack => {
      const old = stack.services.find(({ name }) => name === 'gitlab')?.image ?? '';
      const swap = (text: string): string => text.replaceAll(old, image ?? old);
      return {
        ...stack,
        services: stack.services.map((service) => ({
          ...{ ...service, image: swap(service.image) },
          ...(service.name === 'gitlab' ? { keepsForward: true as const } : {}),
        })),
        files: stack.files.map((file) => ({ ...file, content: swap(file.content) })),
        images: stack.images.map((one) => ({ ...one, reference: swap(one.reference) })),
      };
    };

  beforeEach(async () => {
    world.change = gitlabOf(null);
    await stand();
  });

  it('that was started is never taken back: the next `up` goes on with it', async () => {
    world.change = gitlabOf(newer);
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.unhealthy' });
    const imageNow = (): string | undefined =>
      world.compose.all().find(({ service }) => service === 'gitlab')?.image;
    expect(imageNow()).toBe(newer);
    expect(world.folder.file('lab', 'compose.yaml')).toContain(newer);
    // Nor by what fails in the run after that.
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    expect(await world.up(second)).toMatchObject({ outcome: 'compose.failed' });
    world.compose.behaviour.clear();
    world.compose.change('gitlab', { health: 'healthy' });
    await expectGoesOn();
    expect(imageNow()).toBe(newer);
    expect(world.journal.standing()?.isOutgrown).toBeUndefined();
  });

  it('has written its data from its start on, also for who looks after `down`', async () => {
    world.change = gitlabOf(newer);
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    await world.up(second);
    await world.run('down', second);
    const rendering = world.render(second);
    if (!rendering.ok) throw new Error('it can be rendered');
    const present = await world.core().readPresent('lab', rendering.stack);
    expect(present.containers).toEqual([]);
    expect(present.dataImages).toMatchObject({ gitlab: newer });
    const elsewhere = { ...rendering.stack, data: '/srv/other' };
    expect(await world.core().readPresent('lab', elsewhere)).not.toHaveProperty('dataImages');
  });

  it('that was not started yet is taken back', async () => {
    world.change = gitlabOf(newer);
    world.images.stalled.add(newer);
    expect(await world.up(second)).toMatchObject({ outcome: 'rolled-back' });
    expectFirstServes();
  });

  it('is not meant by other answers for the same version', async () => {
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    expect(await world.up(second)).toMatchObject({ outcome: 'rolled-back' });
    expectFirstServes();
  });
});

describe('a lab that gets another name', () => {
  const other = benchAnswers({ lab: 'other' });

  it('never runs twice on the same data, even where it had not come up whole', async () => {
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    expect(await world.up(first)).toMatchObject({ outcome: 'stack.unhealthy' });
    expect(world.journal.standing()).toBeNull();
    world.compose.behaviour.clear();
    expect(await world.up(other)).toMatchObject({ outcome: 'done', error: null });
    expect(world.compose.all('autogit-lab')).toEqual([]);
    expect(world.compose.all('autogit-other')).toHaveLength(2);
    expect(world.journal.former()).toEqual([]);
  });

  it('goes with both names when it is taken down on the way', async () => {
    await stand();
    world.images.missing.add('example/new:2');
    world.change = (stack) => ({
      ...stack,
      images: [...stack.images, { reference: 'example/new:2', bytes: 1, services: ['gitlab'] }],
    });
    expect(await world.up(other)).toMatchObject({ step: 'pull' });
    expect(world.compose.all('autogit-lab')).toHaveLength(2);
    expect(await world.run('down', other)).toMatchObject({ outcome: 'done' });
    expect(world.compose.all()).toEqual([]);
  });
});

describe('a container', () => {
  it('that somebody removed is made anew by the next `up`, and nothing else is', async () => {
    await stand();
    world.compose.change('traefik', null);
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect([...world.compose.created]).toEqual([
      ['traefik', 2],
      ['gitlab', 1],
    ]);
  });
});
