// The log of a job in a real browser: colours, folding, looking for words, following, taking along, hostile text.
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { auditedWindows, axeFaultsOf, hostileNames } from './audit.ts';
import { endedLog, worldWithLog, writtenLog } from './log-world.ts';
import type { WrittenLog } from './log-world.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';

const { serve, open } = usePages();

const start = (name: string, at: number, options = ''): string =>
  `\u001b[0Ksection_start:${at}:${name}${options}\r\u001b[0K`;
const end = (name: string, at: number): string => `\u001b[0Ksection_end:${at}:${name}\r\u001b[0K`;
const numbered = (count: number, words = 'line'): string =>
  Array.from({ length: count }, (_, index) => `${words} ${index + 1}\n`).join('');

const sectioned = [
  'Running with gitlab-runner\n',
  `${start('install', 100, '[collapsed=true]')}Installing packages\n`,
  numbered(300, 'package'),
  `${end('install', 165)}${start('test', 165)}Testing\n`,
  '\u001b[38;5;196mred of 256\u001b[0m \u001b[38;2;10;200;30mgreen of millions\u001b[0m \u001b[7mreversed\u001b[0m\n',
  numbered(200, 'check'),
  `${end('test', 200)}Job succeeded\n`,
].join('');

async function openLog(log: WrittenLog, query = ''): Promise<{ page: Page; log: Locator; address: string }> {
  const doors = await serve(worldWithLog(log));
  const page = await open(doors, `/jobs/2${query}`);
  return { page, log: page.getByRole('log'), address: doors.address };
}

const isAtEnd = (log: Locator): Promise<boolean> =>
  log.evaluate(
    (one: { scrollTop: number; scrollHeight: number; clientHeight: number }) =>
      one.scrollHeight - one.scrollTop - one.clientHeight < 24,
  );

describe.skipIf(!canBrowse)('a job', () => {
  it('with a branch of 64 KB and a long name keeps its log in sight; all of them is one press further', async () => {
    const core = worldWithLog(endedLog(sectioned));
    const branch = `feature/${'x'.repeat(65_500)}-end`;
    const name = `build ${'n'.repeat(2_000)}-end`;
    core.world.change(({ snapshot }) => ({
      snapshot: {
        ...snapshot,
        jobs: snapshot.jobs.map((job) => (job.id === 2 ? { ...job, name, ref: branch } : job)),
      },
    }));
    const doors = await serve(core);
    for (const { colorScheme, viewport } of auditedWindows) {
      const page = await open(doors, '/jobs/2', { colorScheme, viewport });
      const panel = page.getByRole('complementary', { name: 'Job 2' });
      await panel.getByRole('log').waitFor();
      expect((await panel.getByRole('log').boundingBox())?.height).toBeGreaterThan(100);
      expect((await panel.boundingBox())?.height).toBeLessThanOrEqual(viewport.height);
      const whole = panel.getByRole('group', { name: 'Branch' });
      expect(await whole.isVisible()).toBe(false);
      await panel.getByText(/^feature\/x+…$/).click();
      expect(await whole.textContent()).toBe(branch);
      expect((await whole.boundingBox())?.height).toBeLessThan(200);
      await panel.getByText(/^build n+…$/).click();
      expect(await panel.getByRole('group', { name: 'Name' }).textContent()).toBe(name);
      expect(await axeFaultsOf(page), `${colorScheme} ${viewport.width}`).toEqual([]);
    }
  });
});

describe.skipIf(!canBrowse)('the log of a job', () => {
  it('is folded as the job wants it, and opened by mouse and by keyboard', async () => {
    const { page, log } = await openLog(endedLog(sectioned));
    await page.getByText('505 lines', { exact: true }).waitFor();
    await log.evaluate((one: { scrollTop: number }) => (one.scrollTop = 0));
    const install = log.getByRole('button', { name: 'Installing packages' });
    expect(await install.getAttribute('aria-expanded')).toBe('false');
    expect(await install.textContent()).toBe('Installing packages1 min 5 s');
    expect(await log.getByText('package 1', { exact: true }).count()).toBe(0);
    await install.click();
    await log.getByText('package 1', { exact: true }).waitFor();
    await install.press('Enter');
    await expect.poll(() => log.getByText('package 1', { exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: 'Open every section' }).click();
    await log.getByText('package 1', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Fold every section' }).click();
    await log.getByText('Job succeeded').waitFor();
    await expect.poll(() => log.getByText(/^check/).count()).toBe(0);
  });

  it('has its colours, so that they can be read in light and in dark', async () => {
    const { page, log } = await openLog(endedLog(sectioned));
    await page.getByLabel('Words to find in the log').fill('reversed');
    const colourOf = (text: string): Promise<string> =>
      page.evaluate<string>(
        `getComputedStyle([...document.querySelectorAll('[role=log] span')].findLast((one) => one.textContent === '${text}')).color`,
      );
    await log.getByText('red of 256').first().waitFor();
    const light = await colourOf('green of millions');
    expect(await colourOf('red of 256')).not.toBe(light);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => colourOf('green of millions')).toBe('rgb(10, 200, 30)');
    expect(light).not.toBe('rgb(10, 200, 30)');
  });

  it('is searched with next and previous, in folded parts too', async () => {
    const { page, log } = await openLog(endedLog(sectioned));
    const words = page.getByLabel('Words to find in the log');
    await words.fill('PACKAGE 29');
    const present = log.locator('mark[data-present]');
    await page.getByText('1 of 11', { exact: true }).waitFor();
    await expect.poll(() => present.locator('..').locator('..').textContent()).toContain('package 29');
    await words.press('Enter');
    await page.getByText('2 of 11', { exact: true }).waitFor();
    await expect.poll(() => present.locator('..').textContent()).toBe('package 290');
    await words.press('Shift+Enter');
    await words.press('Shift+Enter');
    await page.getByText('11 of 11', { exact: true }).waitFor();
    await expect.poll(() => present.locator('..').textContent()).toBe('package 299');
    await words.fill('nothing like it');
    await page.getByText('Nowhere', { exact: true }).waitFor();
    await words.press('Escape');
    expect(await words.inputValue()).toBe('');
    await page.getByRole('complementary', { name: 'Job 2' }).waitFor();
  });

  it('is followed until somebody scrolls up, and again from its end on', async () => {
    const written = writtenLog(numbered(300));
    const { page, log } = await openLog(written);
    await page.getByText('300 lines, following').waitFor();
    await expect.poll(() => isAtEnd(log)).toBe(true);
    written.write(numbered(50, 'more'));
    await log.getByText('more 50', { exact: true }).waitFor();
    await expect.poll(() => isAtEnd(log)).toBe(true);
    await log.hover();
    await page.mouse.wheel(0, -600);
    await page.getByText('350 lines, goes on below').waitFor();
    written.write(numbered(50, 'later'));
    await page.getByText('400 lines, goes on below').waitFor();
    expect(await log.getByText('later 50', { exact: true }).count()).toBe(0);
    await page.mouse.wheel(0, 60_000);
    await page.getByText('400 lines, following').waitFor();
    written.write('the last\n');
    await log.getByText('the last').waitFor();
    written.end();
    await page.getByText('401 lines', { exact: true }).waitFor();
  });

  it('has an address for each line and for several, which opens what they are folded in', async () => {
    const { page, log, address } = await openLog(endedLog(sectioned), '?line=250');
    const line = (number: number): Locator => log.getByRole('link', { name: `Line ${number}`, exact: true });
    await log.getByText('package 248', { exact: true }).waitFor();
    await line(252).click();
    await expect.poll(() => page.url()).toBe(`${address}/#/jobs/2?line=252`);
    await line(254).click({ modifiers: ['Shift'] });
    await expect.poll(() => page.url()).toBe(`${address}/#/jobs/2?line=252-254`);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('button', { name: 'Copy 3 chosen lines' }).click();
    await page.getByText('3 lines copied').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
      'package 250\npackage 251\npackage 252',
    );
    await page.getByLabel('Words to find in the log').fill(':3');
    await page.keyboard.press('Enter');
    await log.getByText('package 1', { exact: true }).waitFor();
  });

  it('is taken along whole, without its colours', async () => {
    const { page } = await openLog(endedLog(sectioned));
    await page.getByText('505 lines', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download the log' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('job-2.log');
    const lines = (await readFile(await download.path(), 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(505);
    expect(lines[303]).toBe('red of 256 green of millions reversed');
  });

  it('can have all of the window', async () => {
    const { page, log } = await openLog(endedLog(sectioned));
    const widthOf = async (): Promise<number> => (await log.boundingBox())?.width ?? 0;
    const before = await widthOf();
    await page.getByRole('button', { name: 'In all of the window' }).click();
    expect(await widthOf()).toBeGreaterThan(before * 1.5);
    expect(await page.getByRole('grid', { name: 'Jobs' }).isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Beside the list' }).click();
    await page.getByRole('grid', { name: 'Jobs' }).waitFor();
  });

  it('shows hostile text as text', async () => {
    const hostile = [
      ...hostileNames,
      'a\u0000b\u0007c',
      '👩‍👩‍👧 שלום \u2067x',
      `\u001b]8;;javascript:document.title=1\u0007click\u001b]8;;\u0007`,
      `${start('<img/onerror=1>', 1)}not a section`,
      'x'.repeat(65_536),
    ];
    const { page, log } = await openLog(endedLog(`${hostile.join('\n')}\n`));
    await page.getByText(`${hostile.length} lines`, { exact: true }).waitFor();
    for (const text of ['<img src=x onerror="document.title=1">', 'abc', 'click', '61,536 more characters'])
      await log.getByText(text).first().waitFor();
    expect(await log.locator('img, script, [href^="javascript"]').count()).toBe(0);
    expect(await log.textContent()).not.toMatch(/(?!\t)[\p{Cc}\u202e\u2066-\u2069]/u);
    expect(await page.title()).toBe('Jobs · AutoGit');
  });

  it('of a hundred thousand lines is shown, scrolled and searched', async () => {
    const { page, log } = await openLog(endedLog(numbered(100_000)));
    await page.getByText('100,000 lines', { exact: true }).waitFor();
    await log.getByText('line 100000', { exact: true }).waitFor();
    expect(await log.locator('a').count()).toBeLessThan(120);
    await page.getByLabel('Words to find in the log').fill('line 50000');
    await page.getByText('1 of 1', { exact: true }).waitFor();
    await log.getByRole('link', { name: 'Line 50000', exact: true }).waitFor();
  });
});
