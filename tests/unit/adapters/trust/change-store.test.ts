// The hands that change stores of roots, on a folder of the test's own.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync, existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { changeStore } from '../../../../main/adapters/trust/change-store.ts';
import { temporaryFolder } from '../host/temporary.ts';

describe('steps on a store', () => {
  it('write a file that everybody may read, with the folders on the way, and nothing beside it', async () => {
    const file = path.join(temporaryFolder(), 'certs.d', 'registry:5000', 'autogit.crt');
    const umask = process.umask(0o077);
    try {
      await changeStore([{ do: 'write', path: file, content: 'PEM' }]);
    } finally {
      process.umask(umask);
    }
    expect(readFileSync(file, 'utf8')).toBe('PEM');
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(path.dirname(file))).toEqual(['autogit.crt']);
  });

  it('remove a file and its empty folder, but no folder with files of others', async () => {
    const folder = temporaryFolder();
    const [own, shared] = [path.join(folder, 'own'), path.join(folder, 'shared')];
    for (const one of [own, shared]) {
      mkdirSync(one);
      writeFileSync(path.join(one, 'autogit.crt'), 'PEM');
    }
    writeFileSync(path.join(shared, 'ca.crt'), "a person's");
    for (const one of [own, shared, own])
      await changeStore([{ do: 'remove', path: path.join(one, 'autogit.crt'), withFolder: true }]);
    expect([existsSync(own), readdirSync(shared)]).toEqual([false, ['ca.crt']]);
  });

  it('make a folder for its owner alone', async () => {
    const folder = path.join(temporaryFolder(), '.pki', 'nssdb');
    await changeStore([{ do: 'folder', path: folder }]);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('give a program the certificate as a file that is gone afterwards', async () => {
    const copy = path.join(temporaryFolder(), 'copy');
    const args = ['-c', 'cat "$1" > "$2" && printf %s "$1" > "$2.name"', 'sh', '{certificate}', copy];
    await changeStore([{ do: 'run', program: 'sh', args, certificate: 'PEM' }]);
    expect(readFileSync(copy, 'utf8')).toBe('PEM');
    expect(existsSync(readFileSync(`${copy}.name`, 'utf8'))).toBe(false);
  });

  it('end at the first that fails, with what the program said last', async () => {
    const folder = temporaryFolder();
    const failing = { do: 'run', program: 'sh', certificate: null } as const;
    await expect(
      changeStore([
        { ...failing, args: ['-c', 'echo first >&2; echo the database is locked >&2; exit 3'] },
        { do: 'write', path: path.join(folder, 'never'), content: '' },
      ]),
    ).rejects.toMatchObject({ key: 'trust.step-failed', message: 'Running sh: the database is locked' });
    expect(readdirSync(folder)).toEqual([]);
    await expect(changeStore([{ ...failing, program: 'no-such-program', args: [] }])).rejects.toMatchObject({
      key: 'trust.step-failed',
    });
  });

  it('never wait for somebody to type a password', async () => {
    const args = ['-c', 'read answer || { echo nobody answers >&2; exit 1; }'];
    await expect(changeStore([{ do: 'run', program: 'sh', args, certificate: null }])).rejects.toMatchObject({
      message: 'Running sh: nobody answers',
    });
  });
});
