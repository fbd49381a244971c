// Secrets: kept, unreadable without the key, and every kind of damage told.
import { chmodSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSecrets } from '../../../../main/adapters/host/secrets.ts';
import { temporaryFolder } from './temporary.ts';

function somewhere(): { secretsFile: string; secretsKey: string } {
  const folder = temporaryFolder();
  return { secretsFile: path.join(folder, 'secrets.enc'), secretsKey: path.join(folder, 'key') };
}

describe('secrets', () => {
  it('come back after a reopen, whatever they contain', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.string({ unit: 'grapheme' }), async (name, value) => {
        const paths = somewhere();
        const secrets = await openSecrets(paths);
        await secrets.set(name, value);
        expect((await openSecrets(paths)).get(name)).toBe(value);
      }),
      { numRuns: 15 },
    );
  });

  it('can be removed, and an unknown one is null', async () => {
    const paths = somewhere();
    const secrets = await openSecrets(paths);
    await Promise.all([secrets.set('a', 'one'), secrets.set('b', 'two'), secrets.remove('a')]);
    const again = await openSecrets(paths);
    expect([again.get('a'), again.get('b'), again.get('toString')]).toEqual([null, 'two', null]);
  });

  it('lie in private files that do not show them, and leave no other file', async () => {
    const paths = somewhere();
    const secrets = await openSecrets(paths);
    await secrets.set('root-token', 'glpat-plain-to-see');
    const before = readFileSync(paths.secretsFile);
    await secrets.set('root-token', 'glpat-plain-to-see');
    const after = readFileSync(paths.secretsFile);
    expect(after.equals(before), 'a new nonce for each write').toBe(false);
    expect(after.includes('glpat') || after.includes('root-token')).toBe(false);
    for (const file of [paths.secretsFile, paths.secretsKey]) expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(paths.secretsFile)).toSorted()).toEqual(['key', 'secrets.enc']);
  });

  it('are told to be exposed when others can read the key', async () => {
    const paths = somewhere();
    await openSecrets(paths);
    chmodSync(paths.secretsKey, 0o640);
    await expect(openSecrets(paths)).rejects.toMatchObject({
      key: 'secrets.key-exposed',
      next: expect.stringContaining(`chmod 600 '${paths.secretsKey}'`) as unknown,
    });
  });

  it.each([
    ['secretsKey', 'secrets.key-exposed'],
    ['secretsFile', 'secrets.file-exposed'],
  ] as const)("hold an authority's key: a CA key readable by others (%s) is refused", async (name, key) => {
    for (const mode of [0o640, 0o604, 0o620, 0o602]) {
      const paths = somewhere();
      await (await openSecrets(paths)).set('stack/lab/ca-key-lab.home.arpa', 'the key of an authority');
      chmodSync(paths[name], mode);
      const next = expect.stringContaining(`chmod 600 '${paths[name]}'`) as unknown;
      await expect(openSecrets(paths), mode.toString(8)).rejects.toMatchObject({ key, next });
      chmodSync(paths[name], 0o600);
      expect((await openSecrets(paths)).get('stack/lab/ca-key-lab.home.arpa')).toBe(
        'the key of an authority',
      );
    }
  });

  it.each(['secretsKey', 'secretsFile'] as const)(
    'are told to be out of reach when %s is a folder',
    async (name) => {
      const paths = somewhere();
      mkdirSync(paths[name]);
      await expect(openSecrets(paths)).rejects.toMatchObject({
        key: 'secrets.no-access',
        message: expect.stringContaining('it is a folder') as unknown,
      });
    },
  );

  it('are not silently begun anew when the key is gone', async () => {
    const paths = somewhere();
    await (await openSecrets(paths)).set('a', 'b');
    rmSync(paths.secretsKey);
    await expect(openSecrets(paths)).rejects.toMatchObject({ key: 'secrets.key-missing' });
  });

  it('are told to be damaged for any changed byte, a cut, another key', async () => {
    const paths = somewhere();
    await (await openSecrets(paths)).set('a', 'b');
    const whole = readFileSync(paths.secretsFile);
    for (let index = 0; index < whole.length; index += 1) {
      const changed = Buffer.from(whole);
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index);
      writeFileSync(paths.secretsFile, changed);
      await expect(openSecrets(paths), `byte ${String(index)}`).rejects.toMatchObject({
        key: 'secrets.damaged',
      });
    }
    for (const length of [0, 10, whole.length - 1]) {
      writeFileSync(paths.secretsFile, whole.subarray(0, length));
      await expect(openSecrets(paths)).rejects.toMatchObject({ key: 'secrets.damaged' });
    }
    writeFileSync(paths.secretsFile, whole);
    writeFileSync(paths.secretsKey, Buffer.alloc(32));
    await expect(openSecrets(paths)).rejects.toMatchObject({ key: 'secrets.damaged' });
    writeFileSync(paths.secretsKey, 'short');
    await expect(openSecrets(paths)).rejects.toMatchObject({ key: 'secrets.damaged' });
  });

  it('sign the same for one home, and differently for another', async () => {
    const paths = somewhere();
    const signature = (await openSecrets(paths)).sign('text');
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    expect((await openSecrets(paths)).sign('text')).toBe(signature);
    expect((await openSecrets(paths)).sign('Text')).not.toBe(signature);
    expect((await openSecrets(somewhere())).sign('text')).not.toBe(signature);
  });
});
