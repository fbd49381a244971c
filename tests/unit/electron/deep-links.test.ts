// Links from other programs: only to pages that there are.
import { describe, expect, it } from 'vitest';
import { routeInWords, routeOfLink } from '../../../electron/deep-links.ts';

describe('a link', () => {
  it.each([
    ['autogit://open/jobs', '/jobs'],
    ['autogit://open/jobs/12', '/jobs/12'],
    ['autogit://open/jobs?status=failed', '/jobs?status=failed'],
    ['autogit://open/pools/a%20b/', '/pools/a%20b'],
  ])('%s opens %s', (link, route) => {
    expect(routeOfLink(link)).toBe(route);
  });

  it.each([
    'autogit://app/',
    'autogit://app/#/jobs',
    'autogit://open',
    'autogit://evil/jobs',
    'autogit://open/nothing',
    'autogit://open/__proto__',
    'autogit://open/jobs/1/2',
    'autogit://open/jobs#token=abc',
    'autogit://me:secret@open/jobs',
    'autogit:open/jobs',
    'https://open/jobs',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'autogit://open/jobs/<script>alert(1)</script>',
    `autogit://open/jobs/${'a'.repeat(2000)}`,
    'not a link',
  ])('%s opens nothing', (link) => {
    expect(routeOfLink(link)).toBeNull();
  });

  it('is found among the words of a command line', () => {
    const words = ['/opt/AutoGit/autogit-desktop', '--hidden', 'autogit://open/evil', 'autogit://open/about'];
    expect(routeInWords(words)).toBe('/about');
    expect(routeInWords(words.slice(0, 2))).toBeNull();
  });
});
