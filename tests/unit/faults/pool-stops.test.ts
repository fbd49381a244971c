// Runners that end right after their start, tokens that are refused, and the way back.
import { AutoGitError } from '../../../main/errors.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;

let world: World;
let lab: OpenLab;
/** The exit code with which every runner ends at once; `null`: they are well. */
let brokenWith: number | null;

beforeEach(async () => {
  brokenWith = null;
  world = createWorld({
    pools: [{ name: 'default', tags: ['docker'], max: 1 }],
    insteadOfRunner: (process) => {
      if (brokenWith === null) return false;
      process.print('FATAL: the configuration is not good');
      process.exit(brokenWith);
      return true;
    },
  });
  lab = await openLab(world);
});
afterEach(async () => {
  await closeLab(world, lab);
});

const created = (): number => world.engine.calls.filter(({ method }) => method === 'startContainer').length;
const issueKeys = (): readonly string[] => lab.snapshot().issues.map(({ key }) => key);

describe('runners that end right after their start', () => {
  it('are tried five times, then the pool stops and says so, and its jobs wait', async () => {
    brokenWith = 1;
    const job = world.gitlab.addJob();
    await lab.until('it stops', () => issueKeys().includes('pool.stopped'), 5 * minute);
    expect(created()).toBe(5);
    const issue = lab.snapshot().issues.find(({ key }) => key === 'pool.stopped');
    expect(issue?.message).toContain('the configuration is not good');
    expect(issue?.next).toContain('autogit pool recover default');
    await world.clock.advance(15 * minute);
    expect(created()).toBe(5);
    expect(world.gitlab.statusOf(job)).toBe('pending');
    expect(await lab.call('job.explain', { id: job })).toMatchObject({ reason: 'stopped' });
  });

  it('stay stopped over a restart', async () => {
    brokenWith = 1;
    world.gitlab.addJob();
    await lab.until('it stops', () => issueKeys().includes('pool.stopped'), 5 * minute);
    await closeLab(world, lab);
    lab = await openLab(world);
    await world.clock.advance(10 * minute);
    expect(issueKeys()).toContain('pool.stopped');
    expect(created()).toBe(5);
  });

  it.each(['pool.recover', 'pool.resume'] as const)(
    'go on at once after %s, also after a restart',
    async (name) => {
      brokenWith = 1;
      const job = world.gitlab.addJob();
      await lab.until('it stops', () => issueKeys().includes('pool.stopped'), 5 * minute);
      await lab.call(name, { name: 'default', dryRun: true });
      await world.clock.advance(minute);
      expect(issueKeys()).toContain('pool.stopped');
      brokenWith = null;
      await lab.call(name, { name: 'default' });
      await closeLab(world, lab);
      lab = await openLab(world);
      await lab.until('the job runs', () => world.gitlab.statusOf(job) !== 'pending');
      expect(issueKeys()).not.toContain('pool.stopped');
    },
  );

  it('go on after lab recover, and after the settings of the pool have changed', async () => {
    brokenWith = 1;
    world.gitlab.addJob();
    await lab.until('it stops', () => issueKeys().includes('pool.stopped'), 5 * minute);
    await lab.call('lab.recover', {});
    await lab.until('it stops again', () => created() === 10, 5 * minute);
    brokenWith = null;
    await lab.call('pool.set', { name: 'default', memoryMiB: 512 });
    await lab.until('it goes on', ({ runners }) => runners.some(({ state }) => state === 'busy'), minute);
  });

  it('by a signal count as nobody can help it: the pool goes on, ever more rarely', async () => {
    brokenWith = 137;
    world.gitlab.addJob();
    await world.clock.advance(30 * minute);
    expect(issueKeys()).not.toContain('pool.stopped');
    expect(created()).toBeGreaterThan(8);
    expect(created()).toBeLessThan(20);
  });
});

describe('an engine without space', () => {
  it('is said with its key for as long as it lasts, ends no job, and what waited runs afterwards', async () => {
    await lab.call('pool.set', { name: 'default', max: 2 });
    const first = world.gitlab.addJob();
    await lab.until('it runs', () => world.gitlab.statusOf(first) === 'running');
    const full = new AutoGitError({
      key: 'engine.no-space',
      message: 'The engine has no space left.',
      next: 'Make room.',
      retry: true,
    });
    const second = world.gitlab.addJob();
    const third = world.gitlab.addJob();
    for (let turn = 0; turn < 12; turn += 1) world.engine.failNext('createContainer', full);
    await lab.until('it is said', () => issueKeys().includes('engine.no-space'), minute);
    await lab.until(
      'all have run',
      () => [first, second, third].every((job) => world.gitlab.statusOf(job) === 'success'),
      30 * minute,
    );
    expect(issueKeys()).not.toContain('pool.stopped');
    expect(new Set(world.taken).size).toBe(world.taken.length);
  });
});

describe('the token of a runner entry', () => {
  it('that was revoked is replaced by one new entry, once, and the job runs', async () => {
    const job = world.gitlab.addJob();
    await lab.until('it has run', () => world.gitlab.statusOf(job) === 'success');
    world.gitlab.revokeTokens();
    const next = world.gitlab.addJob();
    const made = (): number => world.gitlab.calls.filter((call) => call === 'createEntry').length;
    await lab.until('it has run', () => world.gitlab.statusOf(next) === 'success', 5 * minute);
    expect(made()).toBe(2);
    await world.clock.advance(10 * minute);
    expect(made()).toBe(2);
    // The old one is gone from GitLab too.
    await lab.until('one is left', () => world.gitlab.calls.includes('removeEntry'), 10 * minute);
    expect(await world.gitlab.listEntries('AutoGit')).toHaveLength(1);
  });

  it('that is refused again within the hour is said, and no further entry is made', async () => {
    const job = world.gitlab.addJob();
    await lab.until('it has run', () => world.gitlab.statusOf(job) === 'success');
    const made = (): number => world.gitlab.calls.filter((call) => call === 'createEntry').length;
    world.gitlab.addJob();
    world.gitlab.revokeTokens(true);
    await lab.until('it is said', () => issueKeys().includes('pool.token-refused'), 20 * minute);
    await world.clock.advance(30 * minute);
    expect(made()).toBe(2);
  });
});
