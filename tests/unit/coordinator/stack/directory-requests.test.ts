// Asking a directory by a request: which one, with which password, and what is said where it cannot be asked.
import { describe, expect, it } from 'vitest';
import type { DirectoryQuestion } from '../../../../main/access-ports.ts';
import { listDirectoryPeople, testDirectory } from '../../../../main/coordinator/stack/directory-requests.ts';
import { directorySchema } from '../../../../main/model/stack/answers.ts';
import { directoryPassword, directoryPeople, fakeDirectories } from '../../../fakes/fake-directories.ts';
import { someAnswers } from '../../../fakes/stack-templates.ts';

const directory = {
  ...{ kind: 'ldap' as const, address: 'ldaps://ldap.example.net', baseDn: 'dc=example,dc=net' },
  user: 'cn=reader,dc=example,dc=net',
};

/** A core whose stack has these answers, and whose directory was asked so. */
function core(answers: Readonly<Record<string, unknown>> | null, kept: string | null = directoryPassword) {
  const asked: DirectoryQuestion[] = [];
  const fake = fakeDirectories();
  const secrets = { get: (name: string) => (name === 'stack/lab/directory-password' ? kept : null) };
  const stack = {
    journal: { current: () => (answers === null ? null : someAnswers(answers)) },
    readText: async () => 'a -----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE----- b',
    readDirectoryRoot: async (path: string) =>
      path === '/srv/root.pem'
        ? { certificates: [['AAAA']] }
        : { problem: { key: 'stack.directory-ca', message: 'It is not there.', next: 'Put it there.' } },
    directories: {
      ...fake,
      test: (question: DirectoryQuestion, search: string | null) => {
        asked.push(question);
        return fake.test(question, search);
      },
    },
  };
  return { asked, context: { stack, secrets } };
}

describe('directory.test', () => {
  it('asks the directory of the answers with the password that is kept', async () => {
    const { asked, context } = core({ directory: { ...directory, ca: '/srv/root.pem' } });
    const test = await testDirectory({ search: 'ana' }, context);
    expect(test).toMatchObject({ good: true, people: [{ name: 'ana' }] });
    expect(asked[0]?.root).toBe('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----');
  });

  it('asks the one that is given, with the password that is given', async () => {
    const { asked, context } = core(null, null);
    const given = directorySchema.parse({ ...directory, address: 'ldaps://10.0.0.5' });
    expect((await testDirectory({ directory: given, password: directoryPassword }, context)).good).toBe(true);
    expect(asked[0]?.directory.address).toBe('ldaps://10.0.0.5');
    expect((await testDirectory({ directory: given, password: 'wrong' }, context)).good).toBe(false);
  });

  it.each([
    { address: 'ldaps://evil.example.net' },
    { address: 'ldap://ldap.example.net', startTls: true },
    { address: 'ldap://ldap.example.net', plain: true },
    { serverName: 'evil.example.net' },
    { user: 'cn=other,dc=example,dc=net' },
    { ca: '/srv/root.pem' },
  ])('gives the kept password to no other directory, user or way: %o', async (change) => {
    const { asked, context } = core({ directory });
    const given = directorySchema.parse({ ...directory, ...change });
    await testDirectory({ directory: given }, context);
    const answers = { lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } };
    await testDirectory({ text: JSON.stringify({ ...answers, directory: given }) }, context);
    await expect(listDirectoryPeople(someAnswers({ directory: given }), context)).rejects.toMatchObject({
      key: 'directory.refused',
    });
    expect(asked.map(({ password }) => password)).toEqual(['', '']);
    // What is searched for there is no matter of whom the password is for.
    const search = directorySchema.parse({ ...directory, additionalUsersDn: 'ou=people', adminGroup: 'it' });
    await testDirectory({ directory: search }, context);
    expect(asked.at(-1)?.password).toBe(directoryPassword);
  });

  it('takes the directory out of a text with answers, and says what is wrong with that', async () => {
    const { context } = core(null, null);
    const text = JSON.stringify({
      ...{ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } },
      directory,
    });
    expect((await testDirectory({ text, password: directoryPassword }, context)).good).toBe(true);
    const bad = await testDirectory({ text: 'lab: [', password: directoryPassword }, context);
    expect(bad).toMatchObject({
      good: false,
      steps: [{ key: 'directory.answers', state: 'bad' }, { state: 'skipped' }, {}, {}, {}, {}, {}, {}],
    });
  });

  it('does not ask where the answers are wrong, or the root cannot be read', async () => {
    const { asked, context } = core(null);
    for (const change of [{ address: 'ldap://ldap.example.net' }, { ca: '/srv/other.pem' }]) {
      const test = await testDirectory(
        { directory: directorySchema.parse({ ...directory, ...change }) },
        context,
      );
      expect(test.steps[0]).toMatchObject({ key: 'directory.answers', state: 'bad' });
    }
    expect(asked).toEqual([]);
  });

  it('warns of an address that means the container to Authelia', async () => {
    const { context } = core({ directory: { ...directory, address: 'ldaps://localhost' } });
    const test = await testDirectory({}, context);
    expect(test).toMatchObject({ good: true, steps: [{ key: 'directory.answers', state: 'warning' }, {}] });
  });

  it('says that there is no directory', async () => {
    for (const answers of [null, {}])
      await expect(testDirectory({}, core(answers).context)).rejects.toMatchObject({ key: 'directory.none' });
  });
});

describe('the list of people', () => {
  it('has everybody, and says why it cannot', async () => {
    const answers = someAnswers({ directory });
    const { people } = await listDirectoryPeople(answers, core({ directory }).context);
    expect(people).toEqual(directoryPeople);
    await expect(listDirectoryPeople(answers, core({ directory }, 'wrong').context)).rejects.toMatchObject({
      key: 'directory.refused',
    });
    await expect(listDirectoryPeople(someAnswers(), core({}).context)).rejects.toMatchObject({
      key: 'directory.none',
    });
  });
});
