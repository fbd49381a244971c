// What is taken out of texts, and what stays readable.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowedPart, fields } from '../../../../main/plan/diagnose/allow.ts';
import { createClean, removed } from '../../../../main/plan/diagnose/redact.ts';

const encode = (text: string): string => Buffer.from(text).toString('base64');
const clean = createClean([], encode);
const pem = `-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjE\nAAAABG5vbmU\n-----END OPENSSH PRIVATE KEY-----`;

describe('what looks like a secret', () => {
  it.each([
    ['token glpat-AbCdEfGhIjKlMnOpQrSt failed', 'glpat-'],
    ['x_glrt-t1_AbCdEfGhIjKlMnOpQrSt', 'AbCdEf'],
    ['glrtr-abcdefghijk glcbt-64_abcdefghij', 'abcdefghij'],
    ['registered with GR1348941aBcDeFgHiJkLmNo', 'aBcDeF'],
    [`before\n${pem}\nafter`, 'b3BlbnNzaC1'],
    [`cut: -----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA`, 'MIIEpAIB'],
    [String.raw`{"k":"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----"}`, 'MIIEvQ'],
    ['clone https://root:hunter2@gitlab.lab/x.git', 'hunter2'],
    ['clone https://oauth2:p/w@d@gitlab.lab/x.git', 'p/w'],
    ['fetch https://abcdef0123456789@gitlab.lab', 'abcdef0123456789'],
    ['Authorization: Basic cm9vdDpodW50ZXIy', 'cm9vd'],
    ['PRIVATE-TOKEN: hunter2', 'hunter2'],
    ['curl -H "Private-Token: hunter2" x', 'hunter2'],
    ['Set-Cookie: _gitlab_session=abc; path=/', 'abc'],
    ['cookie=authelia_session=hunter2', 'hunter2'],
    ['authorization: Bearer abcdefgh12345', 'abcdefgh'],
    ['password: hunter2', 'hunter2'],
    ['password: correct horse battery staple', 'horse'],
    ['    smtp_password = "two words"', 'words'],
    ['password: |\n  line one\n  line two\nnext: x', 'line two'],
    ['{"user":"root","password":"hun\\"ter2","x":1}', 'ter2'],
    ['gitlab-1  | password: what a nice day', 'nice day'],
    [String.raw`{"log":"{\"password\":\"hun ter2\",\"x\":1}"}`, 'ter2'],
    ["gitlab_rails['smtp_password'] = 'hunter2'", 'hunter2'],
    ['GET /api/v4/user?private_token=hunter2&x=1', 'hunter2'],
    ['export CF_DNS_API_TOKEN=hunter2', 'hunter2'],
    ['AWS_SECRET_ACCESS_KEY=hunter2', 'hunter2'],
    ['run --password hunter2 --verbose', 'hunter2'],
    ['run --token=hunter2', 'hunter2'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdef', 'eyJzdWI'],
    ['key AKIAIOSFODNN7EXAMPLE', 'AKIAIOS'],
    ['root: $argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA', 'aGFzaA'],
    ['client: $pbkdf2-sha512$310000$c2FsdA$aGFzaA', 'aGFzaA'],
    ['smtp_password: ab{cdsecretlong}x', 'cdsecret'],
    ['DB_PASSWORD=ab{cdsecretlong', 'cdsecret'],
    ['run -e DB_PASSWORD=ab{cdsecretlong', 'cdsecret'],
    ['said: smtp_password: ab{cdsecretlong}x', 'cdsecret'],
    ['password: {startbrace99', 'startbrace'],
    ['- password: [abcdef9x', 'abcdef9x'],
    ['{"password":["one","two"]}', 'two'],
    ['{"passwords":["on]e",["two"]],"page":2}', 'two'],
    ['{"tokens":{"first":"one"}}', 'one'],
    ['"passwords": [\n  "hunter2",\n  "hunter3"\n]', 'hunter3'],
    ['password:\n  hunter3hunter3', 'hunter3'],
    ['a:\n  passwords:\n  - hunter3\n  - hunter4', 'hunter4'],
    ['secrets:\n  - Hunter 3', 'Hunter'],
    ['password: no parrot lift', 'parrot'],
    ['said: password: no parrot lift', 'parrot'],
    ['smtp_password: 12 monkeys', 'monkeys'],
    ['passphrase: on the road', 'road'],
    ['token_for_service_account=abcdefg', 'abcdefg'],
    ['Cookie: glpat-AbCdEfGhIjKl; session=hunter2', 'hunter2'],
    ['said wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY again', 'K7MDENG'],
  ])('is taken out of %j', (text, secret) => {
    expect(clean(text)).not.toContain(secret);
    expect(clean(text)).toContain(removed);
  });

  it('leaves what stands around it', () => {
    expect(clean('clone https://root:hunter2@gitlab.lab/x.git')).toBe(
      `clone https://${removed}@gitlab.lab/x.git`,
    );
    expect(clean('GET /user?private_token=abc&page=2')).toBe(`GET /user?private_token=${removed}&page=2`);
    expect(clean('password: |\n  a\n  b\nnext: x')).toContain('\nnext: x');
    expect(clean(`a\n${pem}\nb`)).toBe(`a\n${removed}\nb`);
  });

  it.each([
    'minimum_password_length: 12',
    'The token belongs to root, who is an administrator.',
    'ssh://git@gitlab.lab.home.arpa:2222',
    'gitlab/gitlab-ce:19.3.0-ce.0@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'password_authentication_enabled_for_web: true',
    'secrets:\n  - gitlab-root-password',
    'secrets:\n  gitlab-root-password:\n    file: ./secrets/gitlab-root-password',
    'password_reset:\n  disable: false',
    "lib/gitlab/auth/token.rb:12:in 'find'",
    'Gitlab::Auth::Token::Finder is slow',
    'AUTHELIA_SESSION_SECRET_FILE=/run/secrets/authelia-session-secret',
    "gitlab_rails['initial_root_password'] = File.read('/run/secrets/gitlab-root-password').strip",
    'container 0f5d2c6f9f6c7a8b started at 2026-01-02T03:04:05.678Z',
    '/srv/lab/GitLab2/data/repositories/Group1/Project2.git',
    'token: null',
    '{"token":null,"page":2}',
    'a=1&token=null&page=2',
    'name: autogit-runner-default-0a1b2c3d',
  ])('is not seen in %j', (text) => expect(clean(text)).toBe(text));
});

describe('what is known to be secret', () => {
  it('is taken out wherever it stands and however it is written', () => {
    const secret = fc.string({ minLength: 6, maxLength: 40, unit: 'grapheme-ascii' }).filter((text) => {
      const trimmed = text.trim();
      return trimmed.length >= 6 && !removed.includes(trimmed) && new Set(trimmed).size > 3;
    });
    fc.assert(
      fc.property(secret, fc.lorem(), fc.lorem(), (one, before, after) => {
        fc.pre(!`${before} ${after}`.includes(one.trim()));
        const cleaned = createClean([one], encode);
        for (const written of [one, JSON.stringify(one), encodeURIComponent(one), encode(`root:${one}`)]) {
          const text = cleaned(`${before} ${written} ${after}`);
          expect(text).not.toContain(one.trim());
          expect(text).not.toContain(encode(`root:${one}`).slice(8, -4) || '\0');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is taken out line by line, as logs show it', () => {
    const key = 'first line of a long key\nsecond line of a long key\n';
    const cleaned = createClean([key], encode);
    expect(cleaned('gitlab-1 | second line of a long key')).toBe(`gitlab-1 | ${removed}`);
  });

  it('is taken out of what is one text for the other, the longer one first', () => {
    expect(createClean(['hunter', 'hunter-two'], encode)('hunter-two')).toBe(removed);
  });

  it('costs no more time for a long text than is good', () => {
    const text = 'GitLab says: '.padEnd(2_000_000, 'some words, a=b; key ');
    expect(clean(text)).toBe(text);
  });
});

describe('a text that patterns could take long for', () => {
  it.each([
    ['parts of a name', `GET /${'pass'.repeat(500)}`],
    ['parts of short names', `${'pass'.repeat(120)} `.repeat(1000)],
    ['one letter', 'a'.repeat(16_000)],
    ['one line of base64', 'aGVsbG8gd29ybGQh'.repeat(65_536)],
    ['names without values', 'password: {password: ['.repeat(20_000)],
    ['open quotes', String.raw`x password:\"`.repeat(50_000)],
    ['addresses', 'http://a:'.repeat(50_000)],
    ['blanks', `x cookie${' '.repeat(200_000)}password${' '.repeat(200_000)}x`],
    ['empty lines', 'password:\n'.repeat(50_000)],
    ['lines below', `password:\n${'  - secrets:\n'.repeat(20_000)}`],
    ['beginnings of keys', '-----BEGIN A '.repeat(50_000)],
    ['brackets', `x token=${'['.repeat(100_000)}`],
  ])('is done soon with %s', (_, text) => {
    // What backtracks takes minutes, and is ended by this test's own deadline.
    expect(clean(text).length).toBeLessThanOrEqual(text.length + removed.length);
  });

  it('loses a word that is longer than anything that helps', () => {
    expect(clean(`key ${'a'.repeat(513)} end`)).toBe(`key ${removed} end`);
    expect(clean('a'.repeat(512))).toBe('a'.repeat(512));
  });
});

describe('an allow-list', () => {
  it('lets through what is on it, item by item, and nothing else', () => {
    const value = {
      name: 'a',
      env: { X: 'secret' },
      list: [{ id: 1, token: 't' }],
      deep: { a: { b: 1, c: 2 } },
    };
    const allowed = { name: true, list: fields('id'), deep: { '*': fields('b') } } as const;
    expect(allowedPart(value, allowed, (text) => text)).toEqual({
      ...{ name: 'a', list: [{ id: 1 }], deep: { a: { b: 1 } } },
    });
  });

  it('has no room for a bare value where it lists fields', () => {
    expect(allowedPart({ a: 'secret' }, { a: { b: true } }, (text) => text)).toEqual({ a: null });
    expect(allowedPart({ a: ['secret', { b: 1 }] }, { a: { b: true } }, (text) => text)).toEqual({
      a: [null, { b: 1 }],
    });
  });

  it('cleans texts and names of fields', () => {
    expect(allowedPart({ xy: 'xy' }, true, (text) => text.replace('x', '-'))).toEqual({ '-y': '-y' });
  });
});
