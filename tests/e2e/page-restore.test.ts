// The way back in a real browser: a restore and its plan, the rules of backups, the recovery sheet, and the first run.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { idOf, noBackups, someWords } from '../fakes/backup-lab.ts';
import { backupLab as lab } from '../fakes/page-labs.ts';
import { auditedWindows, faultsOf } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, done, lastInput } from './page-parts.ts';

const { serve, open } = usePages();

const toPlan = async (page: Page): Promise<void> => {
  await button(page, 'Show what changes').click();
  await page.getByRole('form', { name: 'Plan of the restore' }).waitFor();
};

describe.skipIf(!canBrowse)('a restore', () => {
  it('shows what it replaces, waits for the typed word and the same plan, goes on live, and says what now', async () => {
    const { core, backups } = lab();
    const doors = await serve(core);
    const page = await open(doors, `/backups/${idOf(3)}`);
    await button(page, 'Restore…').click();
    await toPlan(page);
    await page.getByText('Replaced: AutoGit itself and GitLab.').waitFor();
    await page.getByText('GitLab is away for about 8 min.').waitFor();
    await page.getByText('What is there now is backed up first').waitFor();
    await page.getByText('GitLab comes up as 19.3.0').waitFor();
    const go = button(page, 'Replace what is there with the backup');
    await go.click({ force: true });
    expect(core.calls.some(({ name }) => name === 'backup.restore')).toBe(false);
    await page.getByLabel('Type restore to agree').fill('restore');
    await go.click();
    await page.getByText('A backup is being restored').waitFor();
    expect(lastInput(core, 'backup.restore')).toMatchObject({ backup: idOf(3), plan: 'c0ffee', wait: false });
    backups.tell({
      step: 'fetch',
      message: 'Fetching',
      bytes: { done: 12e9, total: 42e9 },
      secondsLeft: 320,
    });
    await page.getByText('12.0 GB of 42.0 GB').waitFor();
    await page.reload();
    await page.getByRole('progressbar', { name: 'Fetching' }).waitFor();
    backups.tell({ step: 'tidy', message: 'It took 12 min.', outcome: 'done' });
    await page.getByText('Sign in to GitLab, and look at a project that you know.').waitFor();
  });

  it('gives up the way back only by a tick of its own, and that is another plan to agree to', async () => {
    const { core } = lab();
    const page = await open(await serve(core), `/backups/${idOf(3)}?do=restore`);
    await toPlan(page);
    const tick = page.getByLabel('Restore without a safety backup');
    expect(await tick.isChecked()).toBe(false);
    await page.getByText('It costs the way back').waitFor();
    const agreed = page.getByLabel('Type restore to agree');
    await agreed.fill('restore');
    await tick.check();
    await page.getByText('What is there now is not backed up first: there is no way back.').waitFor();
    expect(await agreed.inputValue()).toBe('');
    expect(lastInput(core, 'backup.plan-restore')).toMatchObject({ withoutSafety: true });
    await tick.uncheck();
    await page.getByText('What is there now is backed up first').waitFor();
    await tick.check();
    await page.getByText('there is no way back').waitFor();
    await agreed.fill('restore');
    await button(page, 'Replace what is there with the backup').click();
    await page.getByText('A backup is being restored').waitFor();
    expect(lastInput(core, 'backup.restore')).toMatchObject({ withoutSafety: true, plan: 'ba5e' });
  });

  it('of a project asks for it and a folder, and needs no word as nothing is replaced', async () => {
    const { core } = lab();
    const page = await open(await serve(core), `/backups/${idOf(3)}?do=restore`);
    await page.getByText('One project').click();
    await button(page, 'Show what changes').click();
    await page.getByText('2 fields to mend first, in red.').waitFor();
    await page.getByLabel('Project', { exact: true }).fill('home/website');
    await page.getByLabel('New folder').fill('/tmp/look');
    await page.getByText(/--project 'home\/website' --to '\/tmp\/look' --dry-run/).waitFor();
    await toPlan(page);
    await button(page, 'Restore to the folder').click();
    await page.getByText('A backup is being restored').waitFor();
    expect(lastInput(core, 'backup.restore')).toMatchObject({ project: 'home/website', to: '/tmp/look' });
  });

  it('that cannot succeed is refused with its reasons, before anything is changed', async () => {
    const issue = {
      ...{ key: 'backup.newer', severity: 'error' as const, subject: 'backup' },
      ...{ message: 'It was made by AutoGit 2.0, which is newer.', next: 'Update AutoGit first.' },
    };
    const { core } = lab({ plan: { issues: [issue] } });
    const page = await open(await serve(core), `/backups/${idOf(3)}?do=restore`);
    await toPlan(page);
    await page.getByText('It was made by AutoGit 2.0, which is newer.').waitFor();
    await page.getByText('One thing stands against it; nothing was changed.').waitFor();
    await button(page, 'Replace what is there with the backup').click({ force: true });
    expect(core.calls.some(({ name }) => name === 'backup.restore')).toBe(false);
  });
});

describe.skipIf(!canBrowse)('the rules of backups', () => {
  it('are read in words, previewed as they are typed, and changed after the plan was shown', async () => {
    const { core, backups } = lab();
    const page = await open(await serve(core), '/backups?tab=schedules');
    await page.getByText('Daily at 02:00, to every place').waitFor();
    await button(page, 'Add a schedule').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('noon');
    await dialog.getByLabel('When').fill('whenever');
    await dialog.getByText(/is no time/).waitFor();
    await dialog.getByLabel('When').fill('0 2 * * *');
    await dialog.getByRole('list', { name: 'Next times' }).getByRole('listitem').nth(4).waitFor();
    await button(dialog, 'Show what changes').click();
    await done(page, 'Add it');
    expect(backups.settings().schedules.map(({ name }) => name)).toEqual(['nightly', 'noon']);
    await button(page, 'Show what would go').click();
    await page.getByRole('list', { name: 'Backups that would go' }).waitFor();
    expect(lastInput(core, 'backup.prune')).toMatchObject({ dryRun: true });
  });

  it('say how long backups are kept while that is typed', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/backups?tab=schedules');
    await button(page, 'Change').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('One of each month, months').fill('12');
    await dialog.getByText('Kept: all of the last 30 days and the last of each of 12 months.').waitFor();
    await button(dialog, 'Show what changes').click();
    await page.getByText('autogit settings set backups.keep.monthly 12').waitFor();
    await done(page, 'Change it');
    expect(lastInput(core, 'settings.change')).toMatchObject({
      path: 'backups.keep.monthly',
      value: 12,
      dryRun: false,
    });
  });
});

describe.skipIf(!canBrowse)('the recovery sheet', () => {
  it('hides its words until they are asked for, and is confirmed by two of them', async () => {
    const { core, backups } = lab({ shown: { sheetKeptAt: null } });
    const page = await open(await serve(core), '/backups?tab=sheet');
    const form = page.getByRole('form', { name: 'Confirm that you keep it' });
    await form.waitFor();
    const sheet = page.getByRole('group', { name: 'Recovery sheet of the backups' });
    expect(await sheet.textContent()).not.toContain(someWords[0]);
    // Said once, not at each of the twelve.
    expect((await sheet.ariaSnapshot()).match(/hidden|•/g)).toEqual(['hidden']);
    await button(page, 'Show what is secret').click();
    await sheet.getByText(someWords[11] ?? '').waitFor();
    const fields = form.getByRole('textbox');
    await fields.nth(0).fill('wrong');
    await fields.nth(1).fill('wrong');
    await button(form, 'I keep it').click();
    await form.getByRole('alert').waitFor();
    expect(backups.shown().sheetKeptAt).toBeNull();
    for (const at of [0, 1]) {
      const name = (await fields.nth(at).getAttribute('name')) ?? '';
      await fields.nth(at).fill(someWords[Number(name.slice(5)) - 1] ?? '');
    }
    await button(form, 'I keep it').click();
    await page.getByText('Kept', { exact: true }).waitFor();
    expect(backups.shown().sheetKeptAt).not.toBeNull();
  });
});

describe.skipIf(!canBrowse)('the first run', () => {
  it('brings a lab back: place and words, the backups found, the plan, and the restore; nothing secret is kept', async () => {
    const { core, backups } = lab({ shown: noBackups });
    const page = await open(await serve(core), '/setup');
    await page.getByText('Restore from a backup').click();
    await button(page, 'Next').click();
    await page.getByText('The place and the words are not kept').waitFor();
    await page.getByLabel('Folder', { exact: true }).fill('/mnt/nas/lab');
    const wrong = someWords.with(2, 'canyons');
    await page
      .getByLabel('Word 1', { exact: true })
      .fill(wrong.map((word, at) => `${at + 1}. ${word}`).join('\n'));
    await button(page, 'Look for backups').click();
    await page.getByRole('alert').getByText('These twelve words do not open the repository.').waitFor();
    await page.getByLabel('Word 3', { exact: true }).fill('canyon');
    await button(page, 'Look for backups').click();
    await page.getByRole('radio').first().waitFor();
    expect(lastInput(core, 'backup.find')).toMatchObject({ place: { kind: 'folder', path: '/mnt/nas/lab' } });
    await button(page, 'Show the plan').click();
    await page.getByLabel('Type restore to agree').fill('restore');
    await button(page, 'Replace what is there with the backup').click();
    await page.getByText('A backup is being restored').waitFor();
    expect(lastInput(core, 'backup.restore')).toMatchObject({
      password: someWords.join(' '),
      plan: 'c0ffee',
    });
    const kept = core.calls.filter(({ name }) => name === 'setup.keep');
    expect(kept.length).toBeGreaterThan(0);
    expect(JSON.stringify(kept)).not.toMatch(/canyon|\/mnt\/nas/);
    await page.reload();
    await page.getByText('A backup is being restored').waitFor();
    await page.getByText('The restore goes on without this page').waitFor();
    backups.tell({ step: 'tidy', message: '', outcome: 'done' });
    await button(page, 'Next').waitFor();
    expect(await page.getByText(/answers are kept|goes on without this page/).count()).toBe(0);
  });
});

describe.skipIf(!canBrowse)('for everybody', () => {
  it.each([...auditedWindows, { colorScheme: 'dark' as const, viewport: { width: 2560, height: 1_300 } }])(
    'every state can be read by all: $colorScheme, $viewport.width px',
    async (options) => {
      const { core, backups } = lab({ shown: { sheetKeptAt: null } });
      const doors = await serve(core);
      const page = await open(doors, '/backups', options);
      await page.getByRole('grid', { name: /^Backups in/ }).waitFor();
      backups.tell({});
      await page.getByText('Going on now').waitFor();
      expect(await faultsOf(page)).toEqual([]);
      for (const [route, words] of [
        [`/backups/${idOf(12)}`, 'manifest.json'],
        ['/backups?tab=schedules', 'Check repositories'],
        ['/backups?tab=sheet', 'Word '],
      ] as const) {
        await page.goto(`${doors.address}/#${route}`);
        await page.getByText(words).first().waitFor();
        expect(await faultsOf(page), route).toEqual([]);
      }
      backups.tell({ outcome: 'done' });
      await page.goto(`${doors.address}/#/backups/${idOf(3)}?do=restore`);
      await toPlan(page);
      expect(await faultsOf(page), 'plan').toEqual([]);
    },
  );
});
