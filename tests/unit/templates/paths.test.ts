import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSafeRelative, isTemporary, isWithin, judgeData, tidyPath } from '../../../main/templates/paths.ts';

describe('the folder for data', () => {
  it.each(['/srv/lab', '/home/me/My Lab', '/mnt/disk1/lab', '/data', '/var/lib/autogit', "/srv/it's $HOME"])(
    '%s is fine',
    (path) => {
      expect(judgeData(path)).toBeNull();
    },
  );

  it.each([
    ['/', 'stack.data-system'],
    ['//', 'stack.data-system'],
    ['/etc', 'stack.data-system'],
    ['/etc/lab', 'stack.data-system'],
    ['/usr/', 'stack.data-system'],
    ['/usr/local/lab', 'stack.data-system'],
    ['/home', 'stack.data-system'],
    ['/var/lib/docker/x', 'stack.data-system'],
    ['/proc/1', 'stack.data-system'],
    ['srv/lab', 'stack.path-relative'],
    ['./lab', 'stack.path-relative'],
    ['~/lab', 'stack.path-relative'],
    ['${HOME}/lab', 'stack.path-relative'],
    ['/srv/../etc', 'stack.path-up'],
    ['/srv/./lab', 'stack.path-up'],
    ['/srv/lab/..', 'stack.path-up'],
    ['/srv/a:b', 'stack.path-colon'],
    ['/srv/a\nb', 'stack.path-characters'],
    ['/srv/a\u0000b', 'stack.path-characters'],
    ['/srv/\u202eb', 'stack.path-characters'],
    ['', 'stack.path-relative'],
  ])('%j is refused with %s', (path, key) => {
    expect(judgeData(path)?.key).toBe(key);
  });

  it('that is accepted leads where it seems to, outside the system', () => {
    const part = fc.constantFrom('etc', 'srv', '..', '.', '', 'lab', 'usr', 'my lab', 'home', 'a:b', 'x\ny');
    fc.assert(
      fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
        const path = `/${parts.join('/')}`;
        fc.pre(judgeData(path) === null);
        const tidy = tidyPath(path);
        expect(new URL(`file://${encodeURI(tidy)}`).pathname).toBe(encodeURI(tidy));
        expect(['/etc', '/usr'].some((folder) => isWithin(tidy, folder))).toBe(false);
        expect(tidy.split('/').length).toBeGreaterThan(1);
      }),
    );
  });

  it('is told to be emptied at the start where the system does that', () => {
    expect(isTemporary('/tmp/lab')).toBe(true);
    expect(isTemporary('/tmpfiles')).toBe(false);
  });
});

describe('a path in a template', () => {
  it.each(['gitlab/gitlab.rb', 'traefik/dynamic/tls.yml'])('%s leads below', (path) => {
    expect(isSafeRelative(path)).toBe(true);
  });

  it.each(['/etc/passwd', '../x', 'a/../b', './a', 'a//b', '', 'a/', 'a b', 'a\nb', 'a$b'])(
    '%j does not',
    (path) => {
      expect(isSafeRelative(path)).toBe(false);
    },
  );
});
