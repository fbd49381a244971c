import { expect, it } from 'vitest';
import { nextStep } from '../../../../main/coordinator/backups/restores.ts';
import type { RestoreNote } from '../../../../main/coordinator/backups/restore-note.ts';
import type { BackupStep } from '../../../../main/model/backup/backup.ts';

const failure = { key: 'backup.restore-failed', message: 'GitLab has died.', next: 'Look at it.' };
const safety: RestoreNote['safety'] = { snapshot: 'a', manifestSha256: 'b', parts: ['home', 'gitlab'] };

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
