import { describe, expect, it } from 'vitest';
import { renderRestorePlan } from '../../../../main/cli/render/backups.ts';
import { somePlan, someRecord } from '../../../fakes/backup-lab.ts';

const view = { width: 80, colour: false, now: 1_700_000_200_000 };
const plan = somePlan(someRecord(0, 'nas'));

describe('a plan of a restore', () => {
  it('shows what is there now, also where nobody knows, beside what is there then', () => {
    const change = {
      part: 'gitlab',
      what: 'projects',
      now: 'not known',
      then: '50',
      change: 'replace',
    } as const;
    const text = renderRestorePlan({ ...plan, changes: [change] }, view);
    expect(text).toMatch(/gitlab +projects +not known +50 +replace/);
    expect(text).toContain('What is here now is backed up first.');
  });

  it('says which version GitLab comes up as', () => {
    expect(renderRestorePlan(plan, view)).toContain('GitLab comes up as 19.3.0');
    expect(renderRestorePlan({ ...plan, versions: null }, view)).not.toContain('comes up as');
  });

  it('says that there is no way back, and what stands against it with its next step', () => {
    const issue = {
      ...{ key: 'backup.restore-data-there', severity: 'error' as const, subject: 'x' },
      ...{ message: 'Data lies there.', next: 'Or go on: autogit backup restore --without-safety' },
    };
    const bare = { ...plan, safety: false, withoutSafety: true, issues: [issue] };
    const text = renderRestorePlan(bare, view);
    expect(text).toContain('What is here now is not backed up first: there is no way back.');
    expect(text).toContain('× Data lies there.\n  Or go on: autogit backup restore --without-safety');
    expect(renderRestorePlan({ ...plan, safety: false }, view)).not.toContain('backed up first');
  });
});
