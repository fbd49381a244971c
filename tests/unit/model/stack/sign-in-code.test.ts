import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stackAnswersSchema } from '../../../../main/model/stack/answers.ts';
import { needsCodes, readWrittenMessage } from '../../../../main/model/stack/sign-in-code.ts';

const head = [
  'Date: 2026-11-22 12:26:10.123456789 +0100 CET m=+42.100000001',
  'Recipient: {Eva Example eva@example.org}',
  'Subject: Confirm your identity',
];
const rule = '-'.repeat(40);

describe('a message that Authelia has written', () => {
  it('is read with its code, its time and whom it is for', () => {
    const body = ['A ONE-TIME CODE HAS BEEN GENERATED', '', rule, '', 'ABCD2345', '', rule, '', 'Powered by'];
    expect(readWrittenMessage([...head, ...body].join('\n'))).toEqual({
      ...{ at: Date.UTC(2026, 10, 22, 11, 26, 10, 123), recipient: 'Eva Example eva@example.org' },
      ...{ subject: 'Confirm your identity', code: 'ABCD2345' },
    });
  });

  it('has no code where none stands alone between two rules', () => {
    const body = [rule, '', 'https://auth.lab/revoke/ABCD', '', rule, 'ABCD2345'];
    expect(readWrittenMessage([...head, ...body].join('\n'))?.code).toBeNull();
  });

  it('is none in an empty file, and has no time where none is told', () => {
    expect(readWrittenMessage(' \n')).toBeNull();
    expect(readWrittenMessage('Date: soon\nSubject: x')).toEqual({
      ...{ at: null, recipient: '', subject: 'x', code: null },
    });
  });

  it('is read whatever it says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(() => readWrittenMessage([...head, text].join('\n'))).not.toThrow();
        expect(() => readWrittenMessage(text)).not.toThrow();
      }),
    );
  });
});

describe('codes', () => {
  it('are needed where a second factor is asked for and no mail goes out', () => {
    const base = { lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } };
    const needs = (change: Readonly<Record<string, unknown>>): boolean =>
      needsCodes(stackAnswersSchema.parse({ ...base, ...change }));
    const authelia = { factors: 'two_factor' };
    expect(needs({ templates: { authelia } })).toBe(true);
    expect(needs({ templates: { authelia, mail: { host: 'x' } } })).toBe(false);
    expect(needs({ templates: { authelia: { factors: 'one_factor' } } })).toBe(false);
    expect(needs({})).toBe(false);
    expect(needs({ templates: { authelia }, sso: 'off' })).toBe(false);
  });
});
