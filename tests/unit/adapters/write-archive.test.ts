// The archive on disk, and the end of the log that goes into it.
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromBuffer } from 'yauzl';
import { readOwnLog } from '../../../main/adapters/host/read-log.ts';
import { writeArchive } from '../../../main/adapters/host/write-archive.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-archive-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = [
  { path: 'README.txt', text: 'what is in it\n' },
  { path: 'stack/files/compose.yaml', text: 'name: autogit-lab\n' },
];

async function entriesOf(file: string): Promise<readonly string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
  const names: string[] = [];
  fromBuffer(await readFile(file), { lazyEntries: false }, (error, zip) => {
    if (error !== null) {
      reject(error);
      return;
    }
    zip.on('entry', (entry: { fileName: string }) => names.push(entry.fileName));
    zip.on('end', () => resolve(names));
    zip.on('error', reject);
  });
  return promise;
}

describe('an archive', () => {
  it('has its files below one folder, and nobody else reads it', async () => {
    const file = path.join(folder, 'a.zip');
    await writeArchive(file, 'autogit-diagnose', files, 0);
    expect(await entriesOf(file)).toEqual([
      'autogit-diagnose/README.txt',
      'autogit-diagnose/stack/files/compose.yaml',
    ]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('overwrites nothing, and follows no link', async () => {
    const file = path.join(folder, 'a.zip');
    await writeFile(file, 'mine');
    await expect(writeArchive(file, 'x', files, 0)).rejects.toMatchObject({ key: 'diagnose.archive-exists' });
    expect(await readFile(file, 'utf8')).toBe('mine');
    const link = path.join(folder, 'link.zip');
    await symlink(path.join(folder, 'elsewhere'), link);
    await expect(writeArchive(link, 'x', files, 0)).rejects.toMatchObject({ key: 'diagnose.archive-exists' });
  });

  it('says why it cannot be written', async () => {
    const file = path.join(folder, 'nowhere', 'a.zip');
    await expect(writeArchive(file, 'x', files, 0)).rejects.toMatchObject({ key: 'diagnose.archive-failed' });
  });
});

describe('the end of the log', () => {
  it('is of the newest files, in their order', async () => {
    const put = (name: string, text: string): Promise<void> => writeFile(path.join(folder, name), text);
    await put('core-2026-01-01.log', 'one\n');
    await put('core-2026-01-02.log', 'two\n');
    await put('core-2026-01-02.2.log', 'three\n');
    await put('core-2026-01-02.10.log', 'four\n');
    await put('notes.txt', 'not this\n');
    expect(await readOwnLog(folder)).toBe('one\ntwo\nthree\nfour\n');
  });

  it('is cut at a line, and is nothing where there is none', async () => {
    await writeFile(path.join(folder, 'core-2026-01-01.log'), `${'x'.repeat(99)}\n`.repeat(20_000));
    const text = await readOwnLog(folder);
    expect(text.length).toBeLessThanOrEqual(1_000_000);
    expect(text.startsWith('x'.repeat(99))).toBe(true);
    expect(await readOwnLog(path.join(folder, 'nowhere'))).toBe('');
  });
});
