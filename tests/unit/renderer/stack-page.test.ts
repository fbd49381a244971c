import { describe, expect, it } from 'vitest';
import { stackQuestions } from '../../../main/templates/questions.ts';
import { emptyDraft, withValue } from '../../../renderer/state/stack-draft.ts';
import {
  isFound,
  placeProblems,
  presentWords,
  settingSections,
  shownFields,
  templateParts,
} from '../../../renderer/state/stack-form.ts';
import { changeRoute, serviceLook, stackTabOf } from '../../../renderer/state/stack.ts';
import { awaySentence, diffWords, parseDiff, planSentence } from '../../../renderer/state/stack-plan.ts';
import {
  paceOf,
  remainingMs,
  remainingWords,
  runLook,
  runSteps,
  withSample,
} from '../../../renderer/state/stack-run.ts';
import type { StackProgress } from '../../../renderer/state/stack-run.ts';
import { formatRoute, parseRoute } from '../../../renderer/state/route.ts';
import { imageSize, imageVersion } from '../../../renderer/ui/stack/sizes.ts';
import { somePlan, someStatus } from '../../fakes/fake-stack-calls.ts';
import { bundledTemplates, someFacts } from '../../fakes/stack-templates.ts';

const questions = stackQuestions(bundledTemplates(), someFacts());

function problem(field: string, key = 'stack.answer-invalid') {
  return { field, key, message: `${field} is wrong.`, next: 'Mend it.' };
}

describe('the form of a stack', () => {
  it('has every setting in one section', () => {
    const shown = settingSections(questions).flatMap(({ asked }) => asked.map(({ field }) => field));
    expect(shown.toSorted()).toEqual(questions.settings.map(({ field }) => field).toSorted());
    expect(settingSections(questions).map(({ title }) => title)).not.toContain('More');
  });

  it('finds a setting by its name, what it is for, its choices and its path', () => {
    const port = questions.settings.find(({ field }) => field === 'ports.https');
    if (port === undefined) throw new Error('no port is asked for');
    for (const search of ['', 'HTTPS', 'port address', 'ports.https'])
      expect(isFound(port, 'Ports', search)).toBe(true);
    expect(isFound(port, 'Ports', 'port mail')).toBe(false);
    expect(templateParts(questions, emptyDraft, 'smtp').map(({ template }) => template.id)).toEqual(['mail']);
  });

  it('puts each problem at its field, one of a group at its first, others above', () => {
    const draft = withValue(emptyDraft, 'sso', 'oidc');
    const fields = shownFields(questions, draft);
    const problems = [problem('ports.https'), problem('oidc'), problem('color'), problem('')];
    const { at, rest } = placeProblems(problems, fields, false);
    expect(Object.keys(at)).toEqual(['ports.https', 'oidc.provider']);
    expect(rest.map(({ field }) => field)).toEqual(['color', '']);
  });

  it('says what is only missing when somebody wants to go on', () => {
    const problems = [problem('data', 'stack.answer-missing')];
    expect(placeProblems(problems, ['data'], false)).toEqual({ at: {}, rest: [] });
    expect(Object.keys(placeProblems(problems, ['data'], true).at)).toEqual(['data']);
  });

  it('says what the stack has now where the answer is another', () => {
    const sso = questions.settings.find(({ field }) => field === 'sso');
    if (sso === undefined) throw new Error('sso is not asked for');
    expect(presentWords(sso, withValue(emptyDraft, 'sso', 'off'), emptyDraft)).toBe('Authelia');
    expect(presentWords(sso, withValue(emptyDraft, 'sso', 'authelia'), emptyDraft)).toBe(null);
    expect(presentWords(sso, withValue(emptyDraft, 'sso', 'off'), null)).toBe(null);
  });
});

describe('a plan in words', () => {
  it('counts what it does', () => {
    expect(planSentence(somePlan, imageSize)).toBe('It makes 2 services, writes 4 files and pulls 1.6 GB.');
    expect(planSentence({ ...somePlan, isNothing: true }, imageSize)).toContain('nothing to do');
    const issue = { key: 'x', message: 'x', next: 'x', severity: 'error' as const, subject: 'x' };
    expect(planSentence({ ...somePlan, issues: [issue] }, imageSize)).toBe('One thing stands against it.');
  });

  it('says how long something that runs is away, and nothing of what is new', () => {
    const of = (change: 'create' | 'recreate') =>
      awaySentence({ ...somePlan, services: [{ service: 'gitlab', change, why: '', awaySeconds: 180 }] });
    expect(of('create')).toBe(null);
    expect(of('recreate')).toMatch(/^gitlab does not answer for about 3 min\./);
  });

  it('has differences line by line with their numbers', () => {
    const diff = '--- a\n+++ b\n@@ -3,3 +3,4 @@\n same\n-old\n+new\n+-- x\n\\ No newline at end of file\n';
    const lines = parseDiff(diff);
    expect(lines.map(({ kind, before, after, text }) => [kind, before, after, text])).toEqual([
      ['hunk', null, null, '@@ -3,3 +3,4 @@'],
      ['same', 3, 3, 'same'],
      ['removed', 4, null, 'old'],
      ['added', null, 4, 'new'],
      ['added', null, 5, '-- x'],
    ]);
    expect(diffWords(lines)).toBe('+2 \u22121');
  });
});

describe('a run in words', () => {
  const progress: StackProgress = {
    ...{ run: 1, verb: 'up', step: 'pull', message: '', pulls: [], outcome: null, error: null },
  };
  const error = { key: 'x', message: 'x', next: 'x' };

  it('says which steps are done, now and next, and where it has ended', () => {
    const states = (change: Partial<StackProgress>): string =>
      runSteps({ ...progress, ...change })
        .map(({ state }) => state[0])
        .join('');
    expect(states({})).toBe('ddddnnnnn');
    expect(runSteps(progress)[4]?.state).toBe('now');
    expect(runSteps({ ...progress, step: null })[0]?.state).toBe('next');
    expect(states({ outcome: 'done' })).toBe('ddddddddd');
    expect(states({ outcome: 'stack.x', error })).toBe('ddddfllll');
    expect(states({ verb: 'restart', step: 'health' })).toBe('dn');
  });

  it('that was broken off is neither done nor failed', () => {
    expect(runLook({ ...progress, error }).tone).toBe('unknown');
    expect(runLook({ ...progress, outcome: 'rolled-back', error }).tone).toBe('waiting');
  });

  it('tells the time that is left only where pace and sizes are known', () => {
    const samples = [0, 1, 2, 3, 4].reduce<ReturnType<typeof withSample>>(
      (all, second) => withSample(all, { at: second * 1000, bytes: second * 10_000_000 }),
      [],
    );
    const pace = paceOf(samples, 4_000);
    expect(pace).toBe(10_000_000);
    expect(paceOf(samples.slice(0, 2), 1_000)).toBe(null);
    // Nothing has come for longer than the pace is measured over.
    expect(paceOf(samples, 60_000)).toBe(null);
    const pull = { reference: 'a', layers: [], current: 4e7, total: 16e8, done: false };
    expect(remainingWords(remainingMs([pull], pace))).toBe('about 3 min left');
    expect(remainingMs([pull, { ...pull, total: 0 }], pace)).toBe(null);
    expect(remainingMs([pull], null)).toBe(null);
  });

  it('measures anew when another one begins', () => {
    expect(withSample([{ at: 1, bytes: 9 }], { at: 2, bytes: 0 })).toEqual([{ at: 2, bytes: 0 }]);
  });
});

describe('services and addresses', () => {
  const [service] = someStatus.services;
  if (service === undefined) throw new Error('there is no service');

  it('without a container are down or gone, as the stack is', () => {
    const missing = { ...service, state: 'missing' as const };
    expect([serviceLook(missing, true).tone, serviceLook(missing, false).tone]).toEqual(['idle', 'failed']);
    expect(serviceLook({ ...service, health: 'unhealthy' }, false).tone).toBe('failed');
    expect(serviceLook({ ...service, state: 'exited', exitCode: 137 }, false).word).toBe('Ended with 137');
  });

  it('carry answers to the set-up and back', () => {
    const answers = { tls: { mode: 'acme-http', email: 'a&b=c#@example.net' } };
    const route = parseRoute(formatRoute(changeRoute(answers)));
    expect(stackTabOf(route?.query ?? {})).toBe('change');
    expect(JSON.parse(route?.query['answers'] ?? '')).toEqual(answers);
    expect(changeRoute().query['answers']).toBe('');
  });

  it('have sizes and versions as people read them', () => {
    expect([0, 999, 26_000_000, 1_600_000_000, 250e9].map(imageSize)).toEqual([
      ...['0 B', '999 B', '26 MB', '1.6 GB', '250 GB'],
    ]);
    expect(imageVersion('gitlab/gitlab-ce:19.3.0-ce.0@sha256:00')).toBe('19.3.0-ce.0');
    expect(imageVersion('localhost:5000/traefik')).toBe(null);
  });
});
