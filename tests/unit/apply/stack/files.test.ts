// Files of the stack: what a person has changed stays, what a kill has torn is mended.
import { beforeEach, describe, expect, it } from 'vitest';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

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

async function expectGoesOn(answers = second): Promise<void> {
  world.faults.mend();
  expect(await world.up(answers)).toMatchObject({ outcome: 'done', error: null });
  expect(world.folder.file('lab', 'gitlab/gitlab.rb')).toContain(`# ${answers.policy.sessionDays}\n`);
}

describe('a file of the stack', () => {
  beforeEach(stand);
  const path = 'gitlab/gitlab.rb';

  it('that a person changed is not overwritten without an answer', async () => {
    world.folder.put('lab', path, 'mine\n');
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.file-changed', step: 'preflight' });
    expect(world.folder.file('lab', path)).toBe('mine\n');
  });

  it('that a person changed is replaced when they say so, and its service reads it anew', async () => {
    world.folder.put('lab', path, 'mine\n');
    const starts = world.compose.starts.get('gitlab') ?? 0;
    expect(await world.up(first, { ...benchWish, files: { [path]: 'replace' } })).toMatchObject({
      outcome: 'done',
    });
    expect(world.folder.file('lab', path)).toContain('# 7\n');
    expect(world.faults.count('compose.restart gitlab')).toBe(1);
    expect(world.compose.starts.get('gitlab')).toBe(starts + 1);
    expect(world.compose.starts.get('traefik')).toBe(1);
  });

  it('that a person keeps stays theirs without being asked again, until ours changes', async () => {
    world.folder.put('lab', path, 'mine\n');
    expect(await world.up(first, { ...benchWish, files: { [path]: 'keep' } })).toMatchObject({
      outcome: 'done',
    });
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', path)).toBe('mine\n');
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.file-changed' });
  });

  it('that a person changed is theirs again after its replacement was taken back', async () => {
    world.folder.put('lab', path, 'mine\n');
    const before = world.journal.written('lab')[path];
    const wish = { ...benchWish, files: { [path]: 'replace' } } as const;
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    expect(await world.up(second, wish)).toMatchObject({ outcome: 'rolled-back' });
    expect(world.folder.file('lab', path)).toBe('mine\n');
    expect(world.journal.written('lab')[path]).toBe(before);
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.file-changed' });
    expect(world.folder.file('lab', path)).toBe('mine\n');
  });

  it('that a person changed is theirs again also when going back was cut off', async () => {
    world.folder.put('lab', path, 'mine\n');
    const wish = { ...benchWish, files: { [path]: 'replace' } } as const;
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    world.faults.before('folder.previous', () =>
      world.faults.before(`folder.write ${path}`, () => world.faults.killAt({ call: 0, when: 'before' })),
    );
    await world.up(second, wish).catch(() => null);
    expect(world.faults.isDead).toBe(true);
    world.faults.revive();
    expect(world.journal.unfinished('lab')).toEqual([path]);
    const core = world.core();
    await core.resume();
    expect(await core.ended()).toMatchObject({ outcome: 'rolled-back' });
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.file-changed' });
  });

  it('that is half written is written whole, and its service started anew', async () => {
    // As a power cut leaves it: the journal knows that a write had begun.
    world.journal.writing('lab', path);
    world.folder.put('lab', path, "external_url 'ht");
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', path)).toContain('# 7\n');
    expect(world.faults.count('compose.restart gitlab')).toBe(1);
  });

  it('that was mended by a run that ended before the restart is still read anew by the next', async () => {
    world.folder.put('lab', path, 'mine\n');
    world.faults.fail('images.has', stackFailure('engine.unreachable'), 1);
    const wish = { ...benchWish, files: { [path]: 'replace' } } as const;
    world.journal.setStanding(null);
    expect(await world.up(first, wish)).toMatchObject({ outcome: 'engine.unreachable' });
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.faults.count('compose.restart gitlab')).toBe(1);
  });

  it('that is gone is written again', async () => {
    world.folder.put('lab', path, null);
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', path)).toContain('# 7\n');
  });

  it('that nothing renders any more is removed, unless a person changed it', async () => {
    world.change = (stack) => ({
      ...stack,
      files: stack.files.filter((file) => file.path !== 'traefik/traefik.yaml'),
    });
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'traefik/traefik.yaml')).toBeNull();
    world.change = (stack) => stack;
    await world.up(first);
    world.folder.put('lab', 'traefik/traefik.yaml', 'mine\n');
    world.change = (stack) => ({
      ...stack,
      files: stack.files.filter((file) => file.path !== 'traefik/traefik.yaml'),
    });
    expect(await world.up(first)).toMatchObject({ outcome: 'done' });
    expect(world.folder.file('lab', 'traefik/traefik.yaml')).toBe('mine\n');
  });

  it('that a person put there is never touched', async () => {
    world.folder.put('lab', 'notes.txt', 'mine\n');
    world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
    await world.up(second);
    expect(world.folder.file('lab', 'notes.txt')).toBe('mine\n');
  });

  it('that belongs to its service from then on is neither overwritten nor put back', async () => {
    world.folder.put('lab', 'authelia/users.yaml', 'users: {ada: {}}\n');
    world.compose.behaviour.set('gitlab', { health: 'unhealthy' });
    world.faults.before('folder.previous', () => {
      world.compose.behaviour.clear();
      world.folder.put('lab', 'authelia/users.yaml', 'users: {ada: {}, bob: {}}\n');
    });
    expect(await world.up(second)).toMatchObject({ outcome: 'rolled-back' });
    expect(world.folder.file('lab', 'authelia/users.yaml')).toBe('users: {ada: {}, bob: {}}\n');
    await expectGoesOn();
    expect(world.folder.file('lab', 'authelia/users.yaml')).toBe('users: {ada: {}, bob: {}}\n');
  });
});
