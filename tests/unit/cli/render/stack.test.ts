import { describe, expect, it } from 'vitest';
import {
  renderStackCode,
  renderStackSecrets,
  renderStackStatus,
  renderWelcome,
} from '../../../../main/cli/render/stack.ts';
import { renderPlannedStack, renderStackPlan } from '../../../../main/cli/render/stack-plan.ts';
import { progressLines, renderProgress } from '../../../../main/cli/render/stack-progress.ts';
import type { Progress } from '../../../../main/cli/render/stack-progress.ts';
import { columnsOf } from '../../../../main/cli/render/text.ts';
import { somePlan, someProgress, someStatus } from '../../../fakes/fake-stack-calls.ts';

const view = { width: Infinity, colour: false, now: 1_700_000_200_000 };
const red = (text: string): string => `\u001b[31m${text}\u001b[39m`;
const lines = (text: string): readonly string[] => text.split('\n');

const diff = [
  '--- a/gitlab/gitlab.rb',
  '+++ b/gitlab/gitlab.rb',
  '@@ -1,2 +1,2 @@',
  '-mine \u001b[2J\t!',
  ...Array.from({ length: 30 }, (_, at) => `+line ${at}`),
  '',
].join('\n');
const changed = {
  ...somePlan,
  files: [{ path: 'gitlab/gitlab.rb', change: 'update' as const, byHand: true, diff }],
};

describe('a plan', () => {
  it('shows differences shortened, without what would move the cursor', () => {
    const text = renderStackPlan(changed, view);
    expect(text).toContain('~ gitlab/gitlab.rb  changed by hand: --replace or --keep');
    expect(text).toContain('    -mine  !\n    +line 0\n');
    expect(text).toContain('… 20 lines more');
    expect(text).not.toContain('\u001b');
  });

  it('has in red what a person has changed and what a template wants beyond the rules', () => {
    const grants = [{ grant: 'monitoring: host root mount', why: 'It reads the host.', given: false }];
    const text = renderStackPlan({ ...changed, grants }, { ...view, colour: true });
    expect(text).toContain(red('  ~ gitlab/gitlab.rb  changed by hand: --replace or --keep'));
    expect(text).toContain(red('  ! monitoring: host root mount (not agreed): It reads the host.'));
  });

  it('says how long a service is away, and that nothing would be done', () => {
    const service = { service: 'gitlab', change: 'recreate' as const, why: 'x changes', awaySeconds: 180 };
    expect(renderStackPlan({ ...somePlan, services: [service] }, view)).toContain(
      'gitlab   recreate  about 3 min  x changes',
    );
    const nothing = { ...somePlan, files: [], services: [], pulls: [], isNothing: true };
    expect(renderStackPlan(nothing, view)).toContain('there is nothing to do.');
  });

  it('counts what stands against it', () => {
    const issue = {
      key: 'stack.port-taken',
      severity: 'error' as const,
      subject: '443',
      message: 'M.',
      next: 'N.',
    };
    expect(renderStackPlan({ ...somePlan, issues: [issue] }, view)).toContain(
      '× M.\n  N.\n  stack.port-taken, 443\n\n1 thing of the above stands against it.',
    );
  });

  it('of wrong answers says what is wrong with each', () => {
    const problem = {
      field: 'lab',
      key: 'stack.lab-name',
      message: 'It is too long.',
      next: 'Choose a shorter one.',
    };
    const text = renderPlannedStack(
      { valid: false, problems: [problem], plan: null, answers: null, services: [] },
      view,
    );
    expect(text).toBe('× It is too long.\n  Choose a shorter one.\n  stack.lab-name, lab\n');
  });

  it('stays within the screen', () => {
    const wide = lines(renderStackPlan(changed, { ...view, width: 60 })).map(columnsOf);
    expect(Math.max(...wide)).toBeLessThanOrEqual(60);
  });
});

const pulling: Progress = {
  ...someProgress,
  ...{ step: 'pull', message: 'Pulling 2 images', outcome: null },
  pulls: [
    { reference: 'example/gitlab:1@sha256:00', layers: [], current: 412e6, total: 1.6e9, done: false },
    { reference: 'example/traefik:1@sha256:00', layers: [], current: 50e6, total: 50e6, done: true },
  ],
};

describe('progress', () => {
  it('has one line for each image while they come', () => {
    expect(renderProgress(pulling, view)).toBe(
      [
        '· 5/9 pull: Pulling 2 images',
        '  example/gitlab:1   412 MB of 1.6 GB, 25 %',
        '  example/traefik:1  done',
        '',
      ].join('\n'),
    );
  });

  it('elsewhere than on a terminal is told once for each thing', () => {
    expect(progressLines(null, pulling)).toEqual(['pulled example/traefik:1', 'pull: Pulling 2 images']);
    expect(progressLines(pulling, { ...pulling, pulls: [...pulling.pulls] })).toEqual([]);
    expect(progressLines(pulling, { ...pulling, step: 'start', message: 'Starting' })).toEqual([
      'start: Starting',
    ]);
  });

  it('ends with what to do about an error', () => {
    const error = { key: 'stack.unhealthy', message: 'GitLab is not well.', next: 'Look at its log.' };
    const text = renderProgress({ ...someProgress, message: error.message, outcome: error.key, error }, view);
    expect(text).toBe('× GitLab is not well.\n  Look at its log.\n');
  });
});

describe('the status', () => {
  it('names services, address, certificate and what was done last', () => {
    const text = renderStackStatus(someStatus, view);
    expect(text).toContain('gitlab   healthy  3 min ago  0         example/gitlab:1');
    expect(text).toContain('local-ca, until 2027-01-15 (1157 days); devices trust /home/somebody');
    expect(text).toContain('Last         up, 1 min ago: done');
  });

  it('of no stack is one sentence', () => {
    const none = { ...someStatus, project: null, sentence: 'There is no stack.' };
    expect(renderStackStatus(none, view)).toBe('There is no stack.\n');
  });
});

describe('secrets', () => {
  it('are a list without values, or one value alone', () => {
    const secrets = [
      { name: 'mail-password', label: 'Mail', kind: 'asked' as const, template: 'mail', isSet: false },
    ];
    expect(renderStackSecrets({ secrets, value: null }, view)).toContain('mail-password  asked of you  Mail');
    expect(renderStackSecrets({ secrets, value: 'x' }, view)).toBe('x\n');
  });

  it('are said of the first password with two ways to set another, and of the root whom devices trust', () => {
    const first = { gitlabUrl: 'https://g', password: 'first', root: '/x/ca.crt', needsCodes: false };
    const text = renderWelcome(first, view);
    for (const part of ['first', 'Edit profile', 'gitlab:password:reset', '/x/ca.crt', 'autogit status'])
      expect(text).toContain(part);
    expect(text).not.toContain('autogit stack code');
    expect(renderWelcome({ ...first, needsCodes: true }, view)).toContain('autogit stack code');
  });

  it('are followed by the code for a second factor, with its age', () => {
    const shown = { code: 'ABCD2345', recipient: 'Eva <eva@x.org>', subject: 'x' };
    const text = renderStackCode({ ...shown, at: view.now - 120_000 }, view);
    for (const part of ['ABCD2345', 'Eva <eva@x.org>', '2 min']) expect(text).toContain(part);
    expect(renderStackCode({ ...shown, at: null }, view)).toContain('not told');
  });
});
