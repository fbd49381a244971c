// Which links leave the window: those into the connected GitLab, and no others.
import { describe, expect, it } from 'vitest';
import { mayOpen } from '../../../electron/links.ts';

describe('a link', () => {
  it.each([
    ['https://gitlab.home.arpa/group/project/-/jobs/4', 'https://gitlab.home.arpa'],
    ['http://127.0.0.1:4100/x', 'http://127.0.0.1:4100/'],
  ])('%s into %s may be opened', (url, gitlab) => {
    expect(mayOpen(url, gitlab)).toBe(true);
  });

  it.each([
    'https://gitlab.home.arpa.evil.example/',
    'https://evil.example/?https://gitlab.home.arpa',
    'http://gitlab.home.arpa/',
    'https://gitlab.home.arpa:8443/',
    'https://user:word@gitlab.home.arpa/',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://gitlab.home.arpa/x',
    'autogit://app/',
    '\\\\gitlab.home.arpa\\x',
    '',
  ])('%s may not', (url) => {
    expect(mayOpen(url, 'https://gitlab.home.arpa')).toBe(false);
  });

  it('leads nowhere without a GitLab, or with one that is no web address', () => {
    expect(mayOpen('https://gitlab.home.arpa/', null)).toBe(false);
    expect(mayOpen('file:///x', 'file:///x')).toBe(false);
    expect(mayOpen('x', 'x')).toBe(false);
  });
});
