// What can be done with one pool, runner or job from the page: plans first, and what is wrong beside its field.
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

describe.skipIf(!canBrowse)('a pool', () => {
  it('is changed in a form that says what is wrong, then shows the plan, then does it', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    await page.getByRole('button', { name: 'Edit' }).click();
    const max = page.getByLabel('Most runners');
    await max.fill('-3');
    await page.getByText('must be a whole number from 0 to 1000, not -3').waitFor();
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('Nothing is changed yet').waitFor();
    await max.fill('7');
    await page.keyboard.press('Enter');
    await page.getByText('autogit pool set demo --max 7', { exact: true }).waitFor();
    await page.getByText('pools.demo', { exact: true }).waitFor();
    expect(core.world.snapshot().pools[0]?.max).toBe(16);
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('Pool "demo" has changed.').waitFor();
    expect(core.world.snapshot().pools[0]?.max).toBe(7);
  });

  it('is added with what was given, and the defaults for the rest', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    await page.getByRole('button', { name: 'Add a pool' }).click();
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('see the fields in red').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('large');
    await page.getByLabel('Tags', { exact: true }).fill('docker, large');
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('listitem', { name: 'Pool large' }).waitFor();
    expect(core.calls.at(-1)).toMatchObject({
      name: 'pool.add',
      input: { name: 'large', tags: ['docker', 'large'] },
    });
  });

  it('is paused, resumed and removed, the last after a confirmation that names it', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Pause pool demo' }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Resume pool demo' }).click();
    await page.getByText('Paused', { exact: true }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('9 runners finish their jobs first.').waitFor();
    await page.getByRole('button', { name: 'Remove pool demo' }).click();
    await page.getByText('There is no pool').first().waitFor();
  });

  it('that cannot be read says why', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    const broken = { key: 'settings.broken', message: 'The file is broken.', next: 'Mend it.' };
    core.failNext('pool.show', new AutoGitError(broken));
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByText('The file is broken.').waitFor();
  });
});

describe.skipIf(!canBrowse)('a runner', () => {
  it('is let go by its button; only one without a job can be removed', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/runners');
    expect(await page.getByRole('button', { name: /^Remove runner/ }).count()).toBe(2);
    await page.getByRole('button', { name: 'Let runner 00000001 finish and leave' }).click();
    await page.getByText('A job that it has is finished first.').waitFor();
    await page.getByRole('button', { name: 'Let runner 00000001 leave' }).click();
    await page.getByText('Runner 00000001 has left.').waitFor();
    expect(core.calls.at(-1)).toEqual({ name: 'runner.drain', input: { id: '00000001', dryRun: false } });
  });
});

describe.skipIf(!canBrowse)('a job', () => {
  it('that waits says why, and is cancelled and run again', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/jobs/1');
    await page.getByText('Pool "demo" is at its max of 4').waitFor();
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await page.getByRole('button', { name: 'Cancel job 1' }).click();
    await page.getByText('Job 1 is cancelled.').waitFor();
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    await page.getByRole('button', { name: 'Run again' }).click();
    await page.getByRole('button', { name: 'Run job 1 again' }).click();
    await page.getByText('Job 1 runs again.').waitFor();
  });

  it('that runs shows its log and no reason to wait', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/jobs/2');
    await page.getByText('$ echo job 2').waitFor();
    expect(await page.getByText('Pool "demo" is at its max').count()).toBe(0);
  });
});
