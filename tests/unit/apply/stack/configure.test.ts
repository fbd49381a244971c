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
        next: 'Install the toolkit.',
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

  it('that cannot be proven hold nothing up', async () => {
    world.home.pools = [{ pool: 'default', state: 'skipped', sentence: 'Proofs are off.', fix: null }];
    expect(await world.up(first)).toMatchObject({
      outcome: 'done',
      message: 'Everything is up. Pool default: Proofs are off.',
    });
  });
});
