import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswers, readAnswers } from '../../../main/templates/read-answers.ts';

const three = { lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } };

function keysOf(raw: unknown): readonly (readonly [string, string])[] {
  const read = readAnswers(raw);
  return read.ok ? [] : read.problems.map(({ field, key }) => [field, key]);
}

function textProblem(text: string): string {
  const read = parseAnswers(text);
  return read.ok ? 'fine' : read.problems.map(({ key, message }) => `${key}: ${message}`).join('; ');
}

describe('answers', () => {
  it('are whole with three decisions', () => {
    expect(readAnswers(three)).toMatchObject({
      ok: true,
      answers: { ...three, sso: 'authelia', ports: { http: 80, https: 443, ssh: 2222, dns: 53 }, grants: [] },
    });
  });

  it.each([
    [
      {},
      [
        ['lab', 'stack.answer-missing'],
        ['data', 'stack.answer-missing'],
        ['tls', 'stack.answer-missing'],
      ],
    ],
    [undefined, [['', 'stack.answers-missing']]],
    [null, [['', 'stack.answers-missing']]],
    [[], [['', 'stack.answers-unreadable']]],
    [{ ...three, lab: 'my_lab' }, [['lab', 'stack.name-underscore']]],
    [{ ...three, lab: 'Lab' }, [['lab', 'stack.name-uppercase']]],
    [{ ...three, lab: '9' }, [['lab', 'stack.lab-name']]],
    [{ ...three, lab: 'lab-' }, [['lab', 'stack.name-labels']]],
    [{ ...three, lab: 7 }, [['lab', 'stack.answer-invalid']]],
    [{ ...three, data: '' }, [['data', 'stack.answer-invalid']]],
    [{ ...three, ports: { https: 0 } }, [['ports.https', 'stack.port-range']]],
    [{ ...three, ports: { https: 65_536 } }, [['ports.https', 'stack.port-range']]],
    [{ ...three, ports: { ssh: '22' } }, [['ports.ssh', 'stack.port-range']]],
    [{ ...three, ports: { ssh: 22.5 } }, [['ports.ssh', 'stack.port-range']]],
    [{ ...three, domain: 'a.'.repeat(130) }, [['domain', 'stack.name-too-long']]],
    [{ ...three, tls: { mode: 'magic' } }, [['tls.mode', 'stack.answer-invalid']]],
    [{ ...three, tls: {} }, [['tls.mode', 'stack.answer-missing']]],
    [{ ...three, tls: { mode: 'acme-http', email: 'me' } }, [['tls.email', 'stack.email']]],
    [{ ...three, admin: { email: 'x' } }, [['admin.email', 'stack.email']]],
    [{ ...three, address: '300.1.1.1' }, [['address', 'stack.answer-invalid']]],
    [{ ...three, preset: 'huge' }, [['preset', 'stack.answer-invalid']]],
    [{ ...three, prot: {} }, [['prot', 'stack.answer-unknown']]],
    [{ ...three, ports: { htps: 1 } }, [['ports.htps', 'stack.answer-unknown']]],
    [{ ...three, templates: { 'a/b': {} } }, [['templates.a/b', 'stack.answer-invalid']]],
  ])('%j: %j', (raw, expected) => {
    expect(keysOf(raw)).toEqual(expected);
  });

  it('name the word that was meant', () => {
    const read = readAnswers({ ...three, tls: { mode: 'own', certificat: '/x', key: '/y' } });
    expect(read.ok ? [] : read.problems.map(({ next }) => next)).toContain('Did you mean certificate?');
  });

  it('of any kind end in answers or in problems with a next step', () => {
    fc.assert(
      fc.property(fc.anything(), (raw) => {
        const read = readAnswers(raw);
        if (read.ok) return;
        expect(read.problems.length).toBeGreaterThan(0);
        for (const { key, message, next } of read.problems) {
          expect(key).toMatch(/^stack\.[a-z-]+$/);
          expect(message).not.toBe('');
          expect(next).not.toBe('');
        }
      }),
    );
  });
});

describe('a file of answers', () => {
  it('may be YAML or JSON, with tabs, and means itself', () => {
    expect(parseAnswers('lab: lab\ndata: /srv/${HOME}\ntls: { mode: local-ca }\n')).toMatchObject({
      ok: true,
      answers: { data: '/srv/${HOME}' },
    });
    expect(parseAnswers(JSON.stringify(three, null, '\t'))).toMatchObject({ ok: true, answers: three });
  });

  it.each([
    ['a tag', 'lab: !!str lab', /tag/],
    ['a tag of JavaScript', 'lab: !!js/function x', /tag/i],
    ['a tag with code', 'lab: !ruby/object:Gem {}', /tag/i],
    ['an anchor', 'lab: &a lab', /anchor/],
    ['an alias', 'lab: &a lab\ndata: *a', /alias|anchor/],
    ['a doubled key', 'lab: a\nlab: b', /unique/],
    ['two documents', 'lab: a\n---\nlab: b', /document/],
    ['broken YAML', 'lab: [', /./],
    ['too much text', `# ${'x'.repeat(200_000)}`, /longer/],
    ['depth without end', '['.repeat(50_000), /./],
  ])('with %s is refused', (_, text, why) => {
    expect(textProblem(text)).toMatch(/^stack\.answers-unreadable: /);
    expect(textProblem(text)).toMatch(why);
  });

  it('that is a bomb of aliases is refused at once', () => {
    const levels = Array.from({ length: 20 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
    expect(textProblem(`a-1: &a-1 [x]\n${levels.join('\n')}`)).toMatch(/^stack\.answers-unreadable/);
  });

  it('can not reach into objects by __proto__', () => {
    expect(textProblem('__proto__: { lab: x }\nlab: lab\ndata: /srv/lab\ntls: { mode: local-ca }')).not.toBe(
      'fine',
    );
    expect(Object.hasOwn(Object.prototype, 'lab')).toBe(false);
  });

  it('of any text ends in answers or in problems', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof parseAnswers(text).ok).toBe('boolean');
      }),
    );
  });
});
