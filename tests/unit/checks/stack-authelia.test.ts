// What would keep Authelia from starting, as far as it can be seen before: its files, its people, whom it asks.
import { describe, expect, it } from 'vitest';
import { checkAutheliaPeople } from '../../../main/checks/stack/authelia-people.ts';
import { checkAutheliaReach } from '../../../main/checks/stack/authelia-reach.ts';
import { checkAutheliaRules } from '../../../main/checks/stack/authelia-rules.ts';
import type { StackSubject } from '../../../main/checks/stack/check.ts';
import { keptMark } from '../../../main/model/stack/kept.ts';
import { hashOf } from '../../../main/model/stack/content-hash.ts';
import type { RenderedStack } from '../../../main/model/stack/stack.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';
import { someSubject } from '../../fakes/stack-subject.ts';

const path = 'authelia/configuration.yml';

function render(change: Readonly<Record<string, unknown>> = {}): RenderedStack {
  const rendering = renderStack({
    ...{ answers: someAnswers(change), templates: bundledTemplates(), facts: someFacts() },
  });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  return rendering.stack;
}

const stack = render();
const own = stack.files.find((file) => file.path === path)?.content ?? '';

/** The stack with a file on disk; `written`: what AutoGit remembers of it. */
function withFile(name: string, content: string, written: (hash: string) => string): StackSubject {
  const hash = hashOf(content);
  const nothing = { answers: null, secrets: [], images: null, containers: null, started: {} };
  const present = { ...nothing, files: [{ path: name, content, hash }], written: { [name]: written(hash) } };
  return { ...someSubject, stack, present };
}

const kept = (hash: string): string => keptMark(hash, path);
const broken = own.replace('domain: "lab.home.arpa"', 'domain: "home.arpa"');

describe('the configuration of Authelia', () => {
  it('that AutoGit writes has nothing wrong', () => {
    expect(checkAutheliaRules({ ...someSubject, stack, present: null })).toEqual([]);
  });

  it('that a person keeps stands against a start when Authelia would refuse it', () => {
    expect(checkAutheliaRules(withFile(path, broken, kept))).toMatchObject([
      { key: 'stack.authelia-refuses', severity: 'error' },
    ]);
  });

  it('that a person has changed is a warning, as it may still be replaced', () => {
    expect(checkAutheliaRules(withFile(path, broken, () => 'other'))).toMatchObject([
      { severity: 'warning' },
    ]);
  });

  it('that is no YAML is noticed', () => {
    const [found] = checkAutheliaRules(withFile(path, 'theme: [', kept));
    expect(found?.message).toContain('no YAML');
  });

  it('is judged with the variables of a Compose file that a person keeps, in both forms', () => {
    const compose = (environment: string): string =>
      `services:\n  authelia:\n    environment:\n${environment}`;
    const of = (environment: string) =>
      checkAutheliaRules(
        withFile('compose.yaml', compose(environment), (hash) => keptMark(hash, 'compose.yaml')),
      ).map(({ message }) => message);
    expect(of('      - AUTHELIA_SESION_NAME=x\n').join()).toContain('AUTHELIA_SESION_NAME');
    expect(of('      AUTHELIA_SESION_NAME: x\n').join()).toContain('storage.encryption_key is missing');
  });

  const keptCompose = (content: string) =>
    checkAutheliaRules(withFile('compose.yaml', content, (hash) => keptMark(hash, 'compose.yaml')));
  const composed = stack.files.find((file) => file.path === 'compose.yaml')?.content ?? '';

  it('misses nothing with a kept Compose file whose variables are named once and merged', () => {
    const merged = composed
      .replace(/^services:\n/m, 'x-common: &common\n  AUTHELIA_THEME: dark\nservices:\n')
      .replace(/^( +)X_AUTHELIA_CONFIG:/m, '$1<<: *common\n$&');
    expect(merged).toContain('<<: *common');
    expect(keptCompose(merged)).toEqual([]);
    const onlyMerged = composed
      .replace(/^services:\n/m, 'x-common: &common\n  AUTHELIA_SESION_NAME: x\nservices:\n')
      .replace(/^( +)X_AUTHELIA_CONFIG:/m, '$1<<: *common\n$&');
    expect(keptCompose(onlyMerged)).toMatchObject([{ severity: 'warning' }]);
  });

  it.each([
    ['cannot be read', 'services: ['],
    ['has its services elsewhere', 'include: [other.yaml]\n'],
    ['reads variables from a file', 'services:\n  authelia:\n    env_file: authelia.env\n'],
    ['takes the service from another', 'services:\n  authelia:\n    extends: other\n'],
  ])('misses nothing with a kept Compose file that %s', (_, content) => {
    expect(keptCompose(content)).toEqual([]);
  });

  it('that a person keeps is a warning, where Authelia is started with other files beside', () => {
    const config = '      X_AUTHELIA_CONFIG: /config/configuration.yml,/config/more.yml\n';
    const found = keptCompose(`services:\n  authelia:\n    environment:\n${config}`);
    expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
  });

  it('that a person keeps with lines of its filter is not refused for being no YAML', () => {
    const ranged = own.replace('\nsession:', '\n{{- if env "MORE" }}\n  - \'x\': [\n{{- end }}\nsession:');
    expect(checkAutheliaRules(withFile(path, ranged, kept))).toMatchObject([{ severity: 'warning' }]);
    expect(checkAutheliaRules(withFile(path, 'theme: [', kept))).toMatchObject([{ severity: 'error' }]);
  });
});

describe('the file of people', () => {
  it.each([
    ['missing', 'warning'],
    ['empty', 'warning'],
    ['nobody', 'warning'],
    ['broken', 'error'],
  ] as const)('that is %s is told as %s', (state, severity) => {
    const around = { ...someSubject.around, people: { state, why: 'line 3' } };
    expect(checkAutheliaPeople({ ...someSubject, stack, around })).toMatchObject([
      { key: 'stack.authelia-people', severity },
    ]);
  });

  it('that is fine, or that nobody could read, is not told', () => {
    for (const people of [null, { state: 'fine' as const, why: null }])
      expect(
        checkAutheliaPeople({ ...someSubject, stack, around: { ...someSubject.around, people } }),
      ).toEqual([]);
  });
});

describe('whom Authelia asks', () => {
  const directory = { kind: 'ldap', address: 'ldaps://ldap.example.net', baseDn: 'dc=x', user: 'cn=x' };
  const asking = render({
    directory,
    templates: { mail: { host: 'smtp.example.net', from: 'lab@example.net' } },
  });

  it('is missed: the directory stands against a start, the mail server does not', () => {
    const around = {
      ...someSubject.around,
      unreached: { directory: 'nothing listens there', mail: 'nobody' },
    };
    expect(checkAutheliaReach({ ...someSubject, stack: asking, around })).toMatchObject([
      { key: 'stack.directory-away', severity: 'error' },
      { key: 'stack.mail-away', severity: 'warning' },
    ]);
  });

  it('is there, or was not asked', () => {
    for (const unreached of [{}, { directory: null, mail: null }])
      expect(
        checkAutheliaReach({ ...someSubject, stack: asking, around: { ...someSubject.around, unreached } }),
      ).toEqual([]);
  });
});
