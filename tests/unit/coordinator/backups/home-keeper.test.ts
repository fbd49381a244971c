import { describe, expect, it } from 'vitest';
import { keepHome } from '../../../../main/coordinator/backups/home-keeper.ts';
import type { HomeKeeper, KeeperOptions } from '../../../../main/coordinator/backups/home-keeper.ts';
import type { RestoreLink } from '../../../../main/coordinator/backups/restore-link.ts';
import { readNote, writeNote } from '../../../../main/coordinator/backups/restore-note.ts';
import type { LeftNote, RestoreNote } from '../../../../main/coordinator/backups/restore-note.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { closeLab, createWorld, openLab } from '../../../fakes/fake-lab.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const swap = { from: 'scratch/aa/home', to: 'before/aa' };

const note: RestoreNote = {
  ...{
    version: 1,
    id: 'aaaaaaaa',
    startedAt: 1,
    door: 'cli',
    project: null,
    done: ['check', 'fetch', 'judge'],
    undone: [],
  },
  plan: {
    backup: {
      ...{
        id: 'one',
        target: 'nas',
        snapshot: 'a',
        at: 1,
        machine: 'm',
        instance: 'lab',
        manifestSha256: 'b',
      },
      ...{ autogit: '0.1.0', gitlab: 'none', gitlabVersion: '', parts: ['home'], bytes: 1, addedBytes: null },
      ...{ files: 1, counts: {}, provenAt: null, provenMs: null, damage: null },
    },
    ...{
      hash: 'h',
      parts: ['home'],
      to: null,
      changes: [],
      steps: [],
      safety: false,
      withoutSafety: false,
      versions: null,
      awaySeconds: 0,
      issues: [],
    },
  },
  target: { name: 'nas', kind: 'folder', path: '/nas' },
  ...{ isHomeTouched: true, isDataTouched: false, safety: null, failure: null },
};

interface Bench {
  readonly keeper: HomeKeeper;
  readonly done: string[];
  link(): RestoreLink;
  /** The note as it lies there. */
  note(): LeftNote;
}

/** A keeper over homes of the same fake world. `opens`: says for each opening whether it succeeds. */
async function keep(opens: (number: number) => boolean): Promise<Bench> {
  const world = createWorld();
  const done: string[] = [];
  let text: string | null = null;
  let link: RestoreLink | null = null;
  let number = 0;
  const open: KeeperOptions['open'] = async (_, given) => {
    link = given;
    number += 1;
    if (!opens(number)) throw new AutoGitError({ key: 'store.corrupt', message: 'It is damaged.', next: '' });
    const opened = await openLab(world);
    const name = `home ${number}`;
    done.push(`open ${name}`);
    return {
      lab: opened.lab,
      close: async () => {
        await closeLab(world, opened);
        done.push(`close ${name}`);
      },
    };
  };
  const files: KeeperOptions['files'] = {
    swapHome: async (from, to) => void done.push(`swap ${from} ${to}`),
    readText: () => Promise.resolve(text),
    writeText: async (_, next) => void (text = next),
  };
  const keeper = await keepHome({ open, files, log: silentLog });
  text = writeNote(note);
  return {
    ...{ keeper, done },
    link: () => {
      if (link === null) throw new Error('nothing was opened');
      return link;
    },
    note: () => readNote(text),
  };
}

describe('a home that a restore has brought', () => {
  it('is opened once the other is closed, and requests go on', async () => {
    const { keeper, done, link, note: now } = await keep(() => true);
    const door = keeper.through('cli');
    expect((await door.call('status.show', {})).home).toBe('/home/somebody/autogit');
    link().reopen(swap);
    // Asked while nothing is open, it waits.
    expect((await door.call('status.show', {})).home).toBe('/home/somebody/autogit');
    expect(done).toEqual(['open home 1', 'close home 1', `swap ${swap.from} ${swap.to}`, 'open home 2']);
    expect(now()).toMatchObject({ done: expect.arrayContaining(['home']) as unknown });
    await keeper.stop();
    expect(done.at(-1)).toBe('close home 2');
    await expect(door.call('status.show', {})).rejects.toMatchObject({ key: 'core.stopping' });
  });

  it('is what running streams go on with, without a word to who reads', async () => {
    const { keeper, done, link } = await keep(() => true);
    const leave = new AbortController();
    const read: string[] = [];
    const reading = (async () => {
      for await (const { home } of keeper.through('http').stream('snapshot.follow', {}, leave.signal)) {
        read.push(home);
        if (read.length === 1) link().reopen(swap);
        else leave.abort();
      }
    })();
    await reading;
    expect(read).toHaveLength(2);
    expect(done).toContain('open home 2');
    await keeper.stop();
  });

  it('goes away again when it cannot be opened, and the reason is kept', async () => {
    const { keeper, done, link, note: now } = await keep((number) => number !== 2);
    link().reopen(swap);
    await keeper.through('cli').call('status.show', {});
    expect(done.slice(1)).toEqual([
      'close home 1',
      `swap ${swap.from} ${swap.to}`,
      'swap before/aaaaaaaa undone/aaaaaaaa',
      'open home 3',
    ]);
    expect(now()).toMatchObject({ failure: { key: 'store.corrupt' }, undone: ['home'] });
    await keeper.stop();
  });

  it('tells whoever waits or asks that the restore is open, when no home can be opened any more', async () => {
    const { keeper, link } = await keep((number) => number === 1);
    const ended = link().nextEnd();
    link().reopen(swap);
    const next: unknown = expect.stringContaining('start AutoGit again');
    const halted = { key: 'backup.restore-halted', next };
    await expect(keeper.through('cli').call('status.show', {})).rejects.toMatchObject(halted);
    expect(await ended).toMatchObject({ outcome: 'failed', failure: halted });
    await keeper.stop();
  });
});
