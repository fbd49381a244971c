// Archives that somebody hostile has made: nothing is written outside of the folder, and what is not a file stays away.
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { pack } from 'tar-stream';
import type { Header } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { unpackArchive } from '../../../../main/adapters/engine/unpack-archive.ts';

let ground: string;
const inside = (): string => join(ground, 'deep', 'folder');

beforeEach(async () => {
  ground = await mkdtemp(join(tmpdir(), 'autogit-hostile-'));
  await mkdir(inside(), { recursive: true });
  await writeFile(join(ground, 'outside'), 'as it was');
});
afterEach(() => rm(ground, { recursive: true, force: true }));

type Entry = Partial<Header> & Pick<Header, 'name'> & { readonly text?: string };

function archive(...entries: readonly Entry[]): Readable {
  const tar = pack();
  for (const { text = '', ...header } of entries) {
    if (header.type === undefined || header.type === 'file') tar.entry(header, text);
    else tar.entry(header);
  }
  tar.finalize();
  return Readable.from(tar, { objectMode: false });
}

function unpack(stream: Readable, mostEntries?: number) {
  return unpackArchive(stream, {
    ...{ base: 'data', folder: inside(), container: 'gitlab', onBytes: () => undefined },
    ...(mostEntries !== undefined && { mostEntries }),
  });
}

/** Everything below the ground but what is in the folder. */
async function outside(): Promise<readonly string[]> {
  const all = await readdir(ground, { recursive: true });
  return all.filter((name) => !name.startsWith('deep/folder/')).toSorted();
}

describe('an archive of an engine', () => {
  it('tells how everything that is kept was there, but for bits that run as somebody else', async () => {
    const told: Record<string, unknown> = {};
    const mtime = new Date('2026-05-01T02:00:00Z');
    const entries = archive(
      { name: 'data/', type: 'directory', uid: 7, gid: 8, mode: 0o750, mtime },
      { name: 'data/acme.json', text: '{}', uid: 9, gid: 10, mode: 0o600, mtime },
      { name: 'data/run', text: 'x', uid: 0, gid: 5, mode: 0o4755, mtime },
      { name: 'data/link', type: 'symlink', linkname: '/etc/passwd', mtime },
    );
    await unpackArchive(entries, {
      ...{ base: 'data', folder: inside(), container: 'gitlab', onBytes: () => undefined },
      onEntry: (path, facts) => void (told[path] = facts),
    });
    const at = mtime.getTime();
    expect(told).toEqual({
      '': { uid: 7, gid: 8, mode: 0o750, at },
      'acme.json': { uid: 9, gid: 10, mode: 0o600, at },
      run: { uid: 0, gid: 5, mode: 0o755, at },
    });
  });

  it('may call the folder the root, as Podman does, and still writes nothing outside of it', async () => {
    const root = { name: '/', type: 'directory' } as const;
    await unpack(archive(root, { name: '/etc/passwd', text: 'in the folder' }));
    expect(await readFile(join(inside(), 'etc', 'passwd'), 'utf8')).toBe('in the folder');
    await expect(unpack(archive(root, { name: '/../out', text: 'x' }))).rejects.toMatchObject({
      key: 'backup.hostile-archive',
    });
    await expect(unpack(archive({ name: 'data/', type: 'directory' }, root))).rejects.toMatchObject({
      key: 'backup.hostile-archive',
    });
  });

  it('becomes files and folders, with the owner of the folder and digests of databases', async () => {
    const done = await unpack(
      archive(
        { name: 'data/', type: 'directory', uid: 7, gid: 8 },
        { name: 'data/a/b.txt', text: 'hello', mode: 0o4755 },
        { name: 'data/db.sqlite3', text: 'pages' },
      ),
    );
    expect(done.owner).toEqual({ uid: 7, gid: 8 });
    expect(done.leftOut).toEqual([]);
    expect(Object.keys(done.databases)).toEqual(['db.sqlite3']);
    expect(await readFile(join(inside(), 'a', 'b.txt'), 'utf8')).toBe('hello');
    expect((await stat(join(inside(), 'a', 'b.txt'))).mode & 0o7777).toBe(0o700);
  });

  it.each<[string, Entry[]]>([
    ['leads out of its folder', [{ name: 'data/../../../outside', text: 'bad' }]],
    ['is absolute', [{ name: '/data/outside', text: 'bad' }]],
    ['lies beside the folder', [{ name: 'other/outside', text: 'bad' }]],
    ['is a file in place of the folder', [{ name: 'data', text: 'bad' }]],
    [
      'comes twice',
      [
        { name: 'data/a', text: 'one' },
        { name: 'data/a', text: 'two' },
      ],
    ],
    [
      'goes through a file',
      [
        { name: 'data/a', text: 'one' },
        { name: 'data/a/b', text: 'two' },
      ],
    ],
    [
      'is a second name of what lies outside',
      [{ name: 'data/a', type: 'link', linkname: 'data/../../outside' }],
    ],
    ['is deeper than any folder', [{ name: `data/${'a/'.repeat(300)}b`, text: 'bad' }]],
  ])('is refused when a name %s', async (_, entries) => {
    const before = await outside();
    await expect(unpack(archive(...entries))).rejects.toMatchObject({ key: 'backup.hostile-archive' });
    expect(await outside()).toEqual(before);
    expect(await readFile(join(ground, 'outside'), 'utf8')).toBe('as it was');
  });

  it('is refused when it has too many things in it', async () => {
    const many = Array.from({ length: 12 }, (_, index) => ({ name: `data/${index}` }));
    await expect(unpack(archive(...many), 10)).rejects.toMatchObject({ key: 'backup.hostile-archive' });
  });

  it('never follows a link that it brought: what is named below it lands in a folder', async () => {
    const done = await unpack(
      archive(
        { name: 'data/way', type: 'symlink', linkname: '../..' },
        { name: 'data/device', type: 'block-device', devmajor: 8, devminor: 0 },
        { name: 'data/pipe', type: 'fifo' },
        { name: 'data/way/outside', text: 'bad' },
      ),
    );
    expect(done.leftOut).toEqual(['way', 'device', 'pipe']);
    expect(await readFile(join(ground, 'outside'), 'utf8')).toBe('as it was');
    expect(await readFile(join(inside(), 'way', 'outside'), 'utf8')).toBe('bad');
  });

  it('that breaks off is an error and not a smaller folder', async () => {
    const whole = Buffer.concat(await archive({ name: 'data/a', text: 'x'.repeat(5_000) }).toArray());
    await expect(unpack(Readable.from([whole.subarray(0, 2_000)]))).rejects.toThrow();
  });

  it('with any names at all writes nothing outside', async () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', 'data', '\\', '...', 'ü');
    const name = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
    const entry = fc.record({ name, type: fc.constantFrom('file', 'directory', 'symlink', 'link') });
    const before = await outside();
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 4 }), async (entries) => {
        await rm(inside(), { recursive: true, force: true });
        await mkdir(inside(), { recursive: true });
        const made = entries.map((one): Entry => ({ ...one, linkname: one.name }));
        await unpack(archive(...made)).catch(() => undefined);
        expect(await outside()).toEqual(before);
      }),
      { numRuns: 60 },
    );
  });
});
