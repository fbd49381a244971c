// The overview in a real browser: the lab at a glance, the queue over time as it is pushed, and what to do about issues.
import type { Page } from 'playwright';
import { describe, expect, it } from 'vitest';
import { queueFigures } from '../../main/model/queue-history.ts';
import type { QueueFigures } from '../../main/model/queue-history.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

function figuresOf({ world }: FakeCore): QueueFigures {
  const figures = queueFigures(world.snapshot());
  if (figures === null) throw new Error('the queue of the pretended lab is not known');
  return figures;
}

const chartOf = (page: Page) => page.getByRole('figure', { name: 'Jobs' });

describe.skipIf(!canBrowse)('the overview', () => {
  it('says in a few figures how the lab stands, and asks for no set-up that was done', async () => {
    const { core } = createPageWorld(40);
    const page = await open(await serve(core));
    const { running, waiting } = figuresOf(core);
    const glance = page.locator('dl', { hasText: 'Health' }).first();
    for (const words of [
      'All healthy',
      `${running} running`,
      `${waiting} waiting`,
      '1 busy',
      '0 free, 2 not for jobs',
      '571 GB left',
    ])
      await glance.getByText(words, { exact: true }).waitFor();
    expect(await page.getByRole('region', { name: 'Set up AutoGit' }).count()).toBe(0);
    await glance.getByRole('link', { name: 'Runners' }).click();
    await page.getByRole('grid', { name: 'Runners' }).waitFor();
  });

  it('has a chart of what ran and waited, which goes on by what is pushed, without asking again', async () => {
    const { core } = createPageWorld(40);
    const page = await open(await serve(core));
    const { running, waiting } = figuresOf(core);
    const chart = chartOf(page);
    await chart.getByText(`running ${running}, waiting ${waiting}`).waitFor();
    core.world.change(({ snapshot }) => ({
      snapshot: {
        ...snapshot,
        jobs: snapshot.jobs.map((job) => (job.status === 'pending' ? { ...job, status: 'canceled' } : job)),
      },
    }));
    await chart.getByText(`running ${running}, waiting 0`).waitFor();
    expect(core.calls.filter(({ name }) => name === 'queue.history')).toHaveLength(1);
    await page.getByRole('button', { name: '24 hours' }).click();
    await expect.poll(() => page.url()).toContain('range=day');
    await expect.poll(() => core.calls.filter(({ name }) => name === 'queue.history')).toHaveLength(2);
  });

  it('tells the times in which nobody looked as unknown, in the chart and in its table', async () => {
    const page = await open(await serve(createPageWorld(40).core));
    const chart = chartOf(page);
    await chart.getByRole('button', { name: 'Jobs as a table' }).click();
    await chart.getByRole('cell', { name: 'unknown' }).first().waitFor();
    expect(await chart.getByRole('cell', { name: 'unknown' }).count()).toBeGreaterThan(20);
  });

  it('has a button for what is wrong where a request mends it, and shows its plan first', async () => {
    const { core } = createPageWorld(20);
    core.world.change(({ snapshot }) => ({
      snapshot: {
        ...snapshot,
        issues: [
          {
            ...{ key: 'pool.paused', severity: 'warning', subject: 'pool demo' },
            message: 'Pool "demo" is paused while 4 jobs wait for it.',
            next: 'Let it take jobs again: autogit pool resume demo',
          },
        ],
      },
    }));
    const page = await open(await serve(core));
    await page.getByText('1 issue to look at', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Resume pool demo' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Resume pool demo' }).click();
    await expect.poll(() => core.calls.map(({ name }) => name)).toContain('pool.resume');
  });

  it('of a home without a GitLab leads to the first steps instead', async () => {
    const page = await open(await serve(createFakeCore()));
    await page.getByRole('region', { name: 'Set up AutoGit' }).waitFor();
    expect(await chartOf(page).count()).toBe(0);
  });
});
