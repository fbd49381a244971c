// What is said of a way to certificates before anything asks for one.
import { describe, expect, it } from 'vitest';
import {
  caaCheck,
  domainCheck,
  limitChecks,
  reachChecks,
  tokenCheck,
} from '../../../main/plan/acme-findings.ts';
import type { OutsideView } from '../../../main/plan/acme-findings.ts';
import type { PublicCaa } from '../../../main/model/stack/acme-outside.ts';

const caa = (tag: string, value: string, critical = false): PublicCaa => ({ tag, value, critical });
const stateOf = (records: readonly PublicCaa[], isWild = false): string =>
  caaCheck('lab.example.net', { caa: { at: 'example.net', records } }, isWild).state;

describe('CAA records', () => {
  it('allow everybody where there are none, and those whom they name', () => {
    expect(stateOf([])).toBe('good');
    expect(stateOf([caa('issue', 'letsencrypt.org')])).toBe('good');
    expect(stateOf([caa('issue', 'letsencrypt.org; validationmethods=dns-01')])).toBe('good');
    expect(stateOf([caa('issue', 'pki.goog'), caa('issue', 'LetsEncrypt.org')])).toBe('good');
    expect(stateOf([caa('iodef', 'mailto:a@b.net')])).toBe('good');
  });

  it('forbid by another name, by nobody, and by what nobody understands', () => {
    expect(stateOf([caa('issue', 'pki.goog')])).toBe('bad');
    expect(stateOf([caa('issue', ';')])).toBe('bad');
    expect(stateOf([caa('other', 'x', true)])).toBe('bad');
    expect(stateOf([caa('other', 'x', false)])).toBe('good');
  });

  it('have rules of their own for wildcards', () => {
    expect(stateOf([caa('issue', 'letsencrypt.org')], true)).toBe('good');
    expect(stateOf([caa('issue', 'letsencrypt.org'), caa('issuewild', ';')], true)).toBe('bad');
    expect(stateOf([caa('issue', 'letsencrypt.org'), caa('issuewild', ';')], false)).toBe('good');
    expect(caaCheck('a.net', { caa: { at: 'a.net', records: [caa('issue', 'x')] } }, true).next).toBe(
      'Add at a.net: CAA 0 issue "letsencrypt.org" and CAA 0 issuewild "letsencrypt.org"',
    );
  });
});

it('a domain that nobody has registered is bad, and one that nobody can ask about unknown', () => {
  expect(domainCheck('a.net', { zone: '' }).state).toBe('bad');
  expect(domainCheck('a.net', { zone: null }).state).toBe('unknown');
  expect(domainCheck('lab.a.net', { zone: 'a.net' }).state).toBe('good');
});

const view: OutsideView = {
  ...{ name: 'gitlab.a.net', network: '203.0.113.5', httpPort: 80 },
  ...{ addresses: ['192.168.1.10'], addresses6: ['2001:db8::10'] },
  found: { addresses: ['203.0.113.5'], addresses6: [] },
};
const reach = (change: Partial<OutsideView>): readonly string[] =>
  reachChecks({ ...view, ...change }).map(({ state }) => state);
const found = (addresses: readonly string[], addresses6: readonly string[] = []) => ({
  found: { addresses, addresses6 },
});

describe('the way in from outside', () => {
  it('cannot be proven behind a router, and is said to be so', () => {
    expect(reachChecks(view)[0]).toMatchObject({
      state: 'warning',
      message: expect.stringContaining('cannot be seen from inside') as string,
    });
  });

  it('is there where the name leads to this machine itself, on port 80', () => {
    const here = { ...found(['198.51.100.1']), addresses: ['198.51.100.1'] };
    expect(reach(here)).toEqual(['good']);
    expect(reach({ ...here, httpPort: 8080 })).toEqual(['bad']);
  });

  it('is not there without an address, with a private one, and with that of somebody else', () => {
    expect(reach(found([]))).toEqual(['bad']);
    expect(reach(found(['192.168.1.10']))).toEqual(['bad']);
    expect(reach(found(['100.64.0.1']))).toEqual(['bad']);
    expect(reach(found(['198.51.100.1']))).toEqual(['bad']);
    expect(reach({ ...found(['198.51.100.1']), network: null })).toEqual(['unknown']);
    expect(reach({ found: null })).toEqual(['unknown']);
  });

  it('is asked by IPv6 first: an AAAA record that leads elsewhere is bad', () => {
    expect(reach(found(['203.0.113.5'], ['2001:db8::99']))).toEqual(['warning', 'bad']);
    expect(reach(found(['203.0.113.5'], ['2001:db8::10']))).toEqual(['warning', 'good']);
  });
});

describe("Let's Encrypt's limits", () => {
  const now = 1_800_000_000_000;
  const hour = 3_600_000;
  const tries = (count: number, isDone: boolean, ago: number) =>
    Array.from({ length: count }, (_, index) => ({ at: now - ago - index, names: 'a.net', isDone }));

  it('are told one before, and when they are reached', () => {
    expect(limitChecks(tries(3, false, hour / 2), now)).toEqual([]);
    expect(limitChecks(tries(4, false, hour / 2), now).map(({ state }) => state)).toEqual(['warning']);
    expect(limitChecks(tries(5, false, hour / 2), now).map(({ state }) => state)).toEqual(['bad']);
    expect(limitChecks(tries(5, true, 24 * hour), now)[0]?.message).toContain('5 of the 5 certificates');
  });

  it('are over after an hour, and after a week', () => {
    expect(limitChecks(tries(5, false, hour + 1), now)).toEqual([]);
    expect(limitChecks(tries(5, true, 7 * 24 * hour + 1), now)).toEqual([]);
  });
});

it('each verdict on a token is a sentence of its own', () => {
  const kinds = [
    'incomplete',
    'wrong-token',
    'no-zone',
    'read-only',
    'unreachable',
    'busy',
    'occupied',
    'left',
    'not-tried',
  ] as const;
  const words = { title: 'Cloudflare', url: 'https://a', help: 'Make one.' };
  const messages = kinds.map((kind) => tokenCheck({ kind, said: 'no' }, 'a.net', words).message);
  expect(new Set(messages).size).toBe(kinds.length);
  expect(tokenCheck({ kind: 'good', zone: 'a.net' }, 'a.net', words).state).toBe('good');
});
