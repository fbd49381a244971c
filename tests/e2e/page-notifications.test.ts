// The Notifications page in a real browser: what goes on, the history, what is shown at all, mutes, and names of strangers.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import type { Notice } from '../../main/model/notice.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createFakeNotices, someNotice } from '../fakes/fake-notice-calls.ts';
import { createFakeWorld } from '../fakes/fake-world.ts';
import { auditedWindows, faultsOf, hostileNames } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, inputsOf } from './page-parts.ts';

const { serve, open } = usePages();
const minute = 60_000;
const day = 24 * 60 * minute;

function lab(notices: readonly Notice[]): FakeCore {
  const world = createFakeWorld();
  const told = createFakeNotices(notices, Date.now, () =>
    world.change(({ snapshot }) => ({
      snapshot: { ...snapshot, notices: { open: 0, unread: 0, mutes: [...told.mutes()] } },
    })),
  );
  return createFakeCore(world, undefined, {}, told);
}

/** A spike that goes on, a disk of today that is over, and a test of yesterday. */
function usual(): readonly Notice[] {
  const now = Date.now();
  return [
    someNotice({
      ...{ id: 1, kind: 'test', title: 'A test', severity: 'info', subject: 'AutoGit', actions: [] },
      ...{ at: now - day, updatedAt: now - day, endedAt: now - day, readAt: now - day },
    }),
    someNotice({
      ...{ id: 2, kind: 'disk', title: 'A disk is nearly full', silent: 'quiet-hours', actions: [] },
      ...{ at: now - 3_000, updatedAt: now - 2_000, endedAt: now - 2_000 },
    }),
    someNotice({ id: 3, at: now - 1_000, updatedAt: now - 1_000 }),
  ];
}

const row = (page: Page, name: string): Locator => page.getByRole('listitem', { name, exact: true });

describe.skipIf(!canBrowse)('notifications', () => {
  it('are shown as they come, change and end, by what goes on and by days', async () => {
    const core = lab(usual());
    const page = await open(await serve(core), '/notifications');
    await page.getByRole('heading', { level: 1, name: '1 matter goes on, 2 unread.' }).waitFor();
    const going = page.getByRole('region', { name: 'What goes on' });
    await going.getByText('28 jobs wait').waitFor();
    await page.getByRole('region', { name: 'Yesterday' }).getByText('A test').waitFor();
    await row(page, 'A disk is nearly full').getByText('Not shown: quiet hours').waitFor();
    const [spike] = core.notices.notices().filter(({ id }) => id === 3);
    const grown = someNotice({ ...spike, title: '45 jobs wait' });
    core.notices.tell({ change: 'update', notice: grown, isSilent: true });
    await going.getByText('45 jobs wait').waitFor();
    core.notices.tell({ change: 'close', notice: { ...grown, endedAt: Date.now() }, isSilent: true });
    await expect.poll(() => going.count()).toBe(0);
    await row(page, '45 jobs wait').waitFor();
    await button(page, 'Take all as read').click();
    await page.getByRole('heading', { level: 1, name: 'Nothing needs you.' }).waitFor();
  });

  it('offer a runner more, after the plan was shown, and lead to the waiting jobs', async () => {
    const core = lab(usual());
    const page = await open(await serve(core), '/notifications');
    await button(row(page, '28 jobs wait'), 'One more runner for default').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('autogit notice act 3 add-runner').waitFor();
    expect(inputsOf(core, 'notice.act')).toMatchObject([{ id: 3, action: 'add-runner', dryRun: true }]);
    await button(dialog, 'One more runner for default').click();
    await button(dialog, 'Close').click();
    expect(inputsOf(core, 'notice.act').at(-1)).toMatchObject({ id: 3, action: 'add-runner', dryRun: false });
    await row(page, '28 jobs wait').getByRole('link', { name: 'Open' }).click();
    await expect.poll(() => page.url()).toMatch(/#\/jobs\?status=waiting$/);
  });

  it('are muted for an hour with the time that is left, heard again, and tried', async () => {
    const core = lab(usual());
    const page = await open(await serve(core), '/notifications');
    await button(row(page, '28 jobs wait'), 'Mute for 1 h').click();
    await page.getByText(/^Job spike: muted for (?:1 h|59 min) more/).waitFor();
    await button(page, 'Hear them again').click();
    await expect.poll(() => page.getByText(/: muted for/).count()).toBe(0);
    await button(page, 'Send a test').click();
    await row(page, 'Notifications of AutoGit come here').waitFor();
  });

  it('have a switch for each kind, quiet hours and how soon, which are settings and changed by keyboard', async () => {
    const core = lab([]);
    const page = await open(await serve(core), '/notifications');
    await page.getByText('Nothing has been told yet').waitFor();
    const disks = page.getByRole('switch', { name: 'Disks' });
    await expect.poll(() => disks.isChecked()).toBe(true);
    await disks.focus();
    await page.keyboard.press('Space');
    await expect.poll(() => disks.isChecked()).toBe(false);
    expect(inputsOf(core, 'settings.change')).toMatchObject([{ path: 'notices.kinds.disk', value: false }]);
    await page.getByRole('switch', { name: 'Stay quiet at night' }).click();
    await page.getByLabel('From', { exact: true }).fill('23:30');
    await page.getByLabel('To', { exact: true }).focus();
    await expect
      .poll(() => inputsOf(core, 'settings.change').at(-1))
      .toMatchObject({ path: 'notices.quietHours.from', value: '23:30' });
    await button(page, 'Keen').click();
    await page.getByText(/^Told from 5 waiting jobs on/).waitFor();
  });

  it('of strangers are text, whatever is in them', async () => {
    const told = hostileNames.map((name, id) =>
      someNotice({
        id: id + 1,
        at: Date.now() - id,
        title: name.slice(0, 100),
        body: name,
        subject: name.slice(0, 90),
      }),
    );
    const page = await open(await serve(lab(told)), '/notifications', {
      viewport: { width: 480, height: 800 },
    });
    await page.getByRole('region', { name: 'What goes on' }).waitFor();
    expect(await page.locator('main :is(script, img, b, svg[onload])').count()).toBe(0);
    expect(await faultsOf(page)).toEqual([]);
  });

  it.each(auditedWindows)(
    'in $colorScheme at $viewport.width px are read and operated by everybody',
    async (options) => {
      const page = await open(await serve(lab(usual())), '/notifications', options);
      await page.getByRole('switch', { name: 'Disks' }).waitFor();
      await row(page, '28 jobs wait').waitFor();
      expect(await faultsOf(page)).toEqual([]);
    },
  );
});
