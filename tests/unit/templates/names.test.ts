import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inUrl, isPublicDomain, judgeDomain, judgeLab } from '../../../main/templates/names.ts';

describe('a domain', () => {
  it.each([
    'lab.home.arpa',
    'lab.example.com',
    'me.duckdns.org',
    'lab.local',
    'lab.internal',
    'xn--bcher-kva.example',
  ])('%s is fine', (domain) => {
    expect(judgeDomain(domain)).toBeNull();
  });

  it.each([
    ['my_lab.home.arpa', 'stack.name-underscore', 'Write my-lab.home.arpa instead.'],
    ['bücher.example', 'stack.name-idn', 'Write xn--bcher-kva.example, which is the same name.'],
    ['Lab.Home.arpa', 'stack.name-uppercase', 'Write lab.home.arpa instead.'],
    [`${'a'.repeat(64)}.example.com`, 'stack.label-too-long', 'Choose a shorter one.'],
    [`${'abcdefg.'.repeat(30)}example.com`, 'stack.name-too-long', /^Choose one of at most/],
    ['*.lab.home.arpa', 'stack.name-wildcard', 'Write lab.home.arpa instead.'],
    ['192.168.1.10', 'stack.name-address', /address/],
    ['2130706433', 'stack.name-address', /address/],
    ['fd00::10', 'stack.name-address', /address/],
    ['[fd00::10]', 'stack.name-address', /address/],
    ['localhost', 'stack.name-localhost', /home\.arpa/],
    ['lab.localhost', 'stack.name-localhost', /home\.arpa/],
    ['lab', 'stack.name-single-label', /lab\.home\.arpa/],
    ['home.arpa', 'stack.name-public-suffix', /lab\.home\.arpa/],
    ['duckdns.org', 'stack.name-public-suffix', /lab\.duckdns\.org/],
    ['co.uk', 'stack.name-public-suffix', /lab\.co\.uk/],
    ['com', 'stack.name-single-label', /com\.home\.arpa/],
    ['lab.home.arpa\nlab', 'stack.name-blank', 'Write lab.home.arpa-lab instead.'],
    ['lab .home.arpa', 'stack.name-blank', 'Write lab.home.arpa instead.'],
    ['lab\u200b.home.arpa', 'stack.name-blank', 'Write lab.home.arpa instead.'],
    ['${HOME}.home.arpa', 'stack.name-uppercase', /instead/],
    ['${x}.home.arpa', 'stack.name-characters', 'Write x.home.arpa instead.'],
    ['lab..home.arpa', 'stack.name-labels', 'Write lab.home.arpa instead.'],
    ['.lab.home.arpa', 'stack.name-labels', 'Write lab.home.arpa instead.'],
    ['lab.home.arpa.', 'stack.name-labels', 'Write lab.home.arpa instead.'],
    ['-lab.home.arpa', 'stack.name-labels', 'Write lab.home.arpa instead.'],
    ['lab.home.arpa:8443', 'stack.name-characters', /instead/],
    ['https://lab.home.arpa', 'stack.name-characters', /instead/],
    ['lab.123', 'stack.name-characters', /small letters/],
    ['', 'stack.name-labels', /small letters/],
  ])('%j is refused with %s', (domain, key, next) => {
    const found = judgeDomain(domain);
    expect(found?.key).toBe(key);
    expect(`${found?.next ?? ''} ${found?.message ?? ''}`).toEqual(
      typeof next === 'string' ? expect.stringContaining(next) : expect.stringMatching(next),
    );
  });

  it('that is accepted is what every browser makes of it, with all names below it', () => {
    const text = fc.oneof(
      fc.domain(),
      fc.webAuthority(),
      fc.string(),
      fc.stringMatching(/^[a-z0-9._*-]{1,30}$/),
    );
    fc.assert(
      fc.property(text, (domain) => {
        fc.pre(judgeDomain(domain) === null);
        const url = new URL(`https://gitlab.${domain}`);
        expect(url.hostname).toBe(`gitlab.${domain}`);
        expect(url.href).toBe(`https://gitlab.${domain}/`);
        expect(domain.length + 'gitlab.'.length).toBeLessThanOrEqual(253);
      }),
    );
  });

  it('that is offered instead is accepted', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_*äß -]{1,20}\.(?:home\.arpa|example\.com)$/), (domain) => {
        const offered = /^Write (\S+?)(?:,| instead\.)/.exec(judgeDomain(domain)?.next ?? '')?.[1];
        fc.pre(offered !== undefined && offered.split('.').length > 2);
        expect(['stack.name-characters', undefined]).toContain(judgeDomain(offered)?.key);
      }),
    );
  });

  it('is public where an authority can prove it', () => {
    expect(isPublicDomain('lab.example.com')).toBe(true);
    expect(isPublicDomain('me.duckdns.org')).toBe(true);
    expect(isPublicDomain('lab.home.arpa')).toBe(false);
    expect(isPublicDomain('lab.local')).toBe(false);
    expect(isPublicDomain('lab.lan')).toBe(false);
  });

  it('is written as browsers do', () => {
    expect(inUrl('Straße.de')).toBe('xn--strae-oqa.de');
    expect(inUrl('a b')).toBeNull();
    expect(inUrl('x/y')).toBeNull();
  });
});

describe('the name of a lab', () => {
  it('is a label', () => {
    expect(judgeLab('my-lab2')).toBeNull();
  });

  it.each([
    ['my_lab', 'stack.name-underscore', 'my-lab'],
    ['Lab', 'stack.name-uppercase', 'lab'],
    ['lab.home.arpa', 'stack.lab-name', 'lab: lab'],
    ['localhost', 'stack.lab-name', 'lab'],
    ['2lab', 'stack.lab-name', 'letter'],
    ['a'.repeat(64), 'stack.label-too-long', 'shorter'],
    ['a'.repeat(41), 'stack.lab-name', 'short'],
    ['lab\n', 'stack.name-blank', 'lab'],
    ['lab$(x)', 'stack.name-characters', 'lab-x'],
    ['münchen', 'stack.name-idn', 'xn--mnchen-3ya'],
  ])('%j is refused with %s', (lab, key, next) => {
    const found = judgeLab(lab);
    expect(found?.key).toBe(key);
    expect(found?.next).toContain(next);
  });
});
