// Answers about a directory: what Authelia would not start with, or would send unencrypted, is refused with a reason.
import { describe, expect, it } from 'vitest';
import { stackAnswersSchema } from '../../../main/model/stack/answers.ts';
import type { StackFacts } from '../../../main/model/stack/stack.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

const good = {
  ...{ kind: 'ldap', address: 'ldaps://ldap.example.net', baseDn: 'dc=example,dc=net' },
  user: 'cn=reader,dc=example,dc=net',
};

function render(change: Readonly<Record<string, unknown>>, facts: Partial<StackFacts> = {}, more = {}) {
  const answers = someAnswers({ directory: { ...good, ...change }, ...more });
  return renderStack({ answers, templates: bundledTemplates(), facts: someFacts(facts) });
}

function problems(change: Readonly<Record<string, unknown>>): readonly string[] {
  const rendering = render(change);
  return rendering.ok ? [] : rendering.problems.map(({ field, key }) => `${field} ${key}`);
}

function file(path: string, change: Readonly<Record<string, unknown>> = {}, facts: Partial<StackFacts> = {}) {
  const rendering = render(change, facts);
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  return rendering.stack.files.find((one) => one.path === path)?.content;
}

describe('a directory', () => {
  it.each([
    [{ address: 'ldap://ldap.example.net' }, 'directory.plain stack.directory-plain'],
    [{ startTls: true }, 'directory.startTls stack.directory-tls-twice'],
    [
      { address: 'ldap://ldap.example.net', plain: true, changesPasswords: true },
      'directory.changesPasswords stack.directory-plain',
    ],
    [{ address: 'ldaps://' + 'a b'.replace(' ', '_') + '!' }, 'directory.address stack.directory-address'],
    [{ address: 'ldaps://user@ldap.example.net' }, 'directory.address stack.directory-address'],
    [{ address: 'ldaps://ldap.example.net:0' }, 'directory.address stack.directory-address'],
    [{ address: 'ldaps://ldap.example.net:99999' }, 'directory.address stack.directory-address'],
    [{ address: 'ldaps://localhost' }, 'directory.address stack.directory-loopback'],
    [{ address: 'ldaps://127.0.0.53' }, 'directory.address stack.directory-loopback'],
    [{ address: 'ldaps://[::1]' }, 'directory.address stack.directory-loopback'],
    [{ baseDn: 'example.net' }, 'directory.baseDn stack.directory-dn'],
    [{ baseDn: 'dc={{ secret "/run/secrets/x" }}' }, 'directory.baseDn stack.directory-braces'],
    [{ user: 'reader@example.net' }, 'directory.user stack.directory-dn'],
    [{ implementation: 'custom' }, 'directory.usersFilter stack.directory-filter'],
    [{ usersFilter: '(uid={input})' }, 'directory.usersFilter stack.directory-filter'],
    [{ usersFilter: '({username_attribute}=x)' }, 'directory.usersFilter stack.directory-filter'],
    [{ usersFilter: '(&({username_attribute}={input})' }, 'directory.usersFilter stack.directory-filter'],
    [{ usersFilter: '({username_attribute}={0})' }, 'directory.usersFilter stack.directory-filter'],
    [{ groupsFilter: 'member={dn}' }, 'directory.groupsFilter stack.directory-filter'],
    [{ groupsFilter: '(|{memberof:dn})' }, 'directory.groupsFilter stack.directory-filter'],
    [{ ca: 'root.pem' }, 'directory.ca stack.path-relative'],
    [{ ca: '/srv/root.pem' }, 'directory.ca stack.directory-ca'],
    [{ serverName: 'a b' }, 'directory.serverName stack.directory-address'],
    [{ adminGroup: '{{ now }}' }, 'directory.adminGroup stack.directory-braces'],
  ])('with %j is refused', (change, problem) => {
    expect(problems(change)).toContain(problem);
  });

  it.each([
    {},
    { address: 'ldap://ldap.example.net', startTls: true },
    { address: 'ldap://10.0.0.5:3890', plain: true },
    { implementation: 'activedirectory', user: 'reader@example.net' },
    { implementation: 'activedirectory', user: 'EXAMPLE\\reader' },
    { user: 'cn=Ö\\, the reader,dc=example,dc=net' },
    {
      implementation: 'custom',
      usersFilter: '(&({username_attribute}={input})(!(a:1.2.3:=2))(b=\\28*))',
      groupsFilter: '(|(member={dn})(memberUid={username}))',
    },
  ])('with %j is accepted', (change) => {
    expect(problems(change)).toEqual([]);
  });

  it('that is unencrypted by the word of the person stays a warning', () => {
    const rendering = render({ address: 'ldap://10.0.0.5', plain: true });
    expect(rendering.ok && rendering.warnings.map(({ key }) => key)).toContain('stack.directory-open');
  });

  it('that nobody asks is a warning', () => {
    const rendering = render({}, {}, { sso: 'off' });
    expect(rendering.ok && rendering.warnings.map(({ key }) => key)).toContain('stack.directory-unused');
  });

  it('takes the place of the file of people, and its password is a secret', () => {
    const rendering = render({});
    if (!rendering.ok) throw new Error('refused');
    const { secrets, services, files } = rendering.stack;
    expect(secrets.find(({ name }) => name === 'directory-password')?.kind).toBe('asked');
    expect(secrets.map(({ name }) => name)).not.toContain('authelia-admin-password');
    expect(services.find(({ name }) => name === 'authelia')?.secrets).toContain('directory-password');
    expect(files.map(({ path }) => path)).not.toContain('authelia/first-users.yml');
    expect(file('authelia/configuration.yml')).not.toMatch(/ {2}file:|certificates_directory|skip_verify/);
    expect(file('authelia/configuration.yml')).toMatch(/password_change:\n {4}disable: true/);
  });

  it('has its root in a file that Authelia reads, one certificate after the other', () => {
    const ca = '/srv/root.pem';
    const directoryRoot = { certificates: [['AAAA', 'BBB='], ['CCCC']] };
    expect(file('authelia/certificates/directory.crt', { ca }, { directoryRoot })).toBe(
      ['AAAA\nBBB=', 'CCCC']
        .map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`)
        .join(''),
    );
    expect(file('authelia/configuration.yml', { ca }, { directoryRoot })).toContain(
      "certificates_directory: '/config/certificates'",
    );
  });

  it('is a file where nobody says otherwise', () => {
    const parsed = stackAnswersSchema.parse({ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } });
    expect(parsed.directory).toEqual({ kind: 'file' });
  });
});
