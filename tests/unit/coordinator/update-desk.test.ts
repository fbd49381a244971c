// When a core looks for updates by itself, what it remembers, and that failures stay in the background.
import { afterEach, describe, expect, it } from 'vitest';
import type { UpdateStatus } from '../../../main/contract/requests/update.ts';
import { createUpdateDesk } from '../../../main/coordinator/update-desk.ts';
import type { UpdateDesk } from '../../../main/coordinator/update-desk.ts';
import { AutoGitError } from '../../../main/errors.ts';
import { settingsSchema } from '../../../main/model/settings.ts';
import type { Settings } from '../../../main/model/settings.ts';
import { FakeClock } from '../../fakes/fake-clock.ts';
import { memoryStore, recordedLog } from '../../fakes/fake-context.ts';
import { FakeUpdates, newFile as file, signed } from '../../fakes/fake-updates.ts';
import { manifestOf, releaseOf } from '../../fakes/update-place.ts';

const hour = 3_600_000;
const day = 24 * hour;

const address = 'https://updates.example.org/autogit';
const clocks: FakeClock[] = [];
const desks: UpdateDesk[] = [];
afterEach(async () => {
  const clock = clocks.splice(0).at(-1);
  for (const desk of desks.splice(0)) {
    const stopping = desk.stop();
    await clock?.advance(1_000);
    await stopping;
  }
});

function lab(
  parts: { updates?: FakeUpdates; settings?: Partial<Settings['updates']>; clock?: FakeClock } = {},
) {
  const { updates = new FakeUpdates(), clock = new FakeClock() } = parts;
  const store = memoryStore(clock);
  const records: Parameters<typeof recordedLog>[0] = [];
  const settings = settingsSchema.parse({ updates: { address, ...parts.settings } });
  const openDesk = (present = '1.0.0'): UpdateDesk => {
    const desk = createUpdateDesk({
      ...{ updates, version: present, store, clock, log: recordedLog(records), settings: () => settings },
      ...{ randomHex: () => '8000', onChange: () => undefined },
    });
    desks.push(desk);
    return desk;
  };
  clocks.push(clock);
  return { updates, clock, records, openDesk };
}

const unreachable = new AutoGitError({
  key: 'update.unreachable',
  message: 'It does not answer.',
  next: 'Wait.',
});

describe('the daily look for updates', () => {
  it('waits some minutes after the start, then comes once a day, and not at once after a restart', async () => {
    const { updates, clock, openDesk } = lab();
    const first = openDesk();
    first.start();
    await clock.advance(4 * 60_000);
    expect(updates.asked).toBe(0);
    await clock.advance(11 * 60_000);
    expect(updates.asked).toBe(1);
    await clock.advance(12 * hour);
    expect(updates.asked).toBe(1);
    const stopping = first.stop();
    await clock.advance(1_000);
    await stopping;
    const second = openDesk();
    second.start();
    await clock.advance(2 * hour);
    expect(updates.asked).toBe(1);
    await clock.advance(day);
    expect(updates.asked).toBe(2);
    expect((await second.status()).nextCheckAt).toBeGreaterThan(clock.now());
  });

  it.each([
    ['no place is set', { address: null }, true],
    ['the settings say so', { check: 'never' as const }, true],
    ['the build knows no key', {}, false],
  ])('does not come when %s', async (_why, settings, hasKeys) => {
    const { updates, clock, openDesk } = lab({ settings });
    updates.hasKeys = hasKeys;
    const desk = openDesk();
    desk.start();
    await clock.advance(3 * day);
    expect(updates.asked).toBe(0);
    expect((await desk.status()).nextCheckAt).toBeNull();
  });

  it('that fails comes again later and later, and disturbs nobody', async () => {
    const { updates, clock, records, openDesk } = lab();
    updates.offered = unreachable;
    const desk = openDesk();
    desk.start();
    await clock.advance(15 * 60_000);
    expect(updates.asked).toBe(1);
    await clock.advance(2 * hour);
    expect(updates.asked).toBe(2);
    await clock.advance(7 * hour);
    expect(updates.asked).toBe(4);
    expect(desk.issues()).toEqual([]);
    expect((await desk.status()).problem?.key).toBe('update.unreachable');
    expect(records.filter(({ level }) => level === 'warn' || level === 'error')).toEqual([]);
    updates.offered = signed(manifestOf([]));
    await clock.advance(2 * day);
    expect((await desk.status()).problem).toBeNull();
  });
});

describe('what was found', () => {
  it('is an issue for the notices, stays over a restart, and is over once it is installed', async () => {
    const { updates, openDesk } = lab();
    const desk = openDesk();
    await desk.check();
    expect(desk.issues()).toMatchObject([{ key: 'update.available', severity: 'info' }]);
    const again = openDesk();
    expect(await again.status()).toMatchObject({ state: 'available', available: { version: '1.1.0' } });
    updates.staged = true;
    expect(await again.install({ ask: true })).toMatchObject({ isInstalled: true });
    expect(again.issues()).toEqual([]);
    expect((await again.status()).sentence).toContain('AutoGit 1.1.0 is installed');
    const next = openDesk('1.1.0');
    next.start();
    expect((await next.status()).state).toBe('current');
    expect(updates.tidied.at(-1)).toBeNull();
  });

  it('never goes back: an older list, and another one of the same number, are refused also after a restart', async () => {
    const { updates, openDesk } = lab();
    updates.offered = signed(manifestOf([releaseOf('1.1.0', [file])], { sequence: 5 }));
    await openDesk().check();
    updates.offered = signed(manifestOf([releaseOf('1.2.0', [file])], { sequence: 4 }));
    const desk = openDesk();
    await expect(desk.check()).rejects.toMatchObject({ key: 'update.rollback' });
    updates.offered = { ...signed(manifestOf([], { sequence: 5 })), digest: 'f'.repeat(64) };
    await expect(desk.check()).rejects.toMatchObject({ key: 'update.forked' });
    expect(desk.issues()).toMatchObject([{ key: 'update.forked', severity: 'warning' }]);
    expect((await desk.status()).available?.version).toBe('1.1.0');
    // Somebody who puts an older list back into the home gets nothing for it.
    updates.keptNow = signed(manifestOf([releaseOf('1.2.0', [file])], { sequence: 4 }));
    expect((await openDesk().status()).available).toBeNull();
  });

  it('runs out: a list that nobody renews is told, and installs nothing any more', async () => {
    const { updates, clock, openDesk } = lab();
    const expires = new Date(clock.now() + 30 * day).toISOString();
    updates.offered = signed(manifestOf([releaseOf('1.1.0', [file])], { expires }));
    const desk = openDesk();
    await desk.check();
    updates.staged = true;
    await clock.advance(31 * day);
    expect((await desk.status()).state).toBe('refused');
    await expect(desk.install({ ask: true })).rejects.toMatchObject({ key: 'update.expired' });
  });
});

describe('a download', () => {
  it('is pushed as it goes on, and joined by whoever asks meanwhile', async () => {
    const { updates, clock, openDesk } = lab();
    const desk = openDesk();
    await expect(desk.download()).rejects.toMatchObject({ key: 'update.none' });
    await desk.check();
    const seen: UpdateStatus['state'][] = [];
    const stop = new AbortController();
    const watching = (async () => {
      for await (const { state } of desk.watch(stop.signal)) seen.push(state);
    })();
    await clock.advance(1_000);
    const both = Promise.all([desk.download(), desk.download()]);
    await clock.advance(1_000);
    expect((await desk.status()).progress).toEqual({ received: 1, total: file.size });
    updates.finish();
    const [one, other] = await both;
    expect(one).toBe(other);
    await clock.advance(1_000);
    stop.abort();
    await watching;
    expect(seen).toEqual(['available', 'downloading', 'ready']);
  });

  it('of a release without a package for this machine is refused with the reason', async () => {
    const { updates, openDesk } = lab();
    updates.offered = signed(manifestOf([releaseOf('1.1.0')]));
    const desk = openDesk();
    await desk.check();
    expect(await desk.status()).toMatchObject({
      state: 'available',
      available: { file: null },
      install: null,
    });
    await expect(desk.download()).rejects.toMatchObject({ key: 'update.no-file' });
  });
});
