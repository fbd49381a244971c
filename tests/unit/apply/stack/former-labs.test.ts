// What outlives its time: secrets of a lab that gets another name, and of options that are switched off.
import { beforeEach, describe, expect, it } from 'vitest';
import type { NeededSecret } from '../../../../main/model/stack/stack.ts';
import { stackFailure } from '../../../fakes/fake-stack-faults.ts';
import { benchAnswers, benchStack, StackWorld } from '../../../fakes/stack-bench.ts';

const first = benchAnswers();
const other = benchAnswers({ lab: 'other' });
const asked: NeededSecret = {
  ...{ name: 'mail-password', kind: 'asked', of: null, label: 'Password of the relay', template: 'mail' },
};

let world: StackWorld;
beforeEach(async () => {
  world = new StackWorld();
  world.change = (stack) => ({ ...stack, secrets: [...stack.secrets, asked] });
  await world.secrets.set('stack/lab/mail-password', 'hunter22');
  expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
});

describe('a secret that only a person has', () => {
  it('goes on with the lab and its data under another name', async () => {
    expect(await world.up(other)).toMatchObject({ outcome: 'done', error: null });
    expect(world.folder.file('other', 'secrets/mail-password')).toBe('hunter22');
  });

  it('goes on also where the first try ended early', async () => {
    world.faults.fail('folder.makeData', stackFailure('stack.no-space'), 1);
    expect(await world.up(other)).toMatchObject({ outcome: 'stack.no-space' });
    const stack = { ...benchStack(other), secrets: [asked] };
    expect(await world.core().readPresent('other', stack)).toMatchObject({ secrets: ['mail-password'] });
    expect(await world.up(other)).toMatchObject({ outcome: 'done', error: null });
  });

  it('is asked for anew for other data, by the name of the lab that needs it', async () => {
    const ended = await world.up(benchAnswers({ lab: 'other', data: '/srv/other' }));
    expect(ended).toMatchObject({ outcome: 'stack.secret-asked' });
    expect(ended?.error?.next).toContain('autogit stack set-secret mail-password --lab other');
  });
});

describe('the file of a secret', () => {
  const without = (): void => {
    world.change = (stack) => stack;
  };

  it('goes with the option that needed it, and its value stays for another time', async () => {
    expect(world.folder.file('lab', 'secrets/mail-password')).toBe('hunter22');
    without();
    expect(await world.up(first)).toMatchObject({ outcome: 'done', error: null });
    expect(world.folder.file('lab', 'secrets/mail-password')).toBeNull();
    expect(world.folder.file('lab', 'secrets/oidc-key')).not.toBeNull();
    expect(world.journal.written('lab')['secrets/mail-password']).toBeUndefined();
    expect(world.secrets.kept.get('stack/lab/mail-password')).toBe('hunter22');
  });

  it('stays until the stack without it has come up', async () => {
    without();
    world.compose.change('gitlab', { health: 'unhealthy' });
    expect(await world.up(first)).toMatchObject({ error: { key: 'stack.unhealthy' } });
    expect(world.folder.file('lab', 'secrets/mail-password')).toBe('hunter22');
  });

  it('stays where a person has kept a file that names it', async () => {
    without();
    const kept = `${world.folder.file('lab', 'compose.yaml') ?? ''}# ./secrets/mail-password\n`;
    world.folder.put('lab', 'compose.yaml', kept);
    const wish = { files: { 'compose.yaml': 'keep' }, services: [], deleteData: false } as const;
    expect(await world.up(first, wish)).toMatchObject({ outcome: 'done', error: null });
    expect(world.folder.file('lab', 'secrets/mail-password')).toBe('hunter22');
  });
});

describe('a lab that is given up after it had another name', () => {
  const gone = { files: {}, services: [], deleteData: true } as const;
  const kept = { ...gone, deleteData: false };
  const names = (): readonly string[] => [...world.secrets.kept.keys()].sort();

  it('leaves no secret and no folder with its data, of either name', async () => {
    await world.up(other);
    expect(world.folder.file('lab', 'secrets/oidc-key')).not.toBeNull();
    world.change = (stack) => stack;
    await world.up(other);
    await world.secrets.set('gitlab/elsewhere', 'of somebody else');
    expect(await world.run('destroy', other, gone)).toMatchObject({ outcome: 'done' });
    expect(names()).toEqual(['gitlab/elsewhere']);
    expect([...world.folder.paths('lab'), ...world.folder.paths('other')]).toEqual([]);
    expect(Object.keys({ ...world.journal.written('lab'), ...world.journal.written('other') })).toEqual([]);
    expect(world.journal.labs()).toEqual([]);
  });

  it('leaves nothing of a name either under which it never came up', async () => {
    world.faults.fail('folder.write secrets/oidc', stackFailure('stack.no-space'), 1);
    expect(await world.up(other)).toMatchObject({ outcome: 'stack.no-space' });
    expect(names().some((name) => name.startsWith('stack/other/'))).toBe(true);
    expect(await world.run('destroy', first, gone)).toMatchObject({ outcome: 'done' });
    expect(names()).toEqual([]);
    expect(world.folder.paths('other')).toEqual([]);
  });

  it('leaves what belongs to other data', async () => {
    const moved = benchAnswers({ lab: 'other', data: '/srv/other' });
    await world.secrets.set('stack/other/mail-password', 'hunter33');
    await world.up(moved);
    expect(await world.run('destroy', moved, gone)).toMatchObject({ outcome: 'done' });
    expect(names().length).toBeGreaterThan(4);
    expect(names().every((name) => name.startsWith('stack/lab/'))).toBe(true);
    expect(world.folder.file('lab', 'compose.yaml')).not.toBeNull();
    expect(world.folder.data.has('/srv/lab')).toBe(true);
  });

  it('leaves its secrets with its data, for a lab of any name that goes on with that', async () => {
    const before = world.secrets.kept.get('stack/lab/gitlab-root-password');
    expect(await world.run('destroy', first, kept)).toMatchObject({ outcome: 'done' });
    expect(await world.up(other)).toMatchObject({ outcome: 'done', error: null });
    expect(world.secrets.kept.get('stack/other/gitlab-root-password')).toBe(before);
  });
});
