// A write that fails leaves no mark: what a person changes after it is theirs.
import { beforeEach, describe, expect, it } from 'vitest';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, benchWish, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const second = benchAnswers({ policy: { sessionDays: 3 } });
const path = 'gitlab/gitlab.rb';
const full = stackFailure('stack.no-space', 'Full.');

let world: StackWorld;
beforeEach(async () => {
  world = new StackWorld();
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
});

describe('a file whose write failed', () => {
  it('and that a person changes afterwards is not overwritten without an answer', async () => {
    world.faults.fail(`folder.write ${path}`, full, 1);
    expect(await world.up(second)).toMatchObject({ error: { key: 'stack.no-space' } });
    expect(world.journal.unfinished('lab')).toEqual([]);
    world.folder.put('lab', path, 'mine\n');
    expect(await world.up(second)).toMatchObject({ outcome: 'stack.file-changed' });
    expect(world.folder.file('lab', path)).toBe('mine\n');
  });

  it('is AutoGit’s where nobody changes it: the next `up` goes on without a question', async () => {
    world.faults.fail(`folder.write ${path}`, full, 1);
    await world.up(second);
    expect(await world.up(second)).toMatchObject({ outcome: 'done', error: null });
    expect(world.folder.file('lab', path)).toContain('# 3\n');
  });

  it('is AutoGit’s also where the disk refused after the deed', async () => {
    const before = world.journal.written('lab')[path];
    const write = world.folder.write.bind(world.folder);
    world.folder.write = async (lab, file, content, mode) => {
      await write(lab, file, content, mode);
      if (file !== path) return;
      world.folder.write = write;
      world.faults.fail('folder.previous', full, 1);
      throw full;
    };
    expect(await world.up(second)).toMatchObject({ error: { key: 'stack.no-space' } });
    expect(world.folder.file('lab', path)).toContain('# 3\n');
    expect(world.journal.written('lab')[path]).not.toBe(before);
    expect(await world.up(second)).toMatchObject({ outcome: 'done', error: null });
  });

  it.each(['a stack stands', 'none has come up'])(
    'stays a person’s where it was to be replaced and %s',
    async (which) => {
      if (which !== 'a stack stands') {
        world = new StackWorld();
        world.faults.fail('compose.up', stackFailure('compose.failed'), 1);
        expect(await world.up(first)).toMatchObject({ outcome: 'compose.failed' });
      }
      world.folder.put('lab', path, 'mine\n');
      world.faults.fail(`folder.write ${path}`, full, 1);
      await world.up(first, { ...benchWish, files: { [path]: 'replace' } });
      expect(await world.up(first)).toMatchObject({ outcome: 'stack.file-changed' });
      expect(world.folder.file('lab', path)).toBe('mine\n');
    },
  );

  it('leaves no mark where it was to be put back either', async () => {
    world.faults.fail('compose.check', stackFailure('compose.invalid', 'Bad.'), 1);
    world.faults.before('folder.previous', () => world.faults.fail(`folder.write ${path}`, full, 1));
    expect(await world.up(second)).toMatchObject({ outcome: 'compose.invalid' });
    expect(world.journal.unfinished('lab')).toEqual([]);
  });
});
