// Services that do not come up: what is told while they are waited for, and what when that ends.
import { beforeEach, describe, expect, it } from 'vitest';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

async function expectGoesOn(answers = second): Promise<void> {
  world.faults.mend();
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  expect(world.folder.file('lab', 'gitlab/gitlab.rb')).toContain(`# ${answers.policy.sessionDays}\n`);
}

describe('a service that does not come up', () => {
  it('ends after a quarter of an hour, with the lines that tell why and without harmless ones or secrets', async () => {
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    world.faults.before('compose.containers', () => {
      const password = world.secrets.kept.get('stack/lab/gitlab-root-password') ?? '';
      world.compose.printed.set(
        'gitlab',
        `starting\n\u001b[31mFATAL: password ${password} refused\u001b[0m\nharmless error of a start\nall else is fine\n`,
      );
    });
    const begun = world.clock.now();
    const ended = await world.up(first);
    expect(ended).toMatchObject({ outcome: 'stack.unhealthy', step: 'health' });
    expect(ended?.error?.message).toBe(
      'gitlab has not come up within 15 minutes (GitLab is starting, usually 2 minutes on this machine). It said: FATAL: password [removed] refused',
    );
    expect(world.clock.now() - begun).toBeGreaterThanOrEqual(15 * 60_000);
    expect(world.clock.now() - begun).toBeLessThan(16 * 60_000);
  });

  it('is told by lines without digests, keys, and parts of secrets where a line is cut', async () => {
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    const of = (name: string): string => world.secrets.kept.get(`stack/lab/${name}`) ?? '';
    const digest = '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo';
    world.faults.before('compose.containers', () => {
      const lines = [
        `error: ${'x '.repeat(140)}${of('gitlab-root-password')}`,
        `error: no user has ${digest}`,
        `error: cannot read ${of('oidc-key')}`,
      ];
      world.compose.printed.set('gitlab', lines.join('\n'));
    });
    const message = (await world.up(first))?.error?.message ?? '';
    expect(message).toContain('error: no user has [removed] / error: cannot read [removed]');
    expect(message).not.toContain(of('gitlab-root-password').slice(0, 8));
    expect(message).not.toContain('argon2id');
  });

  it('ends early when its health check fails while all else is well', async () => {
    world.compose.behaviour.set('traefik', { health: 'unhealthy' });
    world.compose.printed.set('traefik', 'error: no certificate');
    const begun = world.clock.now();
    expect((await world.up(first))?.error?.message).toBe(
      'traefik runs and does not get well: its health check has failed for 60 seconds after all its tries. It said: error: no certificate',
    );
    expect(world.clock.now() - begun).toBeGreaterThanOrEqual(60_000);
    expect(world.clock.now() - begun).toBeLessThan(120_000);
    world.compose.change('traefik', { health: 'healthy' });
    await expectGoesOn(first);
  });

  it('is waited for while it is ill and another one is on its way: that keeps a machine busy', async () => {
    world.compose.behaviour.set('traefik', { health: 'unhealthy' });
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    const begun = world.clock.now();
    let looks = 0;
    const { containers } = world.compose;
    world.compose.containers = async (project) => {
      looks += 1;
      if (looks === 100) world.compose.change('traefik', { health: 'healthy' });
      if (looks === 100) world.compose.change('gitlab', { health: 'healthy' });
      return containers.call(world.compose, project);
    };
    expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
    expect(world.clock.now() - begun).toBeGreaterThan(240_000);
  });

  it('ends early when the engine restarts it again and again', async () => {
    let restarts = 0;
    world.compose.behaviour.set('traefik', { state: 'restarting' });
    world.compose.printed.set('traefik', 'panic: no configuration');
    const { containers } = world.compose;
    world.compose.containers = async (project) => {
      const found = await containers.call(world.compose, project);
      restarts += 2;
      return found.map((one) => (one.service === 'traefik' ? { ...one, restarts } : one));
    };
    const begun = world.clock.now();
    const ended = await world.up(first);
    expect(ended?.error?.message).toMatch(
      /^traefik does not stay up: it has ended and was restarted \d+ times\. It said: panic/,
    );
    expect(world.clock.now() - begun).toBeLessThan(60_000);
  });

  it('ends early when its container has ended and stays so', async () => {
    world.compose.behaviour.set('traefik', { state: 'exited', exitCode: 3 });
    const begun = world.clock.now();
    expect((await world.up(first))?.error?.message).toContain(
      'its container has ended with exit code 3. It has printed nothing.',
    );
    expect(world.clock.now() - begun).toBeLessThan(60_000);
  });

  it('ends early when somebody removes its container meanwhile, and the next `up` makes it anew', async () => {
    world.faults.before('compose.containers', () => world.compose.change('gitlab', null));
    expect((await world.up(first))?.error?.message).toContain('gitlab does not stay up: it has no container');
    await expectGoesOn(first);
  });

  it('is waited for until it answers through its public address', async () => {
    world.notReady.push('502 Bad Gateway', '502 Bad Gateway', '502 Bad Gateway');
    const told: string[] = [];
    const core = world.core();
    const reading = (async () => {
      await core.begin('up', first, benchWish);
      for await (const { message } of core.watch(new AbortController().signal)) told.push(message);
    })();
    await reading;
    expect(core.progress()).toMatchObject({ outcome: 'done' });
    expect(told).toContain('GitLab runs and does not answer yet: 502 Bad Gateway');
  });

  it('is told by the furthest of its milestones, also when that line has left the log', async () => {
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    const told: string[] = [];
    let looks = 0;
    const { logs } = world.compose;
    world.compose.logs = (project, services, lines) => {
      if (services[0] !== 'gitlab') return logs.call(world.compose, project, services, lines);
      looks += 1;
      world.compose.printed.set('gitlab', looks === 2 ? 'rake db:migrate' : 'nothing');
      if (looks === 4) world.compose.change('gitlab', { health: 'healthy' });
      return logs.call(world.compose, project, services, lines);
    };
    const core = world.core();
    await core.begin('up', first, benchWish);
    for await (const { message } of core.watch(new AbortController().signal)) told.push(message);
    // The next step begins with the sentence of this one.
    expect([...new Set(told.filter((message) => message.startsWith('GitLab is')))]).toEqual([
      'GitLab is starting, usually 2 minutes on this machine',
      'GitLab is migrating its database, usually 3-5 minutes on this machine',
    ]);
  });

  it('counts as fine once it has run a while and answers, where the engine runs no health checks', async () => {
    world.runsHealthChecks = false;
    world.compose.behaviour.set('gitlab', { health: 'starting' });
    world.compose.behaviour.set('traefik', { health: 'starting' });
    const begun = world.clock.now();
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.clock.now() - begun).toBeGreaterThanOrEqual(20_000);
    expect(world.clock.now() - begun).toBeLessThan(60_000);
  });
});
