// The Backups page in a real browser: targets, runs as they go on, the calendar, the list and what is in one backup.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { idOf, noBackups, someRecord, someRecords, someTarget, someTargets } from '../fakes/backup-lab.ts';
import { backupLab as lab } from '../fakes/page-labs.ts';
import { hostileNames } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, done, lastInput } from './page-parts.ts';

const { serve, open } = usePages();

const target = (page: Page, name: string): Locator => page.getByRole('listitem', { name, exact: true });

describe.skipIf(!canBrowse)('backups at a glance', () => {
  it('say when the last was made and proven, where they are kept, and why a place does not work', async () => {
    const page = await open(await serve(lab().core), '/backups');
    await page.getByRole('heading', { level: 1, name: 'Last proven restore: 3 days ago' }).waitFor();
    await target(page, 'nas').getByRole('meter', { name: 'Room at nas' }).waitFor();
    await target(page, 'nas').getByText('backup@nas.home.arpa:/lab').waitFor();
    await target(page, 'usb').getByText('Not plugged in', { exact: true }).waitFor();
    await target(page, 'usb').getByText('Plug it in; a backup begins by itself.').waitFor();
    await target(page, 'cloud').getByText('It does not tell how much room is left.').waitFor();
  });

  it('are made after the plan was shown, and followed live, also by a page that was loaded anew', async () => {
    const { core, backups } = lab();
    const page = await open(await serve(core), '/backups');
    await button(page, 'Back up now').click();
    await page.getByText('Nothing is stopped for a backup').first().waitFor();
    expect(lastInput(core, 'backup.create')).toMatchObject({ dryRun: true });
    await done(page, 'Back up now');
    expect(lastInput(core, 'backup.create')).toEqual({ wait: false, dryRun: false });
    const run = page.getByRole('region', { name: 'Going on now' });
    await run.getByText('Copying what AutoGit itself has').waitFor();
    // A bar stands only where bytes are counted.
    expect(await run.getByRole('progressbar').count()).toBe(0);
    backups.tell({
      step: 'send',
      message: 'Sending to nas',
      bytes: { done: 1.3e9, total: 4.2e9 },
      secondsLeft: 95,
    });
    await run.getByText('1.3 GB of 4.2 GB, about 2 min left').waitFor();
    await page.reload();
    await run.getByRole('progressbar', { name: 'Sending to nas' }).waitFor();
    await button(run, 'Stop it').click();
    await done(page, 'Stop it');
    expect(lastInput(core, 'backup.cancel')).toEqual({ dryRun: false });
    const failure = { key: 'backup.target-full', message: 'nas is full.', next: 'Make room there.' };
    backups.tell({ outcome: 'failed', failure });
    const ended = page.getByRole('region', { name: 'Just now' });
    await ended.getByText('The backup was not made').waitFor();
    await ended.getByText('nas is full.').waitFor();
  });

  it('with issues offer what mends them, and ask for the sheet until it is kept', async () => {
    const issue = {
      ...{ key: 'backup.unproven', severity: 'warning' as const, subject: 'backups' },
      ...{ message: 'No backup was proven since 21 days.', next: 'Prove one: autogit backup drill' },
    };
    const { core } = lab({ shown: { issues: [issue], sheetKeptAt: null } });
    const page = await open(await serve(core), '/backups');
    await page.getByText('Keep the recovery sheet.').waitFor();
    await button(page, 'Prove the newest backup').click();
    await done(page, 'Prove the newest backup');
    expect(lastInput(core, 'backup.drill')).toMatchObject({ dryRun: false });
  });

  it('without a target teach what is in them, what losing the words means, and ask for the first', async () => {
    const page = await open(await serve(lab({ shown: noBackups, records: [] }).core), '/backups');
    await page.getByText('Nothing is backed up yet').waitFor();
    await page.getByText('Without them nobody can restore').waitFor();
    await page.getByText('Projects, people, issues, files, and the secrets that open them').waitFor();
    await button(page, 'Add the first target').waitFor();
  });

  it('that cannot be told say why and what to do, and are asked again', async () => {
    const { core } = lab();
    const page = await open(await serve(core));
    const problem = {
      key: 'backup.unavailable',
      message: 'This core makes no backups.',
      next: 'Wait for it.',
    };
    core.failNext('backup.show', new AutoGitError(problem));
    await page.getByRole('link', { name: 'Backups' }).first().click();
    await page.getByRole('alert').getByText('This core makes no backups.').waitFor();
    await button(page, 'Ask again').click();
    await target(page, 'nas').waitFor();
  });

  it('keep what was seen when the core is gone', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/backups');
    await target(page, 'nas').waitFor();
    core.crash();
    await page
      .getByText(/does not answer|gone/i)
      .first()
      .waitFor();
    await target(page, 'nas').getByText('Ready').waitFor();
  });
});

describe.skipIf(!canBrowse)('a target', () => {
  it('is added by keyboard alone: tried first, its key compared, then the sheet is asked for', async () => {
    const { core } = lab({ shown: noBackups, records: [] });
    const page = await open(await serve(core), '/backups');
    await button(page, 'Add the first target').focus();
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Add a target' });
    await dialog.getByLabel('Where').selectOption('sftp');
    await dialog.getByLabel('Machine').focus();
    // Machine, port, user, folder, key: in the order in which they stand.
    for (const text of ['nas.home.arpa', '', 'backup', '/lab', 'a key']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('nas');
    await page.keyboard.press('Enter');
    await dialog.getByText('Is it really nas.home.arpa?').waitFor();
    await dialog.getByText('SHA256:').waitFor();
    expect(core.calls.some(({ name }) => name === 'backup.add-target')).toBe(false);
    await button(dialog, 'It is the same').focus();
    await page.keyboard.press('Enter');
    await dialog
      .getByText('812 GB are free', { exact: false })
      .or(dialog.getByText('812.0 GB are free', { exact: false }))
      .waitFor();
    await button(dialog, 'Add it').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('form', { name: 'Confirm that you keep it' }).waitFor();
    const input = lastInput(core, 'backup.add-target');
    expect(input).toMatchObject({
      target: { name: 'nas', kind: 'sftp' },
      secrets: { 'ssh-key': 'a key\n' },
      dryRun: false,
    });
    // Secrets go with the form: neither the page nor anything that the browser keeps has them.
    expect(await page.content()).not.toContain('a key');
    expect(
      await page.evaluate('JSON.stringify([localStorage, sessionStorage, location.href])'),
    ).not.toContain('a key');
  });

  it('of which fields are wrong is not tried, and the first wrong field is led to', async () => {
    const { core } = lab();
    const page = await open(await serve(core), '/backups');
    await button(page, 'Add a target').click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('nas');
    await button(dialog, 'Test this place').click();
    await dialog.getByText('There is a place of this name already.').waitFor();
    await dialog.getByText('2 fields to mend first, in red.').waitFor();
    expect(core.calls.some(({ name }) => name === 'backup.test-target')).toBe(false);
    await dialog.getByLabel('Name').fill('bad-one');
    await dialog.getByLabel('Folder').fill('/mnt/x');
    await button(dialog, 'Test this place').click();
    await dialog.getByText('The place refuses these keys.').waitFor();
    expect(await button(dialog, 'Add it').count()).toBe(0);
  });

  it('is forgotten after the plan was shown; what is there stays', async () => {
    const { core, backups } = lab();
    const page = await open(await serve(core), '/backups');
    await button(target(page, 'cloud'), 'Remove cloud').click();
    await page.getByText(/^What is there stays/).waitFor();
    expect(backups.shown().targets).toHaveLength(3);
    await done(page, 'Keep no more backups at cloud');
    await expect.poll(() => target(page, 'cloud').count()).toBe(0);
    await button(target(page, 'nas'), 'Check: nas').click();
    await done(page, 'Check them');
    expect(lastInput(core, 'backup.verify')).toMatchObject({ targets: ['nas'], dryRun: false });
  });
});

describe.skipIf(!canBrowse)('the calendar and the list', () => {
  it('is walked through by keyboard, and a day leads to its backups', async () => {
    const noon = new Date(2026, 10, 22, 12).getTime();
    const records = [0, 1].map((number) => ({
      ...someRecord(number, 'nas'),
      at: noon - number * 86_400_000,
    }));
    const { core } = lab({ records: [...records, { ...someRecord(40, 'nas'), at: noon - 40 * 86_400_000 }] });
    const page = await open(await serve(core), '/backups');
    const grid = page.getByRole('grid', { name: /^Backups in/ });
    await button(page, 'The month before').waitFor();
    const wanted = await page.evaluate<string>(
      `new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' }).format(${noon})`,
    );
    // From the month of today to that of the backups.
    while ((await page.getByRole('grid', { name: `Backups in ${wanted}` }).count()) === 0)
      await button(page, Date.now() > noon ? 'The month before' : 'The month after').click();
    await grid.locator('[data-day="2026-11-22"]').click();
    await page.getByText('Of November 22, 2026').waitFor();
    await expect.poll(() => page.getByRole('grid', { name: 'Backups' }).getByRole('row').count()).toBe(2);
    await page.goBack();
    await grid.locator('[tabindex="0"]').focus();
    await page.keyboard.press('PageUp');
    await expect.poll(() => page.evaluate<string>('document.activeElement?.dataset.day ?? ""')).not.toBe('');
    const before = await page.evaluate<string>('document.activeElement.dataset.day');
    await page.keyboard.press('ArrowRight');
    await expect
      .poll(() => page.evaluate<string>('document.activeElement?.dataset.day ?? ""'))
      .not.toBe(before);
  });

  it('of a thousand backups draws only the rows in sight, finds, and opens one beside it', async () => {
    const page = await open(await serve(lab({ records: someRecords(1_000) }).core), '/backups?tab=list');
    const rows = page.getByRole('grid', { name: 'Backups' }).getByRole('row');
    await page.getByRole('link', { name: 'All 1,000' }).waitFor();
    expect(await rows.count()).toBeLessThan(60);
    await page.getByLabel('Words to look for in backups').fill(idOf(777).slice(0, 8));
    await expect.poll(() => rows.count()).toBe(2);
    await page.getByRole('grid', { name: 'Backups' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Backup 00000309' }).waitFor();
  });

  it('shows what is in one, folder by folder, and proves it when asked', async () => {
    const { core } = lab();
    const page = await open(await serve(core), `/backups/${idOf(3)}`);
    const panel = page.getByRole('complementary', { name: 'Backup 00000003' });
    await panel.getByText('Restored whole in 1 min 40 s').waitFor();
    await panel.getByText('19.3.0, 50 projects, 12 users').waitFor();
    const files = panel.getByRole('list', { name: 'Files' });
    await button(files, 'gitlab').click();
    await button(files, 'repositories').click();
    await files.getByText('repositories', { exact: true }).or(files.getByText('db.sql.gz')).first().waitFor();
    expect(lastInput(core, 'backup.inspect')).toMatchObject({ path: 'gitlab/repositories' });
    await button(panel.getByRole('navigation', { name: 'Folder' }), 'The backup').click();
    await files.getByText('manifest.json').waitFor();
    await button(panel, 'Prove now').click();
    await done(page, 'Prove it');
    expect(lastInput(core, 'backup.drill')).toMatchObject({ backup: idOf(3), dryRun: false });
  });

  it('with hostile names stay text', async () => {
    const [name] = hostileNames;
    const records = hostileNames.map((one, at) => ({
      ...{ ...someRecord(at, 'nas'), machine: one, gitlabVersion: one },
      ...{ counts: { [one]: 3 }, damage: one, provenAt: null },
    }));
    const [first] = someTargets();
    if (first === undefined) throw new Error('there is no target');
    const failure = { key: 'backup.x', message: name, next: name };
    const targets = [{ ...someTarget(first.target), place: name, state: 'failing' as const, failure }];
    const doors = await serve(lab({ records, shown: { targets, sentence: name } }).core);
    const page = await open(doors, '/backups');
    await page.getByText(name).first().waitFor();
    await page.goto(`${doors.address}/#/backups/${idOf(0)}`);
    await page.getByRole('complementary').getByText(name).first().waitFor();
    expect(await page.title()).toBe('Backups · AutoGit');
    expect(await page.locator('main img, main script').count()).toBe(0);
  });
});
