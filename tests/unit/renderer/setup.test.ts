// The first set-up: its steps, what is wrong with an address, the first green job, and the sheet at the end.
import { describe, expect, it } from 'vitest';
import {
  connectErrors,
  connectInput,
  connectLine,
  shownErrors,
  tokenPage,
} from '../../../renderer/state/setup-connect.ts';
import { firstGreen, tryState } from '../../../renderer/state/setup-green.ts';
import { recoverySheet } from '../../../renderer/state/setup-sheet.ts';
import type { Possessions } from '../../../renderer/state/setup-sheet.ts';
import { sheetText } from '../../../renderer/state/sheet.ts';
import { nextStep, noAnswers, previousStep, stepAt, stepsOf } from '../../../renderer/state/setup-steps.ts';
import { createFakeWorld } from '../../fakes/fake-world.ts';
import { someStatus } from '../../fakes/fake-stack-calls.ts';

describe('the steps of the set-up', () => {
  it('are those of the chosen way, and lead back the way they came', () => {
    expect(stepsOf(null)).toEqual(['start']);
    for (const way of ['try', 'connect', 'install'] as const) {
      const steps = stepsOf(way);
      steps.forEach((step, at) => {
        expect(nextStep(step, way)).toBe(steps[at + 1] ?? null);
        expect(previousStep(step, way)).toBe(steps[at - 1] ?? null);
      });
    }
    expect([previousStep('more', 'install'), nextStep('more', 'install')]).toEqual(['review', 'review']);
  });

  it('go by the address where the way has such a step, and else by what was kept', () => {
    const kept = { ...noAnswers, way: 'install', step: 'people' } as const;
    expect(stepAt('place', kept)).toBe('place');
    expect(stepAt('more', kept)).toBe('more');
    expect(stepAt(null, kept)).toBe('people');
    expect(stepAt('try', kept)).toBe('people');
    expect(stepAt('nothing', kept)).toBe('people');
    expect(stepAt('review', noAnswers)).toBe('start');
    expect(stepAt(null, { way: 'try', step: 'review' })).toBe('start');
  });
});

const texts = { url: 'https://git.example.org', runnerUrl: '', ca: '' };

describe('a GitLab that is there', () => {
  it('is asked for only with a whole address and a token', () => {
    expect(connectErrors(texts, 'glpat-12345678')).toEqual({});
    expect(
      Object.keys(connectErrors({ url: 'git.example.org', runnerUrl: 'x', ca: 'root.pem' }, 'short')),
    ).toEqual([...['url', 'token', 'runnerUrl', 'ca']]);
    expect(
      connectErrors({ ...texts, url: 'https://root:pw@git.example.org' }, 'glpat-12345678')['url'],
    ).toContain('Without a name or password');
  });

  it('says of nothing that it is wrong before somebody has touched it', () => {
    const empty = { url: '', runnerUrl: '', ca: '', token: '' };
    expect(shownErrors(empty, false)).toEqual({});
    expect(Object.keys(shownErrors(empty, true))).toEqual(['url', 'token']);
    expect(Object.keys(shownErrors({ ...empty, url: 'x' }, false))).toEqual(['url']);
  });

  it('has a line that does the same, without the token', () => {
    const all = { url: ' https://git.example.org ', runnerUrl: 'https://inner:8443', ca: '/etc/root.pem' };
    expect(connectInput(all, ' glpat-12345678 ', true)).toEqual({
      ...{ url: 'https://git.example.org', token: 'glpat-12345678', replace: true },
      ...{ runnerUrl: 'https://inner:8443', ca: '/etc/root.pem' },
    });
    expect(connectLine(all, true)).not.toContain('glpat');
    expect(connectLine(all, true)).toMatch(/--url .*git\.example\.org.* --runner-url .* --ca .* --replace$/);
  });

  it('says where its token is made, at that GitLab and nowhere else', () => {
    expect(tokenPage({ ...texts, url: 'https://git.example.org/sub/' })).toMatch(
      /^https:\/\/git\.example\.org\/sub\/-\/user_settings\/personal_access_tokens\?/,
    );
    expect(tokenPage({ ...texts, url: 'javascript:alert(1)' })).toBeNull();
  });
});

describe('the first green job', () => {
  it('is a job that has succeeded, or else a proof', () => {
    const world = createFakeWorld();
    expect(firstGreen(world.snapshot())).toBeNull();
    world.seed(2);
    expect(firstGreen(world.snapshot())).toBeNull();
    for (let steps = 0; steps < 10; steps += 1) world.step();
    const { jobs, pools } = world.snapshot();
    expect(firstGreen({ jobs, pools })?.job).not.toBeNull();
    // The same for the same lists: a view asks at every drawing.
    expect(firstGreen({ jobs, pools })).toBe(firstGreen({ jobs, pools }));
    const proof = { state: 'proven', at: 5, sentence: 'All of it holds.', fix: null, claims: [] } as const;
    const proven = pools.map((pool) => ({ ...pool, proof: { ...proof, claims: [] } }));
    expect(firstGreen({ jobs: [], pools: proven })).toMatchObject({ job: null, at: 5 });
  });

  it('is how far a try has got', () => {
    const world = createFakeWorld();
    const { gitlab } = world.snapshot();
    const running = { ...gitlab, kind: 'sandbox', state: 'ready' } as const;
    expect(tryState({ gitlab, jobs: [] })).toBe('none');
    expect(tryState({ gitlab: { ...running, state: 'starting' }, jobs: [] })).toBe('none');
    expect(tryState({ gitlab: running, jobs: [] })).toBe('running');
    world.seed(1);
    expect(tryState({ gitlab: running, jobs: world.snapshot().jobs })).toBe('jobs');
  });
});

const lab: Possessions = {
  backups: { targets: [], sheetKeptAt: null },
  ...{ kind: 'server', home: '/home/ana/autogit', gitlabUrl: 'https://gitlab.lab.home.arpa' },
  status: someStatus,
  places: [{ name: 'gitlab.lab.home.arpa', what: 'GitLab' }],
  secrets: [],
};

const textOf = (have: Possessions): string => sheetText('Recovery sheet', 'today', recoverySheet(have));

describe('the recovery sheet', () => {
  it('says what is where and how to get back in, and has no password on it unless it was asked for', () => {
    const sheet = textOf(lab);
    for (const words of [
      '/home/ana/autogit',
      '/srv/lab',
      'https://gitlab.lab.home.arpa',
      'None yet: add a target',
    ])
      expect(sheet).toContain(words);
    expect(sheet).toContain('autogit stack secret gitlab-root-password');
    const shown = textOf({ ...lab, secrets: [{ label: 'root', value: 'hunter2' }] });
    expect(shown).toContain('root: hunter2');
    expect(shown).toContain('keep it where nobody else looks');
  });

  it('says where the backups are, and that their sheet is still to be kept', () => {
    const targets = [{ name: 'nas', place: 'backup@nas:/lab' }];
    const sheet = textOf({ ...lab, backups: { targets, sheetKeptAt: null } });
    for (const words of ['At nas (backup@nas:/lab).', 'still to be kept', '"Restore from a backup"'])
      expect(sheet).toContain(words);
    expect(textOf({ ...lab, backups: { targets, sheetKeptAt: 1 } })).not.toContain('still to be kept');
    expect(textOf({ ...lab, backups: null })).toContain('not known');
  });

  it('of the sandbox, and of another GitLab, promises nothing that is not there', () => {
    const sandbox = textOf({ ...lab, kind: 'sandbox', status: null, places: [] });
    expect(sandbox).toContain('autogit sandbox access');
    expect(sandbox).not.toContain('autogit stack');
    const other = textOf({ ...lab, status: null, places: [] });
    expect(other).not.toContain('autogit stack');
  });

  it('has no empty section, and says everything that is on it, also what is secret', () => {
    const other = textOf({ ...lab, status: null, places: [] });
    expect(other).toMatch(/^AUTOGIT: RECOVERY SHEET\nMade today\n\nGITLAB\n/);
    expect(other).not.toContain('THE LAB');
    expect(
      sheetText('Keys', 'now', [{ title: 'Key', rows: [{ label: 'It', value: 'k', secret: true }] }]),
    ).toBe('AUTOGIT: KEYS\nMade now\n\nKEY\n  It: k');
  });
});
