import { describe, expect, it } from 'vitest';
import type { RestoreGround } from '../../../../main/coordinator/backups/restore-ground.ts';
import { requireNoData } from '../../../../main/coordinator/backups/restore-steps.ts';
import { nextStep } from '../../../../main/coordinator/backups/restores.ts';
import type { RestoreNote } from '../../../../main/coordinator/backups/restore-note.ts';
import type { BackupStep } from '../../../../main/model/backup/backup.ts';

const failure = { key: 'backup.restore-failed', message: 'GitLab has died.', next: 'Look at it.' };
const safety: RestoreNote['safety'] = { snapshot: 'a', manifestSha256: 'b', parts: ['home', 'gitlab'] };

/** An empty machine. */
const hereNow: Awaited<ReturnType<RestoreGround['facts']>> = {
  ...{ autogit: '0.1.0', instance: 'lab', gitlab: 'none', gitlabVersion: '', counts: {}, isEmpty: true },
  ...{ hasEngine: true, hasCompose: true, jobsRunning: 0, isStackBusy: false, hasAnswered: false },
  ...{ unusedData: null, installs: null, architecture: 'amd64', madeFor: {} },
};

/** Of a restore that has failed after both the home and GitLab's data were touched. */
function failed(change: Partial<RestoreNote>, withoutSafety: boolean): RestoreNote {
  return {
    ...{ version: 1, id: '01234567', startedAt: 1, door: 'cli', project: null },
    ...{ target: { name: 'nas', kind: 'folder', path: '/nas' }, done: ['home'], undone: [] },
    ...{ isHomeTouched: true, isDataTouched: true, safety: null, failure },
    plan: {
      backup: {
        ...{
          id: 'one',
          target: 'nas',
          snapshot: 'a',
          at: 1,
          machine: 'm',
          instance: 'lab',
          autogit: '0.1.0',
        },
        ...{ manifestSha256: 'b', gitlab: 'stack', gitlabVersion: '19.3.3', parts: ['home', 'gitlab'] },
        ...{ bytes: 1, addedBytes: 1, files: 1, counts: {}, provenAt: null, provenMs: null, damage: null },
      },
      ...{
        hash: 'h',
        parts: ['home', 'gitlab'],
        to: null,
        changes: [],
        steps: [],
        safety: false,
        withoutSafety,
      },
      ...{ versions: null, awaySeconds: null, issues: [] },
    },
    ...change,
  };
}

/** All steps of the way back, in their order. */
function wayBack(note: RestoreNote): readonly BackupStep[] {
  const steps: BackupStep[] = [];
  for (;;) {
    const next = nextStep({ ...note, undone: steps });
    if (next === null) return steps;
    steps.push(next.step);
  }
}

it('puts the home back, and then what was kept of the rest', () => {
  expect(wayBack(failed({ safety }, false))).toEqual(['home', 'safety']);
  expect(wayBack(failed({ safety, isDataTouched: false }, false))).toEqual(['home']);
});

it.each([false, true])(
  'takes down what was started where nothing was kept; asked for: %s',
  (withoutSafety) => {
    const note = failed({}, withoutSafety);
    expect(wayBack(note)).toEqual(['home', 'safety']);
    const words = nextStep({ ...note, undone: ['home'] })?.words ?? '';
    expect(words).toContain('Takes down');
    expect(words.includes('nothing was there before')).toBe(!withoutSafety);
  },
);

describe('data that nobody saw when the plan was made', () => {
  const stack = { lab: 'lab', data: '/srv/lab', images: {} };
  const note = failed({}, false);
  const ground = (unusedData: string | null): Pick<RestoreGround, 'facts'> => ({
    facts: () => Promise.resolve({ ...hereNow, unusedData }),
  });

  it('stands against the restore once the manifest is judged, and nothing was changed until then', async () => {
    const judged = requireNoData(note, { stack }, ground('/srv/lab/gitlab/data'));
    await expect(judged).rejects.toMatchObject({
      key: 'backup.restore-data-there',
      message: expect.stringContaining('/srv/lab/gitlab/data') as unknown,
    });
  });

  it('does not where there is none, or where somebody gives up what is here', async () => {
    await requireNoData(note, { stack }, ground(null));
    await requireNoData(failed({}, true), { stack }, ground('/srv/lab/gitlab/data'));
    await requireNoData(note, { stack: null }, ground('/srv/lab/gitlab/data'));
  });
});
