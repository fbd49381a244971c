// Runs of the stack: one at a time, watched, stopped and taken up again; `restart`, `down` and `destroy` among them.
import { beforeEach, describe, expect, it } from 'vitest';
import type { StackProgress } from '../../../../main/model/stack/stack.ts';
import { benchAnswers, benchFacts, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const answers = benchAnswers();
let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

describe('runs', () => {
  it('are one at a time', async () => {
    const core = world.core();
    await core.begin('up', answers, benchWish);
    await expect(core.begin('down', answers, benchWish)).rejects.toMatchObject({
      key: 'stack.busy',
      retry: true,
    });
    expect(await core.ended()).toMatchObject({ outcome: 'done' });
    await core.begin('down', answers, benchWish);
    expect(await core.ended()).toMatchObject({ verb: 'down', outcome: 'done' });
  });

  it('take the place of one that nobody carries out any more', async () => {
    world.journal.begin({ verb: 'up', answers, wish: benchWish, at: 1 });
    expect(await world.up()).toMatchObject({ outcome: 'done' });
    expect(world.journal.runs().map(({ outcome }) => outcome)).toEqual(['interrupted', 'done']);
  });

  it('tell everything there is to see to whoever watches, and then end', async () => {
    const core = world.core();
    await core.begin('up', answers, benchWish);
    const seen: StackProgress[] = [];
    for await (const progress of core.watch(new AbortController().signal)) seen.push(progress);
    expect(seen.at(-1)).toMatchObject({ outcome: 'done', step: 'runners', error: null });
    expect(seen.some(({ pulls }) => pulls.some(({ layers }) => layers.length === 2))).toBe(true);
    const again: StackProgress[] = [];
    for await (const progress of core.watch(new AbortController().signal)) again.push(progress);
    expect(again).toEqual([seen.at(-1)]);
  });

  it('are told how they ended by a core that has only the journal', async () => {
    world.images.missing.add('x');
    world.home.other = 'https://gitlab.example.com';
    await world.up();
    expect(world.core().progress()).toMatchObject({
      outcome: 'stack.home-in-use',
      error: { key: 'stack.home-in-use' },
    });
    expect(new StackWorld().core().progress()).toBeNull();
  });

  it('stay open when the core stops, and go on with the next', async () => {
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    const core = world.core();
    const begun = core.begin('up', answers, benchWish);
    world.faults.before('compose.containers', () => void core.stop());
    await begun;
    expect(await core.ended()).toMatchObject({ outcome: null });
    expect(world.journal.open()).toMatchObject({ verb: 'up' });
    await expect(core.begin('up', answers, benchWish)).rejects.toMatchObject({ key: 'stack.busy' });
    world.compose.behaviour.clear();
    world.compose.change('gitlab', { health: 'healthy' });
    const next = world.core();
    await next.resume();
    expect(await next.ended()).toMatchObject({ outcome: 'done' });
    expect(world.journal.runs()).toHaveLength(1);
  });

  it('that are taken up wait for the engine, which may start later than the core', async () => {
    world.journal.begin({ verb: 'up', answers, wish: benchWish, at: 1 });
    world.facts = { ...benchFacts, engine: null };
    world.faults.before('facts', () => undefined);
    const core = world.core();
    const told: string[] = [];
    await core.resume();
    for await (const { message } of core.watch(new AbortController().signal)) {
      told.push(message);
      world.facts = benchFacts;
    }
    expect(told).toContain('Waiting for the container engine');
    expect(core.progress()).toMatchObject({ outcome: 'done' });
  });

  it.each(['down', 'destroy'] as const)('%s that is taken up waits for the engine, too', async (verb) => {
    await world.up();
    world.journal.begin({ verb, answers, wish: benchWish, at: 1 });
    world.facts = { ...benchFacts, engine: null };
    world.faults.fail('compose.down', new Error('no engine'));
    const core = world.core();
    const told: string[] = [];
    await core.resume();
    for await (const { message } of core.watch(new AbortController().signal)) {
      told.push(message);
      if (message !== 'Waiting for the container engine') continue;
      world.facts = benchFacts;
      world.faults.mend();
    }
    expect(told).toContain('Waiting for the container engine');
    expect(core.progress()).toMatchObject({ verb, outcome: 'done' });
    expect(world.compose.all()).toEqual([]);
  });

  it('that were only taken up again give way to what a person asks for', async () => {
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    world.journal.begin({ verb: 'up', answers, wish: benchWish, at: 1 });
    const core = world.core();
    const waits = Promise.withResolvers<undefined>();
    world.faults.before('compose.containers', () => waits.resolve(undefined));
    await core.resume();
    await waits.promise;
    await core.begin('down', answers, benchWish);
    expect(await core.ended()).toMatchObject({ verb: 'down', outcome: 'done' });
    expect(world.journal.runs().map(({ verb, outcome }) => [verb, outcome])).toEqual([
      ['up', 'interrupted'],
      ['down', 'done'],
    ]);
    expect(world.compose.all()).toEqual([]);
  });

  it('are not taken up where none is open', async () => {
    const core = world.core();
    await core.resume();
    expect(await core.ended()).toBeNull();
  });
});

describe('a core that is killed while it goes back', () => {
  const second = benchAnswers({ policy: { sessionDays: 3 } });

  it('goes back all the same, at whatever call that was', async () => {
    const failing = async (): Promise<StackWorld> => {
      const made = new StackWorld();
      await made.up();
      made.compose.behaviour.set('gitlab', { health: 'unhealthy' });
      made.faults.before('folder.previous', () => made.compose.behaviour.clear());
      return made;
    };
    const undisturbed = await failing();
    undisturbed.faults.calls.length = 0;
    expect(await undisturbed.up(second)).toMatchObject({ outcome: 'rolled-back' });
    const calls = [...undisturbed.faults.calls];
    const from = calls.indexOf('journal.failed') + 1;
    expect(calls.length - from).toBeGreaterThan(5);
    for (let call = from; call < calls.length - 1; call += 1)
      for (const when of ['before', 'after'] as const) {
        const killed = await failing();
        killed.faults.killAt({ call, when });
        await killed.up(second).catch(() => null);
        expect(killed.faults.isDead).toBe(true);
        killed.faults.revive();
        killed.compose.behaviour.clear();
        const core = killed.core();
        await core.resume();
        expect(await core.ended()).toMatchObject({ outcome: 'rolled-back' });
        expect(killed.folder.file('lab', 'gitlab/gitlab.rb')).toContain('# 7\n');
        expect(
          killed.compose.all().every(({ state, health }) => state === 'running' && health === 'healthy'),
        ).toBe(true);
        expect(await killed.up()).toMatchObject({ outcome: 'done' });
      }
  });
});

describe('another answer after a kill', () => {
  const second = benchAnswers({ policy: { sessionDays: 3 } });
  const third = benchAnswers({ policy: { sessionDays: 5 } });

  it('never mistakes what a kill has left for a change of a person', async () => {
    const probe = new StackWorld();
    await probe.up();
    probe.faults.calls.length = 0;
    await probe.up(second);
    for (let call = 0; call < probe.faults.calls.length; call += 1) {
      const killed = new StackWorld();
      await killed.up();
      killed.faults.killAt({ call, when: 'after' });
      await killed.up(second).catch(() => null);
      killed.faults.revive();
      // Not taken up: the person says something else at once.
      expect(await killed.up(third)).toMatchObject({ outcome: 'done', error: null });
      expect(killed.folder.file('lab', 'gitlab/gitlab.rb')).toContain('# 5\n');
    }
  });

  it('goes back to what served, never to what a kill has left half done', async () => {
    const probe = new StackWorld();
    await probe.up();
    probe.faults.calls.length = 0;
    await probe.up(second);
    const last = probe.faults.calls.indexOf('compose.up');
    for (let call = 0; call < last; call += 1) {
      const killed = new StackWorld();
      await killed.up();
      killed.faults.killAt({ call, when: 'after' });
      await killed.up(second).catch(() => null);
      killed.faults.revive();
      killed.faults.fail('compose.up', new Error('broken'), 1);
      expect(await killed.up(third)).toMatchObject({ outcome: 'rolled-back' });
      expect(killed.folder.file('lab', 'gitlab/gitlab.rb')).toContain('# 7\n');
    }
  });
});

describe('restart', () => {
  it('restarts what is named and waits until it is well', async () => {
    await world.up();
    expect(await world.run('restart', answers, { ...benchWish, services: ['gitlab'] })).toMatchObject({
      outcome: 'done',
    });
    expect([...world.compose.starts]).toEqual([
      ['traefik', 1],
      ['gitlab', 2],
    ]);
  });

  it('is part of `up` for services that it is asked for and does not start anew', async () => {
    await world.up();
    world.compose.change('traefik', null);
    world.compose.change('gitlab', { health: 'unhealthy' });
    const wish = { ...benchWish, services: ['gitlab', 'traefik'] };
    expect(await world.run('up', answers, wish)).toMatchObject({ outcome: 'done' });
    expect([...world.compose.starts]).toEqual([
      ['traefik', 2],
      ['gitlab', 2],
    ]);
    expect(world.journal.last()?.restarts).toEqual([]);
  });

  it('names what there is for a service that is not', async () => {
    await world.up();
    const ended = await world.run('restart', answers, { ...benchWish, services: ['grafana'] });
    expect(ended).toMatchObject({ outcome: 'stack.no-such-service' });
    expect(ended?.error?.message).toContain('it has traefik, gitlab');
  });
});

describe('down', () => {
  it('removes the containers and leaves everything else, and `up` brings it back as it was', async () => {
    await world.up();
    const secrets = new Map(world.secrets.kept);
    expect(await world.run('down')).toMatchObject({ outcome: 'done' });
    expect(world.compose.all()).toEqual([]);
    expect(world.journal.standing()).toMatchObject({ isUp: false });
    expect(world.folder.paths('lab')).toContain('compose.yaml');
    expect(await world.up()).toMatchObject({ outcome: 'done' });
    expect(world.secrets.kept).toEqual(secrets);
  });
});

describe('destroy', () => {
  it('keeps data and the secrets that it needs', async () => {
    await world.up();
    expect(await world.run('destroy')).toMatchObject({ outcome: 'done' });
    expect(world.compose.all()).toEqual([]);
    expect(world.folder.paths('lab')).toEqual([]);
    expect(world.folder.data.has('/srv/lab/gitlab')).toBe(true);
    expect(world.secrets.kept.has('stack/lab/oidc-key')).toBe(true);
    expect(world.home.gitlab).toBeNull();
    expect([world.journal.current(), world.journal.standing(), world.journal.written('lab')]).toEqual([
      null,
      null,
      {},
    ]);
    expect(await world.up()).toMatchObject({ outcome: 'done' });
  });

  it('removes data and secrets only when it was told so', async () => {
    await world.up();
    expect(await world.run('destroy', answers, { ...benchWish, deleteData: true })).toMatchObject({
      outcome: 'done',
    });
    expect([...world.folder.data.keys()]).toEqual([]);
    expect([...world.secrets.kept.keys()]).toEqual([]);
  });

  it.each([
    ['keeps data and secrets', false],
    ['removes data and secrets', true],
  ])('that %s comes to the same end after a kill at any call', async (_, deleteData) => {
    const wish = { ...benchWish, deleteData };
    const undisturbed = new StackWorld();
    await undisturbed.up();
    undisturbed.faults.calls.length = 0;
    await undisturbed.run('destroy', answers, wish);
    const calls = [...undisturbed.faults.calls];
    const end = undisturbed.state();
    expect(undisturbed.folder.data.has('/srv/lab/gitlab')).toBe(!deleteData);
    expect(undisturbed.secrets.kept.has('stack/lab/oidc-key')).toBe(!deleteData);
    const begun = calls.findIndex((one) => one.startsWith('journal.begin'));
    expect(begun).toBeGreaterThanOrEqual(0);
    for (let call = begun + 1; call < calls.length; call += 1)
      for (const when of ['before', 'after'] as const) {
        const killed = new StackWorld();
        await killed.up();
        killed.faults.killAt({ call, when });
        await killed.run('destroy', answers, wish).catch(() => null);
        expect(killed.faults.isDead).toBe(true);
        killed.faults.revive();
        const isOpen = killed.journal.open() !== null;
        const core = killed.core();
        await core.resume();
        expect(await core.ended(), `${calls[call]}, ${when}`).toMatchObject({
          verb: 'destroy',
          outcome: 'done',
        });
        expect(killed.state()).toEqual(end);
        // Only the very last word of the journal leaves nothing to take up again.
        expect(isOpen || (call === calls.length - 1 && when === 'after')).toBe(true);
        expect(killed.journal.open()).toBeNull();
      }
  });
});

describe('what is there', () => {
  it('is told of files, containers, images, secrets and folders', async () => {
    await world.up();
    world.images.present.clear();
    const rendering = world.render(answers);
    const present = await world.core().readPresent('lab', rendering.ok ? rendering.stack : undefined);
    expect(present).toMatchObject({
      ...{ answers: { lab: 'lab' }, images: [], started: world.journal.started('lab') },
      secrets: ['gitlab-root-password', 'oidc-digest', 'oidc-secret', 'oidc-key'],
      folders: ['/srv/lab/gitlab/data', '/srv/lab/gitlab'],
    });
    expect(present.containers).toHaveLength(2);
    expect(Object.keys(present.written).sort()).toEqual([
      'compose.yaml',
      'gitlab/gitlab.rb',
      'traefik/dynamic/certificate.yml',
      'traefik/traefik.yaml',
    ]);
    expect(present.files?.map(({ path }) => path)).toContain('ca.crt');
    expect(present.former).toBeUndefined();
  });

  it('is told of a lab that has another name now', async () => {
    await world.up();
    const present = await world.core().readPresent('other');
    expect(present).toMatchObject({ files: null, containers: [], former: { project: 'autogit-lab' } });
    expect(present.former?.containers).toHaveLength(2);
    const rendering = world.render(benchAnswers({ lab: 'other' }));
    const named = await world.core().readPresent('other', rendering.ok ? rendering.stack : undefined);
    expect(named.secrets).toContain('gitlab-root-password');
  });

  it('is not known where the engine is silent', async () => {
    await world.up();
    world.faults.fail('compose.containers', new Error('no engine'));
    world.faults.fail('images.has', new Error('no engine'));
    const rendering = world.render(answers);
    const present = await world.core().readPresent('lab', rendering.ok ? rendering.stack : undefined);
    expect(present).toMatchObject({ containers: null, images: null });
  });

  it('takes what a kill has cut off as ours', async () => {
    await world.up();
    world.journal.writing('lab', 'gitlab/gitlab.rb');
    world.folder.put('lab', 'gitlab/gitlab.rb', 'half');
    const present = await world.core().readPresent('lab');
    const file = present.files?.find(({ path }) => path === 'gitlab/gitlab.rb');
    expect(present.written['gitlab/gitlab.rb']).toBe(file?.hash);
  });
});
