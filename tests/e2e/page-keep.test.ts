// What would be lost is seen before it is agreed to: other rules for keeping, and an upgrade without a backup.
import { describe, expect, it } from 'vitest';
import { createStackPage } from '../fakes/fake-stack-page.ts';
import { backupLab } from '../fakes/page-labs.ts';
import { canBrowse } from './needs.ts';
import { usePages } from './open-page.ts';
import { button, inputsOf, lastInput } from './page-parts.ts';

const { serve, open } = usePages();

describe.skipIf(!canBrowse)('before anything is lost', () => {
  it('other rules for keeping show what would go by them while they are typed', async () => {
    const { core } = backupLab();
    const page = await open(await serve(core), '/backups?tab=schedules');
    const kept = page.getByRole('region', { name: 'How long they are kept' });
    await button(kept, 'Change').click();
    const dialog = page.getByRole('dialog', { name: 'How long backups are kept' });
    const byRules = dialog.getByRole('status', { name: 'By these rules' });
    await byRules.getByText('Nothing would go').waitFor();
    await dialog.getByLabel('All younger than, in days').fill('7');
    await byRules.getByText(/^\d+ backups would go$/).waitFor();
    expect(lastInput(core, 'backup.preview-keep')).toMatchObject({ days: 7, last: 0 });
    // Nothing was saved for it.
    expect(inputsOf(core, 'settings.change')).toEqual([]);
  });

  it('an upgrade goes without a backup only where somebody ticks it', async () => {
    const stack = createStackPage({ backsUp: ['gitlab'] });
    const answers = encodeURIComponent(JSON.stringify({ policy: { sessionDays: 3 } }));
    const page = await open(await serve(stack.core), `/stack?tab=change&answers=${answers}`);
    const tick = page.getByRole('checkbox', { name: 'Upgrade gitlab without a backup' });
    await tick.waitFor();
    expect(await tick.isChecked()).toBe(false);
    await tick.check();
    await button(page, 'Apply this plan').click();
    await expect.poll(() => lastInput(stack.core, 'stack.up')).toMatchObject({ withoutBackup: true });
  });
});
