// AutoGit's token, GitLab's policy and the proofs of pools.
import { beforeEach, describe, expect, it } from 'vitest';
import { benchAnswers, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();

let world: StackWorld;
beforeEach(() => {
  world = new StackWorld();
});

/** The stack of `first` stands. */
async function stand(): Promise<void> {
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
}

describe("AutoGit's access to GitLab", () => {
  const day = 24 * 3_600_000;

  it('is rotated before it ends', async () => {
    await stand();
    world.clock.pass(336 * day);
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.faults.count('gitlab.rotateToken')).toBe(1);
    expect([...world.gitlab.tokens.keys()]).toEqual([world.secrets.kept.get('gitlab.token')]);
  });

  it('is made anew, and only one, where GitLab refuses it', async () => {
    await stand();
    world.gitlab.tokens.clear();
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.gitlab.tokens.size).toBe(1);
  });

  it('comes by standard input and output, never by an argument', async () => {
    await stand();
    const [exec] = world.compose.execs;
    expect(exec).toMatchObject({ service: 'gitlab', command: ['gitlab-rails', 'runner', '-'] });
    expect(exec?.input).toContain('"scopes":["api","create_runner","manage_runner","admin_mode"]');
  });

  it('that the console cannot make is an error with its words', async () => {
    world.gitlab.railsRunner = () => ({ code: 1, stdout: '', stderr: 'Killed' });
    const ended = await world.up(first);
    expect(ended?.outcome).toBe('stack.token-failed');
    expect(ended?.error?.message).toContain('Killed');
  });

  it.each([
    ['the root of the local authority', { mode: 'local-ca' }, true],
    ['public roots alone', { mode: 'acme-http', email: 'a@example.com' }, false],
  ])('is had at the address of the stack with %s, and the home uses it so', async (_, tls, hasRoot) => {
    expect(await world.up(benchAnswers({ tls }))).toMatchObject({ outcome: 'done' });
    const url = 'https://gitlab.lab.home.arpa';
    const reach = '192.168.1.10:443';
    const root = world.folder.file('lab', 'ca.crt');
    expect(root !== null).toBe(hasRoot);
    expect(world.gitlab.places.length).toBeGreaterThan(0);
    for (const place of world.gitlab.places) expect(place).toEqual({ url, reach, ca: root });
    expect(world.home.gitlab).toEqual({
      ...{ url, connect: reach, network: 'autogit-lab_inner' },
      ca: hasRoot ? `${world.folder.pathOf('lab')}/ca.crt` : null,
    });
  });

  it('leaves what a person allowed hooks themselves, and adds ours', async () => {
    world.gitlab.settings = { ...world.gitlab.settings, outbound_local_requests_whitelist: ['jenkins.lan'] };
    await stand();
    expect(world.gitlab.settings).toMatchObject({
      ...{ signup_enabled: false, minimum_password_length: 12, session_expire_delay: 7 * 24 * 60 },
      outbound_local_requests_whitelist: ['jenkins.lan', 'autogit-gateway:8080'],
    });
    expect(world.gitlab.email).toBe('admin@lab.home.arpa');
  });

  it('does not change the address of the administrator again that a person has changed since', async () => {
    await stand();
    world.gitlab.email = 'ada@example.com';
    await world.up(first);
    expect(world.gitlab.email).toBe('ada@example.com');
  });

  it('sets our hook anew where another home has set it, whose token nobody would heed, and then leaves it', async () => {
    await stand();
    const ours = { url: world.home.ring?.url ?? '', token: world.home.ring?.token ?? '' };
    const foreign = { id: 77, url: 'http://chat.lan/hook', token: 'theirs' };
    world.gitlab.hooks = [{ ...ours, id: 70, token: 'of a home that is gone' }, foreign];
    world.secrets.kept.delete('stack/lab/set-hook');
    await world.up(first);
    expect(world.gitlab.hooks).toEqual([foreign, { ...ours, id: expect.any(Number) as number }]);
    const before = world.gitlab.hooks;
    await world.up(first);
    expect(world.gitlab.hooks).toEqual(before);
    world.home.ring = { ...ours, token: 'new' };
    await world.up(first);
    expect(world.gitlab.hooks.map(({ token }) => token)).toEqual(['theirs', 'new']);
  });

  it('reads what GitLab allows once where nothing of it changes', async () => {
    await stand();
    const before = world.faults.count('gitlab.settings');
    await world.up(first);
    expect(world.faults.count('gitlab.settings')).toBe(before + 1);
  });

  it('makes no hook where there is nowhere to ring', async () => {
    world.home.ring = null;
    await stand();
    expect(world.gitlab.hooks).toEqual([]);
    expect(world.gitlab.settings['outbound_local_requests_whitelist'] ?? []).toEqual([]);
  });

  it("is not tried with a certificate of Let's Encrypt's staging", async () => {
    const staging = benchAnswers({ tls: { mode: 'acme-http', email: 'a@example.com', staging: true } });
    expect(await world.up(staging)).toMatchObject({
      outcome: 'stack.certificate-staging',
      step: 'configure',
    });
  });
});

describe('pools', () => {
  it('that were not proven are tried once more, and named with the reason', async () => {
    world.home.pools = [
      { pool: 'gpu', state: 'failed', sentence: 'Its job saw no card.', fix: 'Install the toolkit.' },
    ];
    world.home.nextProof = 'failed';
    expect(await world.up(first)).toMatchObject({
      outcome: 'stack.pool-not-proven',
      error: {
        message: 'The stack is up, and not every pool has been proven: pool gpu: Its job saw no card.',
        next: 'Install the toolkit. Then run autogit stack up again: all that is left to do is this step.',
      },
    });
    expect(world.home.proven).toEqual(['gpu']);
    world.home.nextProof = 'proven';
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
  });

  it('whose proof never ends are named in the end', async () => {
    world.home.pools = [
      { pool: 'default', state: 'running', sentence: 'Its proof is under way.', fix: null },
    ];
    expect(await world.up(first)).toMatchObject({ outcome: 'stack.pool-not-proven' });
  });

  describe('whose proof is stuck', () => {
    const stuck = { pool: 'arm', state: 'stuck', sentence: 'No image.', fix: 'Log in.' } as const;
    const later = {
      pool: 'web',
      state: 'waiting',
      sentence: 'It has not been proven yet.',
      fix: null,
    } as const;
    const untilTold = async (): Promise<number> => {
      const begun = world.clock.monotonic();
      expect(await world.up(first)).toMatchObject({ outcome: 'stack.pool-not-proven', step: 'runners' });
      return (world.clock.monotonic() - begun) / 1_000;
    };

    it('end the step soon, with the reason first; the stack stays up, and the next `up` has only this to do', async () => {
      world.home.pools = [later, stuck];
      expect(await untilTold()).toBeLessThan(90);
      expect(world.core().progress()?.error).toMatchObject({
        message:
          'The stack is up, and not every pool has been proven: pool arm: No image. pool web: It has not been proven yet.',
        next: 'Log in. Then run autogit stack up again: all that is left to do is this step.',
      });
      expect(world.journal.standing()?.isUp).toBe(true);
      const starts = new Map(world.compose.starts);
      world.home.pools = [later, stuck].map((one) => ({ ...one, state: 'proven' }));
      expect(await world.up(first)).toMatchObject({ outcome: 'done' });
      expect(world.compose.starts).toEqual(starts);
    });

    it('are waited for as long as another one is made, or it is stuck for moments only', async () => {
      world.home.pools = [stuck, { ...later, state: 'running' }];
      expect(await untilTold()).toBeGreaterThanOrEqual(1_200);
      let looks = 0;
      const proofs = world.home.proofs.bind(world.home);
      world.home.proofs = () => {
        looks += 1;
        world.home.pools = [looks % 20 === 0 ? { ...stuck, state: 'running' } : stuck];
        return looks > 300 ? [{ ...stuck, state: 'proven' }] : proofs();
      };
      expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    });
  });

  it('that cannot be proven hold nothing up', async () => {
    world.home.pools = [{ pool: 'default', state: 'skipped', sentence: 'Proofs are off.', fix: null }];
    expect(await world.up(first)).toMatchObject({
      outcome: 'done',
      message: 'Everything is up. Pool default: Proofs are off.',
    });
  });
});
