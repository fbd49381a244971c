// What can be done with one pool, runner or job from the page: plans first, and what is wrong beside its field.
import { describe, expect, it } from 'vitest';
import { AutoGitError } from '../../main/errors.ts';
import { someProof } from './lab-parts.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { createPageWorld } from './page-world.ts';

const { serve, open } = usePages();

describe.skipIf(!canBrowse)('a pool', () => {
  it('is changed in a form that says what is wrong, then shows the plan, then does it', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools/demo');
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    const max = dialog.getByLabel('Most runners');
    await max.fill('-3');
    await page.getByText('must be a whole number from 0 to 1000, not -3').waitFor();
    await dialog.getByLabel('Idle time').fill('90');
    await page.getByText('s = 1 min 30 s').waitFor();
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('1 field to mend first').waitFor();
    expect(await max.evaluate('document.activeElement.name')).toBe('max');
    await max.fill('7');
    await page.keyboard.press('Enter');
    await page.getByText('autogit pool set demo --max 7 --idle-time 90', { exact: true }).waitFor();
    await page.getByText('pools.demo', { exact: true }).waitFor();
    expect(core.world.snapshot().pools[0]?.max).toBe(16);
    await page.getByRole('button', { name: 'Change it' }).click();
    await page.getByText('Pool "demo" has changed.').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(1);
    expect(core.world.snapshot().pools[0]?.max).toBe(7);
  });

  it('keeps what was typed when its plan is refused, or somebody thinks again', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools/demo');
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Projects').selectOption('group');
    await page.getByLabel('Path of the group').fill('lab/web');
    const refusal = { key: 'settings.invalid', message: 'It does not fit.', next: 'Give others.' };
    core.failNext('pool.set', new AutoGitError(refusal));
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('It does not fit.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('It does not fit.').waitFor({ state: 'detached' });
    expect(await page.getByLabel('Path of the group').inputValue()).toBe('lab/web');
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('autogit pool set demo --scope group:lab/web', { exact: true }).waitFor();
  });

  it('is added with what was given, and the defaults for the rest', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    await page.getByRole('button', { name: 'Add a pool' }).click();
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByText('1 field to mend first').waitFor();
    await page.getByLabel('Name', { exact: true }).fill('large');
    await page.getByLabel('Tags', { exact: true }).fill('docker, large');
    await page.getByRole('button', { name: 'Show what changes' }).click();
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.getByRole('link', { name: 'large', exact: true }).waitFor({ state: 'attached' });
    expect(core.calls.findLast(({ name }) => name === 'pool.add')?.input).toEqual({
      name: 'large',
      tags: ['docker', 'large'],
      dryRun: false,
    });
  });

  it('is proposed where the machine has room for it, and added with one button', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    await page.getByRole('button', { name: 'Pools that fit' }).click();
    await page.getByText('Builds that need many processors.').waitFor();
    await page.getByRole('button', { name: 'Add 1 missing pool' }).click();
    await page.getByText('autogit pool ready --apply', { exact: true }).waitFor();
    expect(core.world.snapshot().pools).toHaveLength(1);
    await page.getByRole('button', { name: 'Add pool large' }).click();
    await page.getByText('Pool "large" is there.').waitFor();
    expect(core.world.snapshot().pools).toHaveLength(2);
  });

  it('is paused, resumed and removed, the last after a confirmation that names it', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools/demo');
    const closed = page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true });
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Pause pool demo' }).click();
    await page.getByText('It takes no job until it is resumed.').waitFor();
    await closed.click();
    await page.getByRole('button', { name: 'Resume' }).click();
    await page.getByRole('button', { name: 'Resume pool demo' }).click();
    await page.getByText('It takes no job until it is resumed.').waitFor({ state: 'detached' });
    await closed.click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByText('9 runners finish their jobs first.').waitFor();
    await page.getByRole('button', { name: 'Remove pool demo' }).click();
    await page.getByText('There is no pool "demo".').waitFor();
  });

  it('shows every setting, and tells those that somebody has set', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    await page.getByRole('link', { name: 'demo' }).click();
    const panel = page.getByRole('complementary', { name: 'Pool demo' });
    for (const words of ['Longest life', 'Processor type', 'Jobs per runner'])
      await panel.getByText(words, { exact: true }).waitFor();
    expect(page.url()).toContain('#/pools/demo');
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
  });

  it('is opened, edited and closed by keyboard alone', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core));
    const focused = (): Promise<string> =>
      page.evaluate<string>(
        'document.activeElement.getAttribute("aria-label") ?? document.activeElement.textContent',
      );
    await page.keyboard.press('4');
    await page.getByRole('grid', { name: 'Pools' }).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('complementary', { name: 'Pool demo' }).waitFor();
    for (const name of ['Close (Escape)', 'Its runners', 'Edit']) {
      await page.keyboard.press('Tab');
      expect(await focused()).toBe(name);
    }
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Settings of pool demo' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('Edit');
    await page.keyboard.press('Escape');
    await page.getByRole('complementary').waitFor({ state: 'detached' });
  });

  it('that cannot be read says why', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools');
    const broken = { key: 'settings.broken', message: 'The file is broken.', next: 'Mend it.' };
    core.failNext('pool.show', new AutoGitError(broken));
    await page.getByRole('link', { name: 'demo' }).click();
    await page.getByText('The file is broken.').waitFor();
    // It is asked again by itself.
    await page.getByText('Longest life', { exact: true }).waitFor();
  });
});

describe.skipIf(!canBrowse)('what is known of a pool', () => {
  it('is a proof with its date, what failed with its fix, and proving it anew', async () => {
    const { core } = createPageWorld(20);
    core.world.change(({ snapshot }) => ({
      snapshot: {
        ...snapshot,
        pools: snapshot.pools.map((pool) => ({ ...pool, proof: someProof(Date.now(), 'failed') })),
      },
    }));
    const page = await open(await serve(core), '/pools/demo');
    const proof = page.getByRole('region', { name: 'Proof' });
    for (const words of ['Proof failed', '3 h ago', 'The job saw all memory of the machine.'])
      await proof.getByText(words).waitFor();
    await proof.getByText('autogit pool prove demo', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Prove it now' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Prove pool demo' }).click();
    await expect
      .poll(() => core.calls.findLast(({ name }) => name === 'pool.prove')?.input)
      .toEqual({ name: 'demo', dryRun: false });
  });

  it('is advice, whose effect is seen before it is applied', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools/demo');
    const advice = page.getByRole('region', { name: 'Advice' });
    await advice.getByText('Memory: 4.3 GB to 1.1 GB').waitFor();
    await advice.getByRole('button', { name: 'Apply it' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('pools.demo.memoryMiB').waitFor();
    await dialog.getByText('Idle runners are replaced.').waitFor();
    await dialog.getByRole('button', { name: 'Apply the advice to pool demo' }).click();
    await dialog.getByText('Done').waitFor();
  });

  it('is what other settings would have done, before anybody changes them', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools/demo');
    const whatIf = page.getByRole('region', { name: 'What if' });
    await whatIf.getByLabel('Most runners').fill('20');
    await whatIf.getByRole('button', { name: 'Replay them' }).click();
    const row = whatIf.getByRole('row', { name: /^95 %/ });
    await row.getByText('1 min 1 s').waitFor();
    await row.getByText('1.5 s').waitFor();
    await whatIf.getByText('autogit pool simulate --pool demo --max 20 --days 7', { exact: true }).waitFor();
    expect(core.world.snapshot().pools[0]?.max).toBe(16);
    await whatIf.getByRole('button', { name: 'Set it so' }).click();
    await page.getByRole('dialog').getByText('autogit pool set demo --max 20', { exact: true }).waitFor();
  });

  it('is how many GPUs its runners get, in parts that make one setting', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/pools/demo');
    await page.getByRole('button', { name: 'Edit' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('combobox', { name: 'GPUs', exact: true }).selectOption('1');
    await dialog.getByLabel('Made by').selectOption('nvidia');
    await dialog.getByLabel('Each GPU is').selectOption('fraction');
    await dialog.getByRole('button', { name: 'Show what changes' }).click();
    await dialog.getByText('Belongs to mode "fraction", which needs it.').waitFor();
    await dialog.getByLabel('Memory counted as taken').fill('4096');
    await dialog.getByRole('button', { name: 'Show what changes' }).click();
    const command = 'autogit pool set demo --gpu count=1,vendor=nvidia,mode=fraction,fractionMiB=4096';
    await page.getByText(command, { exact: true }).waitFor();
  });
});

describe.skipIf(!canBrowse)('a runner', () => {
  it('is let go by its button; only one without a job can be removed', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/runners');
    await page.getByRole('row').first().waitFor();
    expect(await page.getByRole('button', { name: /^Remove runner/ }).count()).toBe(2);
    await page.getByRole('button', { name: 'Let runner 00000001 finish and leave' }).click();
    await page.getByText('A job that it has is finished first.').waitFor();
    await page.getByRole('button', { name: 'Let runner 00000001 leave' }).click();
    await page.getByText('Runner 00000001 has left.').waitFor();
    expect(core.calls.at(-1)).toEqual({ name: 'runner.drain', input: { id: '00000001', dryRun: false } });
  });

  it('shows what it does and the log of its job beside the list', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/runners');
    await page.getByRole('link', { name: '00000003', exact: true }).click();
    const panel = page.getByRole('complementary', { name: 'Runner 00000003' });
    await panel.getByRole('link', { name: 'deploy 4' }).waitFor();
    await panel.getByText('$ echo job 4').waitFor();
    const remove = panel.getByRole('button', { name: 'Remove' });
    expect(await remove.getAttribute('aria-disabled')).toBe('true');
    await remove.click({ force: true });
    expect(await page.getByRole('dialog').count()).toBe(0);
    await panel.getByRole('link', { name: 'demo', exact: true }).click();
    await page.getByRole('complementary', { name: 'Pool demo' }).waitFor();
  });

  it('is found by its state and its pool, which stand in the address', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/runners');
    await page.getByRole('link', { name: /^Idle/ }).click();
    const rows = page.getByRole('row').filter({ has: page.getByRole('gridcell') });
    await expect.poll(() => rows.count()).toBe(2);
    await page.keyboard.press('/');
    await page.keyboard.type('nothing');
    await page.getByText('No runner fits this filter').waitFor();
    expect(page.url()).toContain('state=ready&text=nothing');
  });

  it('that nobody knows says so', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/runners/ffffffff');
    await page.getByRole('link', { name: 'Show all runners' }).click();
    await page.getByRole('row').first().waitFor();
  });
});

describe.skipIf(!canBrowse)('a job', () => {
  it('that waits says why, and is cancelled and run again', async () => {
    const { core } = createPageWorld(20);
    const page = await open(await serve(core), '/jobs/1');
    await page.getByText('Pool "demo" is at its max of 4').waitFor();
    await page.getByText('autogit pool set demo --max 5', { exact: true }).waitFor();
    expect(await page.getByRole('link', { name: 'Pool demo' }).getAttribute('href')).toBe('#/pools/demo');
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
