// What may lie where the settings file should be.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSettingsFile } from '../../../../main/adapters/host/settings-file.ts';
import { asOrdinaryUser, temporaryFolder } from './temporary.ts';

const makers: readonly (readonly [what: string, words: string, make: (file: string) => void])[] = [
  ['a folder', 'it is a folder', (file) => mkdirSync(file)],
  ['a pipe that nobody writes to', 'a pipe', (file) => void execFileSync('mkfifo', [file])],
  ['a link in a circle', 'circle', (file) => symlinkSync(path.basename(file), file)],
  [
    'a link to nowhere',
    'link to ../gone.yaml, which is not there',
    (file) => symlinkSync('../gone.yaml', file),
  ],
  [
    'a file of 100 MB',
    'it has 100 MB',
    (file) => {
      writeFileSync(file, '');
      truncateSync(file, 100_000_000);
    },
  ],
];

describe('the settings file', () => {
  it.each(makers)('that is %s cannot be read, says why, and is left as it is', async (_what, words, make) => {
    const file = path.join(temporaryFolder(), 'settings.yaml');
    make(file);
    const before = lstatSync(file);
    await expect(openSettingsFile(file, Date.now).read()).rejects.toMatchObject({
      key: 'settings.no-access',
      message: expect.stringContaining(words) as unknown,
      next: expect.stringContaining(`ls -ld '${file}'`) as unknown,
    });
    expect([lstatSync(file).mode, lstatSync(file).size]).toEqual([before.mode, before.size]);
  });

  it('of somebody else cannot be read', async () => {
    const folder = temporaryFolder();
    const file = path.join(folder, 'settings.yaml');
    writeFileSync(file, 'version: 1\n', { mode: 0o000 });
    chmodSync(folder, 0o755);
    await asOrdinaryUser(async () => {
      await expect(openSettingsFile(file, Date.now).read()).rejects.toMatchObject({
        key: 'settings.no-access',
      });
    });
  });

  it('may be a link, and stays one', async () => {
    const folder = temporaryFolder();
    const [file, target] = [path.join(folder, 'settings.yaml'), path.join(folder, 'mine.yaml')];
    writeFileSync(target, 'one');
    symlinkSync('mine.yaml', file);
    const settings = openSettingsFile(file, Date.now);
    expect(await settings.read()).toBe('one');
    await settings.write('two');
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('two');
  });

  it('need not be there', async () => {
    expect(await openSettingsFile(path.join(temporaryFolder(), 'settings.yaml'), Date.now).read()).toBeNull();
  });

  it('has the same mark for as long as nobody writes it, and none when somebody just has', async () => {
    const file = path.join(temporaryFolder(), 'settings.yaml');
    let now = Date.now();
    const settings = openSettingsFile(file, () => now);
    const mark = (): Promise<string | null> | undefined => settings.mark?.();
    expect(await mark()).toBeNull();
    await settings.write('one');
    expect(await mark()).toBeNull();
    now += 60_000;
    const first = await mark();
    expect(first).toMatch(/^\d/);
    expect(await mark()).toBe(first);
    writeFileSync(file, 'two');
    expect(await mark()).not.toBe(first);
  });
});
