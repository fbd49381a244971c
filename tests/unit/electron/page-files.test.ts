// The window's scheme: which addresses have a file, and what every answer carries.
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contentSecurityPolicy, isPageUrl, pageFile, pageHeaders } from '../../../electron/page-files.ts';

const folder = path.resolve('/srv/page');

describe('an address of the page', () => {
  it.each([
    ['autogit://app/', 'index.html'],
    ['autogit://app/index.html', 'index.html'],
    ['autogit://app/#/jobs/4', 'index.html'],
    ['autogit://app/assets/index-AbC1.js?x=1', 'assets/index-AbC1.js'],
  ])('%s is a file', (url, file) => {
    expect(pageFile(folder, url)).toBe(path.join(folder, file));
  });

  it.each([
    'autogit://app/../secrets/key.json',
    'autogit://app/%2e%2e/%2e%2e/etc/passwd.html',
    'autogit://app/..%2f..%2fetc%2fpasswd.json',
    'autogit://app/..%5c..%5cx.html',
    'autogit://app/assets/%00.html',
    'autogit://app/%E0%A4%A.html',
    'autogit://app/state.db',
    'autogit://app/assets',
    'autogit://other/index.html',
    'autogit://app.evil.example/index.html',
    'https://app/index.html',
    'file:///srv/page/index.html',
    'no address',
  ])('%s is none', (url) => {
    const file = pageFile(folder, url);
    // The parser itself takes dots out of a path, so that such an address means a file inside.
    if (file !== null) expect(path.relative(folder, file)).not.toMatch(/^\.\./);
    else expect(file).toBeNull();
  });

  it('never leaves the folder, whatever stands in it', () => {
    const piece = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '%2f',
      '%5c',
      '/',
      'a',
      'b.html',
      '%00',
      '?',
      '#',
      ':',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const file = pageFile(folder, `autogit://app/${pieces.join('')}`);
        if (file !== null) expect(file.startsWith(`${folder}${path.sep}`)).toBe(true);
      }),
    );
  });

  it('belongs to the page only with its scheme and host', () => {
    const urls = [
      'autogit://app/',
      'autogit://app.x/',
      'autogit://x@app/',
      'http://app/',
      'javascript:1',
      '',
    ];
    expect(urls.map(isPageUrl)).toEqual([true, false, true, false, false, false]);
  });
});

describe('an answer', () => {
  it('has a type that browsers must believe, and the policy', () => {
    expect(pageHeaders('/x/a.js')).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': contentSecurityPolicy,
    });
    expect(pageHeaders(null)['content-type']).toMatch(/^text\/plain/);
  });

  it('allows nothing but own scripts, styles, pictures and fonts', () => {
    expect(contentSecurityPolicy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'; /);
    expect(contentSecurityPolicy).not.toMatch(/unsafe|http|\*|blob:/);
    expect(contentSecurityPolicy).toContain("connect-src 'none'");
    expect(contentSecurityPolicy).toContain("frame-src 'none'");
  });
});
