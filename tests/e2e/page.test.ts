// The page in a real browser, over the real HTTP door and a pretended lab: what somebody does with it.
import type { Locator, Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { hostileNames } from './audit.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

function change(core: FakeCore, next: (snapshot: Snapshot) => Partial<Snapshot>): void {
  core.world.change(({ snapshot }) => ({ snapshot: { ...snapshot, ...next(snapshot) } }));
}

const sentence = (page: Page): Locator => page.getByRole('heading', { level: 1 });
const rows = (page: Page): Locator =>
  page
    .getByRole('grid')
    .getByRole('row')
    .filter({ has: page.getByRole('gridcell') });
const said = (page: Page, words: string | RegExp): Promise<void> => page.getByText(words).first().waitFor();

/** The names of the first rows, as they stand on the screen. */
async function firstNames(page: Page, count: number): Promise<readonly string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('[role=grid] [role=row][id]')]
      .map((row) => ({ top: row.getBoundingClientRect().top, name: row.querySelector('a').textContent }))
      .toSorted((a, b) => a.top - b.top).slice(0, ${count}).map(({ name }) => name)`,
  );
}

describe.skipIf(!canBrowse)('an empty home', () => {
  it('is tried in a sandbox: the plan first, then the deed, then jobs that move', async () => {
    const core = createFakeCore();
    const page = await open(await serve(core));
    await page.getByRole('button', { name: 'Try it in a sandbox' }).click();
    const dialog = page.getByRole('dialog', { name: 'Try AutoGit in a sandbox' });
    await dialog.getByText('Create a demo project and push a pipeline of 20 jobs to it').waitFor();
    await dialog.getByText('autogit sandbox seed --jobs 20').waitFor();
    expect(core.calls.filter(({ input }) => !JSON.stringify(input).includes('"dryRun":true'))).toEqual([]);
    await dialog.getByLabel('Jobs in the pipeline').fill('7');
    await dialog.getByRole('button', { name: 'Start the sandbox with 7 jobs' }).click();
    await dialog.getByText('A project with 7 jobs.').waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Jobs' }).click();
    await expect.poll(() => sentence(page).textContent()).toBe('0 jobs running, 7 waiting.');
    core.world.step();
    core.world.step();
    await expect.poll(() => sentence(page).textContent()).toBe('4 jobs running, 3 waiting.');
    expect(await rows(page).count()).toBe(7);
  });

  it('says why it cannot be tried without an engine', async () => {
    const core = createFakeCore();
    const problem = {
      key: 'engine.unreachable',
      message: 'Docker does not answer.',
      next: 'Start it: systemctl start docker',
    };
    change(core, ({ nodes }) => ({
      nodes: nodes.map((node) => ({
        ...node,
        engine: { ...node.engine, state: 'failed' as const, problem },
      })),
    }));
    const page = await open(await serve(core));
    const button = page.getByRole('button', { name: 'Try it in a sandbox' });
    await said(page, 'Docker does not answer. Start it: systemctl start docker');
    await button.click({ force: true });
    expect(await button.getAttribute('aria-disabled')).toBe('true');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(core.calls.filter(({ name }) => name.startsWith('sandbox'))).toEqual([]);
  });

  it('keeps a refusal in the dialog, with its key and what to do', async () => {
    const core = createFakeCore();
    const page = await open(await serve(core));
    core.failNext(
      'sandbox.start',
      new AutoGitError({ key: 'engine.no-space', message: 'The disk is full.', next: 'Free 2 GB.' }),
    );
    await page.getByRole('button', { name: 'Try it in a sandbox' }).click();
    const alert = page.getByRole('dialog').getByRole('alert');
    await alert.getByText('The disk is full.').waitFor();
    await alert.getByText('Free 2 GB.').waitFor();
    await alert.getByText('engine.no-space').waitFor();
  });

  it('teaches on every page', async () => {
    const doors = await serve(createFakeCore());
    for (const [route, words] of [
      ['/jobs', 'No jobs yet'],
      ['/runners', 'No runner is alive'],
    ] as const) {
      const page = await open(doors, route);
      await page.getByRole('heading', { name: words, level: 2 }).waitFor();
      await page
        .getByText(/^autogit /)
        .first()
        .waitFor();
    }
  });
});

describe.skipIf(!canBrowse)('the list of jobs', () => {
  it('is filtered by group and words, which stand in the address', async () => {
    const { core } = createPageWorld(200);
    const doors = await serve(core);
    const page = await open(doors, '/jobs');
    await page.getByRole('link', { name: /^Failed/ }).click();
    await page.keyboard.press('/');
    await page.keyboard.type('firmware');
    const { jobs } = core.world.snapshot();
    const found = jobs.filter(({ status, project }) => status === 'failed' && project === 'lab/firmware');
    await expect.poll(() => rows(page).count()).toBe(found.length);
    expect(page.url()).toBe(`${doors.address}/#/jobs?status=failed&text=firmware`);
    await page.reload();
    await expect.poll(() => rows(page).count()).toBe(found.length);
    await page.getByRole('searchbox').fill('no such job');
    await said(page, 'No job fits this filter');
    await page.getByRole('link', { name: 'Show all jobs' }).click();
    await expect.poll(async () => (await rows(page).count()) > 10).toBe(true);
  });

  it('keeps its rows while it is pointed at, and tells of new ones above', async () => {
    const { core } = createPageWorld(60);
    const page = await open(await serve(core), '/jobs');
    await rows(page).first().hover();
    const before = await firstNames(page, 8);
    const [first] = before;
    change(core, ({ jobs }) => ({
      jobs: [
        ...jobs.map((job) =>
          job.name === first ? { ...job, status: 'success' as const, finishedAt: Date.now() } : job,
        ),
        ...jobs.slice(0, 3).map((job) => ({
          ...job,
          id: job.id + 1_000,
          name: `new ${job.id}`,
          status: 'running' as const,
          startedAt: Date.now(),
        })),
      ],
    }));
    const fresh = page.getByRole('button', { name: '3 new jobs' });
    await fresh.waitFor();
    // The value has changed in its place.
    await rows(page)
      .filter({ hasText: first ?? '' })
      .getByText('Success')
      .first()
      .waitFor();
    expect(await firstNames(page, 8)).toEqual(before);
    await fresh.click();
    await expect.poll(() => firstNames(page, 3)).toEqual(['new 3', 'new 2', 'new 1']);
    await page.mouse.move(20, 600);
    await expect.poll(async () => (await firstNames(page, 12)).includes(first ?? '')).toBe(false);
  });

  it('works by keyboard alone: walk, open, read, close', async () => {
    const { core } = createPageWorld(60);
    const page = await open(await serve(core), '/jobs');
    const [, second] = await firstNames(page, 2);
    await page.getByRole('grid').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('j');
    const grid = page.getByRole('grid');
    const active = await grid.getAttribute('aria-activedescendant');
    expect(
      await page.evaluate<string>(`document.getElementById(${JSON.stringify(active)}).textContent`),
    ).toContain(second);
    await page.keyboard.press('Enter');
    await page
      .getByRole('complementary')
      .getByRole('heading', { name: second ?? '' })
      .waitFor();
    await said(page, '$ echo job');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('complementary').count()).toBe(0);
    await page.keyboard.press('End');
    await expect
      .poll(async () => page.evaluate('document.querySelector("[role=grid]").scrollTop > 500'))
      .toBe(true);
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('3');
    await page.getByRole('grid', { name: 'Runners' }).waitFor();
  });

  it('has an address for every job, with its log as it grows', async () => {
    const core = createFakeCore();
    core.world.seed(2);
    const doors = await serve(core);
    const page = await open(doors, '/jobs/2');
    await said(page, 'The log begins when the job runs.');
    core.world.step();
    core.world.step();
    await said(page, '$ echo job 2');
    await said(page, '1 line, following');
    for (let step = 0; step < 4; step += 1) core.world.step();
    await page.getByText('done', { exact: true }).waitFor();
    await expect.poll(() => page.getByText('2 lines', { exact: true }).count()).toBe(1);
    // The address works as a path, too.
    await page.goto(`${doors.address}/jobs/2`);
    await page.getByRole('complementary', { name: 'Job 2' }).waitFor();
    expect(page.url()).toBe(`${doors.address}/#/jobs/2`);
  });

  it('says that a job is not there', async () => {
    const page = await open(await serve(createPageWorld(5).core), '/jobs/4711');
    await said(page, 'AutoGit has not seen a job with the number 4711.');
  });

  it('says whose fault a failure was, beside it', async () => {
    const { core } = createPageWorld(5);
    change(core, ({ jobs }) => ({
      jobs: jobs.map((job) =>
        job.id === 3
          ? {
              ...job,
              status: 'failed' as const,
              startedAt: 1,
              finishedAt: 2,
              failureReason: 'runner_system_failure',
              failure: { class: 'runner' as const, sentence: 'It failed, not the script.', next: 'Look.' },
            }
          : job,
      ),
    }));
    const page = await open(await serve(core), '/jobs?status=failed');
    await rows(page).getByText('Runner: It failed, not the script.').waitFor();
  });

  it.each(['/', '/jobs', '/jobs/1', '/runners'])(
    'shows names of others as text, however long: %s',
    async (address) => {
      const names = [...hostileNames, 'x'.repeat(65_536), 'a\u0000b \u0007', 'שלום \u202eevil 👩‍🚀'];
      const name = (index: number): string => names[index % names.length] ?? '';
      const { core } = createPageWorld(14);
      change(core, ({ jobs, runners, issues }) => ({
        jobs: jobs.map((job, index) => ({
          ...{ ...job, name: name(index), ref: name(index + 1), project: name(index + 2) },
          tags: [name(index + 3), name(index + 4)],
        })),
        runners: runners.map((runner, index) => ({ ...runner, name: name(index), node: name(index + 1) })),
        issues: issues.map((issue, index) => ({ ...issue, subject: name(index), message: name(index + 4) })),
      }));
      const page = await open(await serve(core), address);
      await page.getByText(hostileNames[0]).first().waitFor();
      expect(await page.title()).toMatch(/AutoGit$/);
      expect(await page.locator('main img, main script, main iframe').count()).toBe(0);
      const wide = '[document.documentElement.scrollWidth, document.documentElement.clientWidth]';
      const [scroll = 0, client = 0] = await page.evaluate<number[]>(wide);
      expect(scroll, 'a long name makes the page no wider').toBeLessThanOrEqual(client);
    },
  );

  it('turns nothing beside a name that runs from right to left', async () => {
    const { core } = createPageWorld(3);
    change(core, ({ jobs }) => ({
      jobs: jobs.map((job) => ({ ...job, name: 'שלום', project: 'a/\u202eevil', ref: 'main' })),
    }));
    const doors = await serve(core);
    for (const address of ['/jobs', '/jobs/1']) {
      const page = await open(doors, address);
      const row = rows(page).first();
      const startOf = async (words: string | RegExp): Promise<number> =>
        (await row.getByText(words).last().boundingBox())?.x ?? Number.NaN;
      await row.getByText('main', { exact: true }).waitFor();
      expect(await startOf('שלום')).toBeLessThan(await startOf(/^#\d$/));
      expect(await startOf(/^a\/.evil$/)).toBeLessThan(await startOf(/^main$/));
    }
  });
});

describe.skipIf(!canBrowse)('the way to the core', () => {
  it('is lost with since when and why; what was seen stays, grey and with its age', async () => {
    const { core } = createPageWorld(20);
    const doors = await serve(core);
    const page = await open(doors, '/jobs');
    const names = await firstNames(page, 3);
    await page.context().setOffline(true);
    core.crash();
    await said(page, 'AutoGit does not answer');
    await said(page, /What is shown is \d+ s old/);
    expect(await firstNames(page, 3)).toEqual(names);
    expect(await page.locator('main').getAttribute('data-stale')).toBe('true');
    await page.getByRole('button', { name: /Try now/ }).waitFor();
  });

  it('is taken up again by itself', async () => {
    const { core } = createPageWorld(20);
    const doors = await serve(core);
    const page = await open(doors, '/runners');
    await page.route('**/api/**', (route) => route.abort());
    change(core, () => ({ sentence: 'A change.' }));
    // The stream that is open is ended by reloading without one.
    await page.reload();
    await said(page, 'AutoGit does not answer');
    await page.unroute('**/api/**');
    await page.getByText('Live', { exact: true }).waitFor();
    await expect.poll(() => rows(page).count()).toBe(12);
  });

  it('names what it waits for when the core is slow', async () => {
    const { core } = createPageWorld(5);
    const page = await open(await serve(core));
    await page.route('**/snapshot/changes', () => undefined);
    await page.reload();
    await page.getByText('Reading the state of the lab…').waitFor();
    await said(page, /Waiting for AutoGit to answer, \d s/);
  });
});

describe.skipIf(!canBrowse)('what changes the lab', () => {
  it('is drained and resumed, each after its plan', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/runners');
    await page.getByRole('button', { name: 'Drain' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('autogit lab drain').waitFor();
    expect(core.world.snapshot().mode).toBe('serve');
    await dialog.getByRole('button', { name: 'Start no more runners' }).click();
    await dialog.getByText('Draining.').waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await dialog.getByRole('button', { name: 'Serve the queue again' }).click();
    await expect.poll(() => core.world.snapshot().mode).toBe('serve');
  });

  it('is named by its effect when data would be gone, and left alone by Escape', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core));
    await page.getByRole('button', { name: 'Delete the sandbox' }).click();
    await page.getByRole('button', { name: 'Delete the sandbox with all its projects and jobs' }).waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => page.getByRole('dialog').count()).toBe(0);
    expect(core.world.snapshot().jobs).toHaveLength(20);
  });
});

describe.skipIf(!canBrowse)('the engines', () => {
  it('are listed with what they are, and asked again on demand', async () => {
    const core = createFakeCore();
    const page = await open(await serve(core), '/engines');
    const card = page.getByRole('listitem', { name: 'Docker 20.10.24, root' });
    for (const words of ['In use', 'unix:///var/run/docker.sock', 'overlay2', 'version 2'])
      await card.getByText(words).first().waitFor();
    const asked = (): number => core.calls.filter(({ name }) => name === 'engine.list').length;
    const before = asked();
    await page.getByRole('button', { name: 'Look again' }).click();
    await expect.poll(asked).toBe(before + 1);
  });
});
