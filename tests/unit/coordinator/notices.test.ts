// Notices of a running core: told, muted, read, acted on, and there again after a restart.
import { afterEach, describe, expect, it } from 'vitest';
import type { Output } from '../../../main/contract/contract.ts';
import { createNoticeOwners } from '../../../main/coordinator/notice-owners.ts';
import { defaultNoticeSettings } from '../../../main/model/notice-settings.ts';
import { recordedLog } from '../../fakes/fake-context.ts';
import { closeLab, createWorld, openLab } from '../../fakes/fake-lab.ts';
import type { OpenLab, World } from '../../fakes/fake-lab.ts';

const minute = 60_000;
const open: [World, OpenLab][] = [];
afterEach(async () => {
  for (const [world, lab] of open.splice(0)) {
    await closeLab(world, lab);
    world.store.close();
  }
});

type Change = Output<'notice.watch'>;

/** A core, and everything that it tells from now on. */
async function start(
  world: World,
): Promise<{ readonly lab: OpenLab; readonly told: Change[]; end(): Promise<void> }> {
  const lab = await openLab(world);
  const entry: [World, OpenLab] = [world, lab];
  open.push(entry);
  await lab.until('the pools are ready', ({ pools }) => pools.every(({ ready }) => ready));
  const told: Change[] = [];
  const stop = new AbortController();
  const following = (async () => {
    for await (const change of lab.stream('notice.watch', {}, stop.signal)) told.push(change);
  })();
  return {
    ...{ lab, told },
    end: async () => {
      open.splice(open.indexOf(entry), 1);
      stop.abort();
      await following;
      await closeLab(world, lab);
    },
  };
}

const of = (told: readonly Change[], kind: string): readonly Change[] =>
  told.filter(({ notice }) => notice.kind === kind);

/** More jobs than the pool's runners take. */
function pileUp(world: World, jobs: number): void {
  for (let job = 0; job < jobs; job += 1) world.gitlab.addJob();
}

describe('notices', () => {
  it('of a spike are told once, and are offered a runner more, which is a change of the settings', async () => {
    const world = createWorld({ jobMs: 20 * minute });
    const { lab, told } = await start(world);
    pileUp(world, 30);
    await lab.until('the spike is told', () => of(told, 'job-spike').length > 0, 5 * minute);
    const [spike] = of(told, 'job-spike');
    expect(spike).toMatchObject({ change: 'show', isSilent: false, notice: { subject: 'default' } });
    const id = spike?.notice.id ?? 0;
    await lab.until('everybody knows', ({ notices }) => notices?.unread === 1 && notices.open === 1);

    const before = lab.snapshot().pools[0]?.max ?? 0;
    const would = await lab.call('notice.act', { id, action: 'add-runner', dryRun: true });
    expect(would.changes).toMatchObject([{ path: 'pools.default.max', impact: 'none' }]);
    expect((await world.settings.read()) ?? '').not.toContain(`max: ${before + 1}`);
    await lab.call('notice.act', { id, action: 'add-runner' });
    await lab.until('one more runner is allowed', ({ pools }) => pools[0]?.max === before + 1);
    await lab.until('it counts as read', ({ notices }) => notices?.unread === 0);
    expect(of(told, 'job-spike').filter(({ isSilent }) => !isSilent)).toHaveLength(1);
    expect((await lab.call('audit.list', {}))[0]).toMatchObject({ request: 'notice.act', outcome: 'done' });
  });

  it('are there after a restart, go on with their numbers, and are told once over both', async () => {
    const world = createWorld({ jobMs: 60 * minute });
    const first = await start(world);
    pileUp(world, 30);
    await first.lab.until('the spike is told', () => of(first.told, 'job-spike').length > 0, 5 * minute);
    await first.end();
    const { lab, told } = await start(world);
    await world.clock.advance(10 * minute);
    const { notices } = await lab.call('notice.list', { open: true });
    expect(
      notices.filter(({ kind }) => kind === 'job-spike').map(({ id, endedAt }) => [id, endedAt]),
    ).toEqual([[1, null]]);
    expect(told.filter(({ isSilent }) => !isSilent)).toEqual([]);
    const test = await lab.call('notice.test', {});
    expect(test.notice?.id).toBe(2);
  });

  it('are muted for an hour and heard again, at every door', async () => {
    const world = createWorld({ jobMs: 20 * minute });
    const { lab, told } = await start(world);
    const muted = await lab.call('notice.mute', { kind: 'job-spike' });
    expect(muted.mutes).toEqual([{ kind: 'job-spike', until: world.clock.now() + 60 * minute }]);
    pileUp(world, 30);
    await lab.until('the spike is there', () => of(told, 'job-spike').length > 0, 5 * minute);
    expect(told[0]).toMatchObject({ isSilent: true, notice: { silent: 'muted' } });
    expect(lab.snapshot().notices?.mutes).toHaveLength(1);
    await lab.call('notice.mute', { kind: 'all', minutes: 0 });
    await lab.until('it is shown', () => told.some(({ change, isSilent }) => change === 'show' && !isSilent));
    await lab.until('nothing is muted', ({ notices }) => notices?.mutes.length === 0);
  });

  it('of an engine that is gone are told and closed', async () => {
    const world = createWorld();
    const { lab, told } = await start(world);
    world.engine.setAway(true);
    await lab.until('it is told', () => of(told, 'engine').length > 0, 5 * minute);
    expect(told[0]?.notice.severity).toBe('error');
    world.engine.setAway(false);
    await lab.until('it is over', () => told.some(({ change }) => change === 'close'), 3 * minute);
  });

  it('of nobody are refused with words', async () => {
    const { lab } = await start(createWorld());
    await expect(lab.call('notice.read', { id: 7 })).rejects.toMatchObject({ key: 'notice.unknown' });
    await expect(lab.call('notice.act', { id: 7, action: 'open' })).rejects.toMatchObject({
      key: 'notice.unknown',
    });
    const { notice } = await lab.call('notice.test', {});
    await expect(lab.call('notice.act', { id: notice?.id ?? 0, action: 'add-runner' })).rejects.toMatchObject(
      { key: 'notice.no-such-action' },
    );
  });

  it('are planned by nobody in a core that only looks', async () => {
    const world = createWorld();
    const lab = await openLab(world, { act: false });
    open.push([world, lab]);
    expect(lab.snapshot().notices).toBeUndefined();
    expect(await lab.call('notice.list', {})).toEqual({ notices: [], mutes: [], unread: 0 });
  });
});

describe('whose a failed job is', () => {
  it('is asked once for each job, and again later where GitLab does not answer', async () => {
    const asked: number[] = [];
    let now = 0;
    let isDown = true;
    const owners = createNoticeOwners({
      gitlab: () => ({
        self: () => Promise.resolve('ana'),
        jobOwner: (_, id) => {
          asked.push(id);
          if (isDown) return Promise.reject(new Error('down'));
          return Promise.resolve(id === 1 ? 'ana' : null);
        },
      }),
      clock: { now: () => now },
      log: recordedLog(),
      onNews: () => undefined,
    });
    const settings = { ...defaultNoticeSettings, jobs: 'mine' as const };
    const jobs = [1, 2].map((id) => ({ id, projectId: 7 }));
    await owners.ask(jobs, settings);
    await owners.ask(jobs, settings);
    expect(asked).toEqual([1]);
    isDown = false;
    now += 30_000;
    await owners.ask(jobs, settings);
    expect(asked).toEqual([1, 1, 2]);
    expect(owners.known(settings)).toEqual(
      new Map([
        [1, true],
        [2, false],
      ]),
    );
    expect(owners.known({ ...settings, person: 'ben' })?.get(1)).toBe(false);
    expect(owners.known(defaultNoticeSettings)).toBeNull();
  });
});
