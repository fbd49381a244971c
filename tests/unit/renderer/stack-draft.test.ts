import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stackQuestions } from '../../../main/templates/questions.ts';
import { readAnswers } from '../../../main/templates/read-answers.ts';
import {
  allAsked,
  draftOf,
  emptyDraft,
  givenAnswers,
  isAsked,
  isChosen,
  valueAt,
  withGiven,
  withValue,
} from '../../../renderer/state/stack-draft.ts';
import type { Draft } from '../../../renderer/state/stack-draft.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

const questions = stackQuestions(bundledTemplates(), someFacts());

function answered(...answers: readonly (readonly [string, string | boolean])[]): Draft {
  return answers.reduce((draft, [field, value]) => withValue(draft, field, value), emptyDraft);
}

const fieldsAsked = (draft: Draft): string[] =>
  allAsked(questions)
    .filter((one) => isAsked(one, draft, questions))
    .map(({ field }) => field);

describe('a draft of answers', () => {
  it('holds what was typed at its path, and nothing of what was taken back', () => {
    const draft = answered(['ports.https', '8443'], ['tls.mode', 'own']);
    expect(draft).toEqual({ ports: { https: '8443' }, tls: { mode: 'own' } });
    expect(valueAt(draft, 'ports.https')).toBe('8443');
    expect(withValue(draft, 'ports.https', undefined)).toEqual({ tls: { mode: 'own' } });
    expect(valueAt(draft, 'ports.https.more')).toBeUndefined();
    expect(valueAt(draft, 'toString')).toBeUndefined();
  });

  it('keeps a template that was chosen when its last answer is taken back', () => {
    const draft = withValue(withValue(emptyDraft, 'templates.mail', {}), 'templates.mail.host', 'a.b');
    expect(withValue(draft, 'templates.mail.host', undefined)).toEqual({ templates: { mail: {} } });
    expect(withValue(draft, 'templates.mail', undefined)).toEqual({});
  });

  it('of present answers is accepted as it is, and means the same', () => {
    const answers = someAnswers({
      ...{
        address6: 'fd00::10',
        preset: 'team',
        templates: { mail: { host: 'a.example', from: 'a@b.example' } },
      },
      tls: { mode: 'acme-dns', email: 'a@b.example', provider: 'ovh', options: { OVH_ENDPOINT: 'ovh-eu' } },
      directory: { kind: 'ldap', address: 'ldap://a', plain: true, baseDn: 'dc=a', user: 'cn=a' },
    });
    expect(readAnswers(givenAnswers(draftOf(answers), questions))).toEqual({ ok: true, answers });
  });
});

describe('answers that are given', () => {
  it('are read as what is asked for; what cannot be read goes as it is', () => {
    const draft = answered(
      ...([
        ['ports.https', ' 8443 '],
        ['ports.ssh', 'many'],
        ['dns.upstream', '1.1.1.1, 9.9.9.9'],
      ] as const),
      ...([
        ['domain', '  '],
        ['policy.signUp', true],
      ] as const),
    );
    expect(givenAnswers(draft, questions)).toEqual({
      ...{ ports: { https: 8443, ssh: 'many' }, policy: { signUp: true } },
      dns: { mode: 'coredns', upstream: ['1.1.1.1', '9.9.9.9'] },
    });
  });

  it('are those that are asked alone: nothing of another way to certificates, or of a provider that is none', () => {
    const draft = answered(
      ...([
        ['tls.email', 'a@b.example'],
        ['tls.certificate', '/a.pem'],
        ['tls.mode', 'acme-http'],
      ] as const),
      ...([
        ['oidc.issuer', 'https://a.example'],
        ['directory.kind', 'ldap'],
        ['sso', 'off'],
      ] as const),
    );
    expect(givenAnswers(draft, questions)).toEqual({
      ...{ tls: { email: 'a@b.example', mode: 'acme-http' }, sso: 'off' },
    });
  });

  it('never have more than the schema knows, whatever was typed and chosen', () => {
    const fields = allAsked(questions);
    const answer = fc
      .nat({ max: fields.length - 1 })
      .chain((at) =>
        fc
          .oneof(
            fc.string({ maxLength: 12 }),
            fc.constantFrom('', ...(fields[at]?.choices ?? []).map(({ value }) => value)),
          )
          .map((value) => [fields[at]?.field ?? '', value] as const),
      );
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 20 }), (answers) => {
        const read = readAnswers(givenAnswers(answered(...answers), questions));
        const keys = read.ok ? [] : read.problems.map(({ key }) => key);
        expect(keys).not.toContain('stack.answer-unknown');
      }),
      { numRuns: 200 },
    );
  });
});

describe('what is asked', () => {
  it('follows from other answers, those that are asked themselves', () => {
    expect(fieldsAsked(emptyDraft)).not.toContain('directory.usersFilter');
    const custom = answered(['directory.kind', 'ldap'], ['directory.implementation', 'custom']);
    expect(fieldsAsked(custom)).toContain('directory.usersFilter');
    expect(fieldsAsked(withValue(custom, 'sso', 'off'))).not.toContain('directory.usersFilter');
  });

  it('of a template is asked where it is chosen, or comes with another answer', () => {
    const all = allAsked(questions);
    const chosen = (draft: Draft): string[] =>
      questions.templates.filter((one) => isChosen(one, draft, all)).map(({ id }) => id);
    expect(chosen(emptyDraft)).toEqual(['gitlab', 'traefik', 'authelia', 'coredns']);
    expect(chosen(withValue(answered(['sso', 'off'], ['dns.mode', 'own']), 'templates.mail', {}))).toEqual([
      ...['gitlab', 'traefik', 'mail'],
    ]);
  });
});

describe('answers in an address', () => {
  const present = answered(['lab', 'lab'], ['tls.mode', 'local-ca']);

  it('take the place of the present ones', () => {
    const text = JSON.stringify({ tls: { mode: 'acme-http', email: 'a@b.example', ca: null } });
    expect(withGiven(present, text)).toEqual({
      lab: 'lab',
      tls: { mode: 'acme-http', email: 'a@b.example' },
    });
  });

  it('that are none, or nothing that is asked for, change nothing', () => {
    for (const text of [
      undefined,
      '',
      '{',
      '[]',
      '7',
      'null',
      '{"constructor":{"x":1},"__proto__":{"lab":"x"}}',
    ])
      expect(withGiven(present, text)).toEqual(present);
  });
});
