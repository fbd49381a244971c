// settings.describe and settings.change against a core with a file.
import { afterEach, describe, expect, it } from 'vitest';
import { closeLab, createWorld, memoryFile, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';
import type { SettingsFile } from '../../../main/ports.ts';

const opened: [World, OpenLab][] = [];

const text = `version: 1
gitlab: {kind: server, url: http://gitlab.test}
proofs: off
pools:
  - name: default # for everybody
    max: 2
log: {level: info} # quiet
`;

async function start(
  file: SettingsFile = memoryFile(text),
): Promise<{ world: World; lab: OpenLab; read: () => Promise<string> }> {
  const world = { ...createWorld({ jobMs: 60_000 }), settings: file };
  const lab = await openLab(world);
  opened.push([world, lab]);
  return { world, lab, read: async () => (await world.settings.read()) ?? '' };
}

afterEach(async () => {
  for (const [world, lab] of opened.splice(0)) await closeLab(world, lab);
});

describe('settings.change', () => {
  it('writes one value and keeps everything else, comments included', async () => {
    const { lab, read } = await start();
    const { message, changes } = await lab.call('settings.change', { path: 'log.level', value: 'debug' });
    expect(message).toBe('log.level is debug now.');
    expect(changes).toEqual([{ path: 'log.level', impact: 'none', effect: 'Taken up at once.' }]);
    expect(await read()).toBe(text.replace('level: info', 'level: debug'));
  });

  it('takes the default again', async () => {
    const { lab } = await start();
    await lab.call('settings.change', { path: 'pools.default.max', value: null });
    expect((await lab.call('pool.show', { name: 'default' })).settings.max).toBe(4);
  });

  it('as a dry run tells what it would do, and writes nothing', async () => {
    const { lab, read } = await start();
    const asked = { path: 'pools.default.cpus', value: 2, dryRun: true };
    expect(await lab.call('settings.change', asked)).toMatchObject({
      dryRun: true,
      message: 'pools.default.cpus would become 2.',
      changes: [{ impact: 'restart', effect: 'Idle runners are replaced, busy ones after their job.' }],
    });
    expect(await read()).toBe(text);
  });

  it('forgets nothing unless it is told to', async () => {
    const { lab, read } = await start();
    const asked = { path: 'gitlab.url', value: 'http://other.test' };
    await expect(lab.call('settings.change', asked)).rejects.toMatchObject({ key: 'refused.data-loss' });
    expect(await read()).toBe(text);
    const would = await lab.call('settings.change', { ...asked, dryRun: true });
    expect(would.changes).toMatchObject([{ impact: 'data-loss' }]);
    await lab.call('settings.change', { ...asked, forget: true });
    expect(await read()).toContain('url: http://other.test');
  });

  it('refuses what was decided on another file than the present one', async () => {
    const { world, lab, read } = await start();
    const { seen } = await lab.call('settings.describe', {});
    const theirs = text.replace('off', 'on');
    await world.settings.write(theirs);
    const asked = { path: 'log.level', value: 'debug', seen };
    await expect(lab.call('settings.change', asked)).rejects.toMatchObject({
      key: 'settings.changed-meanwhile',
    });
    expect(await read()).toBe(theirs);
    const again = await lab.call('settings.describe', {});
    await lab.call('settings.change', { ...asked, seen: again.seen });
    expect(await read()).toBe(theirs.replace('info', 'debug'));
  });

  it('overwrites nothing that somebody writes at the same instant', async () => {
    const file = memoryFile(text);
    const theirs = text.replace('off', 'on');
    let reads: number | null = null;
    const { lab, read } = await start({
      ...file,
      read: async () => {
        // After the read with which the edit begins.
        if (reads !== null) reads += 1;
        if (reads === 2) await file.write(theirs);
        return file.read();
      },
    });
    reads = 0;
    const asked = lab.call('settings.change', { path: 'log.level', value: 'debug' });
    await expect(asked).rejects.toMatchObject({ key: 'settings.changed-meanwhile' });
    expect(await read()).toBe(theirs);
  });

  it('changes nothing in a file that cannot be used', async () => {
    const broken = 'pools: 3\n';
    const { lab, read } = await start(memoryFile(broken));
    const asked = lab.call('settings.change', { path: 'log.level', value: 'debug' });
    await expect(asked).rejects.toMatchObject({ key: 'settings.broken' });
    expect(await read()).toBe(broken);
  });

  it('is written down with what became of it', async () => {
    const { lab } = await start();
    await lab.call('settings.change', { path: 'log.level', value: 'debug' });
    await lab.call('settings.change', { path: 'log.levle', value: 'debug' }).catch(() => undefined);
    expect(await lab.call('audit.list', {})).toMatchObject([
      { request: 'settings.change', outcome: 'settings.unknown' },
      { request: 'settings.change', outcome: 'done' },
    ]);
  });
});

describe('settings.describe', () => {
  it('tells of the file as it is at this moment', async () => {
    const { world, lab } = await start();
    await world.settings.write(text.replace('info', 'warn'));
    const { settings, problems } = await lab.call('settings.describe', { search: 'log level' });
    expect(settings).toMatchObject([{ path: 'log.level', value: 'warn', line: 7, isDefault: false }]);
    expect(problems).toEqual([]);
  });

  it('tells what is wrong with a broken file, and the defaults that are in force', async () => {
    const { lab } = await start(memoryFile('log:\n  level: loud\n'));
    const told = await lab.call('settings.describe', {});
    expect(told.problems).toMatchObject([{ path: 'log.level', line: 2 }]);
    expect(told.issue).toMatchObject({ key: 'settings.broken' });
    expect(told.settings.find(({ path }) => path === 'log.level')).toMatchObject({ value: 'info' });
  });
});
