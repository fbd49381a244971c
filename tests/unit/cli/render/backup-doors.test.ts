// Backups as text: what other rules would keep, a folder that has more than is shown, and what is backed up before an upgrade.
import { describe, expect, it } from 'vitest';
import { backupRenderers } from '../../../../main/cli/render/backups.ts';
import { renderPlannedStack } from '../../../../main/cli/render/stack-plan.ts';
import { someRecord } from '../../../fakes/backup-lab.ts';
import { somePlan } from '../../../fakes/fake-stack-calls.ts';

const view = { width: Infinity, colour: false, now: 1_700_000_200_000 };
const backup = someRecord(0, 'nas', view.now);

describe('what other rules would keep', () => {
  const render = backupRenderers['backup.preview-keep'];

  it('is a row for each backup, a sentence, and how such a rule is kept', () => {
    const backups = [
      { backup, kept: ['the newest'] },
      { backup: someRecord(1, 'nas', view.now), kept: [] },
    ];
    const text = render({ backups, sentence: 'One would go.' }, view);
    expect(text).toMatch(/nas +the newest\n/);
    expect(text).toMatch(/nas +would go\n/);
    expect(text).toContain('One would go.\n');
    expect(text).toContain('autogit settings set backups.keep.days 7');
  });

  it('is a sentence alone where there is no backup', () => {
    expect(render({ backups: [], sentence: 'Every backup is kept.' }, view)).toMatch(/^Every backup is kept/);
  });
});

describe('a folder of a backup', () => {
  const render = backupRenderers['backup.inspect'];
  const entries = [{ path: 'home/one', folder: false, bytes: 1 }];

  it('says that it has more than is shown, and nothing of that otherwise', () => {
    expect(render({ backup, parts: [], entries, more: true }, view)).toContain('the folder has more');
    expect(render({ backup, parts: [], entries, more: false }, view)).not.toContain('has more');
  });
});

describe('a plan that upgrades', () => {
  const planned = { valid: true, problems: [], plan: somePlan, answers: null, services: [] };

  it('says what is backed up before it, and how to go without', () => {
    const text = renderPlannedStack({ ...planned, backsUp: ['gitlab'] }, view);
    expect(text).toContain('what stands is backed up, because gitlab would be upgraded. --without-backup');
    expect(renderPlannedStack({ ...planned, backsUp: [] }, view)).toBe(renderPlannedStack(planned, view));
  });
});
