import { afterEach, describe, expect, it } from 'vitest';
import type { Input } from '../../../main/contract/contract.ts';
import { closeLab, createWorld, memoryFile, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const opened: [World, OpenLab][] = [];

const text = `version: 1
gitlab: {kind: server, url: http://gitlab.test}
proofs: off
pools:
  # For everybody.
  - name: default
    tags: [docker] # the usual
    max: 2
  - name: gpu
    tags: [docker, gpu]
log: {level: info}
`;

async function start(settings = text): Promise<{ world: World; lab: OpenLab; file: () => Promise<string> }> {
  const world = { ...createWorld({ jobMs: 60_000 }), settings: memoryFile(settings) };
  const lab = await openLab(world);
  opened.push([world, lab]);
  return { world, lab, file: async () => (await world.settings.read()) ?? '' };
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

describe('pool set', () => {
  it('changes one setting in the file and keeps comments and order', async () => {
    const { lab, file } = await start();
    const { message, changes } = await lab.call('pool.set', { name: 'default', max: 3 });
    expect(message).toBe('Pool "default" has changed.');
    expect(changes).toMatchObject([{ path: 'pools.default.max', impact: 'none' }]);
    expect(await file()).toBe(text.replace('max: 2', 'max: 3'));
  });

  it('takes tags, limits and scope, and takes limits away again', async () => {
    const { lab } = await start();
    const fields = { tags: ['a', 'b'], cpus: 1.5, memoryMiB: 512, scope: 'group:lab/web', priority: 5 };
    await lab.call('pool.set', { name: 'gpu', ...fields });
    const { settings } = await lab.call('pool.show', { name: 'gpu' });
    expect(settings).toMatchObject({ ...fields, scope: { kind: 'group', path: 'lab/web' } });
    await lab.call('pool.set', { name: 'gpu', cpus: null });
    expect((await lab.call('pool.show', { name: 'gpu' })).settings.cpus).toBeNull();
  });

  it('as a dry run tells changes, effects and first actions, and writes nothing', async () => {
    const { lab, file } = await start();
    const outcome = await lab.call('pool.set', { name: 'default', max: 1, idleTime: 9, dryRun: true });
    expect(outcome).toMatchObject({
      dryRun: true,
      message: 'Pool "default" would change.',
      changes: [{ path: 'pools.default.max' }, { path: 'pools.default.idleTime' }],
    });
    expect(await file()).toBe(text);
  });

  it('that changes nothing says so', async () => {
    const { lab, file } = await start();
    expect((await lab.call('pool.set', { name: 'default', max: 2 })).message).toContain('so already');
    expect(await file()).toBe(text);
  });

  it('keeps what a person has just written into the file', async () => {
    const { world, lab, file } = await start();
    await world.settings.write(text.replace('level: info', 'level: debug'));
    await lab.call('pool.set', { name: 'default', max: 3 });
    expect(await file()).toContain('level: debug');
    expect(await file()).toContain('max: 3');
  });

  it('twenty at a time are all done', async () => {
    const { lab } = await start();
    const names = Array.from({ length: 20 }, (_, index) => `pool-${index}`);
    await Promise.all(names.map((name) => lab.call('pool.add', { name })));
    await lab.until('all are seen', ({ pools }) => pools.length === 22);
  });

  it('leaves a file that is broken as it is, and says what is wrong with it', async () => {
    const broken = text.replace('max: 2', 'max: many');
    const { lab, file } = await start(broken);
    await expect(lab.call('pool.set', { name: 'default', max: 3 })).rejects.toMatchObject({
      key: 'settings.broken',
    });
    expect(await file()).toBe(broken);
  });
});

describe('pool add and remove', () => {
  it('add a pool behind the others, and take it away again', async () => {
    const { lab, file } = await start();
    await lab.call('pool.add', { name: 'large', tags: ['docker', 'large'], max: 1 });
    await lab.until('it is there', ({ pools }) => pools.some(({ name, ready }) => name === 'large' && ready));
    expect(await file()).toContain('# For everybody.');
    expect((await lab.call('pool.remove', { name: 'large' })).message).toContain('is gone from the settings');
    expect(await file()).toBe(text);
  });

  it('refuse a name that is taken and one that is not there', async () => {
    const { lab, file } = await start();
    await expect(lab.call('pool.add', { name: 'gpu' })).rejects.toMatchObject({ key: 'pool.exists' });
    for (const name of ['pool.remove', 'pool.show', 'pool.set', 'pool.pause', 'pool.resume'] as const)
      await expect(lab.call(name, { name: 'gpx' })).rejects.toMatchObject({
        key: 'pool.unknown',
        next: 'Did you mean gpu?',
      });
    expect(await file()).toBe(text);
  });

  it('let a busy runner finish its job, and say so', async () => {
    const { world, lab } = await start();
    const job = world.gitlab.addJob({ tags: ['docker'] });
    await lab.until('it runs', ({ runners }) => runners.some(({ state }) => state === 'busy'));
    const pool = lab.snapshot().runners[0]?.pool ?? '';
    const { message } = await lab.call('pool.remove', { name: pool });
    expect(message).toContain('1 of its runners finishes its job first.');
    await lab.until('the runner has left', ({ runners }) => runners.length === 0, 200_000);
    expect(world.gitlab.statusOf(job)).toBe('success');
  });

  it('say when no pool is left', async () => {
    const { lab } = await start();
    await lab.call('pool.remove', { name: 'gpu' });
    expect((await lab.call('pool.remove', { name: 'default' })).next).toContain('No pool is left');
  });
});

describe('pool pause and resume', () => {
  it('change what the job is told', async () => {
    const { world, lab, file } = await start();
    await lab.call('pool.pause', { name: 'gpu' });
    const id = world.gitlab.addJob({ tags: ['gpu'] });
    await lab.until('the job is seen', ({ jobs }) => jobs.some((job) => job.id === id));
    expect((await lab.call('job.explain', { id })).sentence).toBe('Pool "gpu" would take it and is paused.');
    await lab.call('pool.resume', { name: 'gpu' });
    await lab.until('it runs', () => world.gitlab.statusOf(id) === 'running');
    expect(await file()).toContain('# For everybody.');
  });
});

/** What no door may let into the settings. */
const badNames = [
  ...['', ' ', 'a b', '"', "'", 'a\nb', '$(reboot)', '`id`', '\u202eevil', '💥', '\0', '../x', '-a', 'GPU'],
  'x'.repeat(65_536),
];
const badFields: readonly Omit<Input<'pool.set'>, 'name'>[] = [
  ...['a\nb', '\0', '\u202ex', '', 'a,b', 'x'.repeat(65_536)].map((tag) => ({ tags: [tag] })),
  { min: 5, max: 2 },
  { tags: Array.from({ length: 10_000 }, (_, index) => `tag-${index}`) },
  ...[-1, 1e12, NaN, Infinity, 1.5].map((max) => ({ max })),
  ...[-1, 0, NaN, 1e300].map((cpus) => ({ cpus })),
  ...[-1, 0, NaN, 1e300, 63].map((memoryMiB) => ({ memoryMiB })),
  ...[-5, 0, 1e9].map((idleTime) => ({ idleTime })),
  ...['', 'x'.repeat(65_536)].map((image) => ({ image })),
  ...['', 'everybody', 'group:', 'group:a b', 'group:a:b', 'project:/x/', 'x'.repeat(65_536)].map(
    (scope) => ({ scope }),
  ),
  ...[-101, 101, 0.5].map((priority) => ({ priority })),
];

describe('bad input', () => {
  it('as a name is answered with a key, and nothing is written', async () => {
    const { lab, file } = await start();
    for (const name of badNames)
      await expect(lab.call('pool.add', { name }), JSON.stringify(name.slice(0, 40))).rejects.toMatchObject({
        key: 'request.invalid',
      });
    expect(await file()).toBe(text);
  });

  it('as a setting is answered with a key, and nothing is half-applied', async () => {
    const { lab, file } = await start();
    for (const fields of badFields) {
      const words = JSON.stringify(fields).slice(0, 60);
      for (const ask of [
        lab.call('pool.set', { name: 'default', runUntagged: false, ...fields }),
        lab.call('pool.add', { name: 'other', ...fields }),
      ])
        await expect(ask, words).rejects.toHaveProperty(
          'key',
          expect.stringMatching(/^(request|settings)\.invalid$/),
        );
    }
    expect(await file()).toBe(text);
  });

  it.each([`it's "quoted"`, '$(reboot)', '💥', '`id`', 'a: b # c', '- x', '&anchor', '*', '!tag', '{a}'])(
    'that GitLab allows in a tag comes back as it was: %s',
    async (tag) => {
      const { lab } = await start();
      await lab.call('pool.set', { name: 'default', tags: [tag] });
      expect((await lab.call('pool.show', { name: 'default' })).settings.tags).toEqual([tag]);
    },
  );
});
