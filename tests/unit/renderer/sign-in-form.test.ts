import { describe, expect, it } from 'vitest';
import { testLook } from '../../../renderer/state/access-tones.ts';
import { emptyDirectory, emptyOidc, readDirectory, readOidc } from '../../../renderer/state/sign-in-form.ts';

const whole = { ...emptyDirectory, address: ' ldap.example.net ', baseDn: 'dc=example', user: 'cn=reader' };

describe('a directory', () => {
  it.each([
    ['ldaps', { address: 'ldaps://ldap.example.net', startTls: false, plain: false }],
    ['starttls', { address: 'ldap://ldap.example.net', startTls: true, plain: false }],
    ['plain', { address: 'ldap://ldap.example.net', startTls: false, plain: true }],
  ] as const)('is asked by %s', (way, directory) => {
    expect(readDirectory({ ...whole, way }).input?.directory).toMatchObject({ kind: 'ldap', ...directory });
  });

  it('is asked with the password and for the person that were given', () => {
    const { input, line } = readDirectory({ ...whole, password: 'a secret', search: "o'neill" });
    expect(input).toMatchObject({ password: 'a secret', search: "o'neill" });
    expect(line).toBe("autogit directory test 'o'\\''neill' --answers lab.yaml --password");
    expect(line).not.toContain('a secret');
  });

  it('is told field by field what is missing, the first one first', () => {
    const { input, errors } = readDirectory(emptyDirectory);
    expect([input, Object.keys(errors)]).toEqual([null, ['address', 'baseDn', 'user']]);
    expect(Object.keys(readDirectory({ ...whole, address: 'a b' }).errors)).toEqual(['address']);
  });

  it('keeps as it comes what is left empty', () => {
    expect(readDirectory(whole).input?.directory).toMatchObject({ usersFilter: null, ca: null });
  });
});

describe('another provider', () => {
  it('is read, its secret for the test alone', () => {
    const texts = {
      ...emptyOidc,
      provider: 'keycloak',
      issuer: 'https://kc.example.net',
      clientId: 'gitlab',
    };
    const { input, line } = readOidc({ ...texts, secret: 'a secret' });
    expect(input).toMatchObject({ oidc: { provider: 'keycloak', clientId: 'gitlab' }, secret: 'a secret' });
    expect(line).not.toContain('a secret');
    expect(readOidc(texts).input).not.toHaveProperty('secret');
  });

  it.each(['http://kc.example.net', 'kc.example.net', ''])('is not at %s', (issuer) => {
    const { input, errors } = readOidc({ ...emptyOidc, issuer, clientId: 'gitlab' });
    expect([input, Object.keys(errors)]).toEqual([null, ['issuer']]);
  });
});

describe('a test of a sign-in', () => {
  it.each([
    [null, 'Not tried yet'],
    [{ good: true }, 'Works'],
    [{ good: false }, 'Does not work'],
  ])('%j', (last, word) => expect(testLook(last).word).toBe(word));
});
