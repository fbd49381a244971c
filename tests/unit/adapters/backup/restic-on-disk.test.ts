// What is read of restic's own folders, and when they tell nothing: then restic is asked.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cachedSnapshot, dataBytes, isUnlocked } from '../../../../main/adapters/backup/restic-on-disk.ts';

const never = new AbortController().signal;
const id = `217e8880${'b'.repeat(56)}`;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'autogit-on-disk-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(name: string, content = ''): Promise<void> {
  const file = join(folder, name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, content);
}

describe('the cache of restic', () => {
  it('tells the whole id of a snapshot by its first digits', async () => {
    await put('CACHEDIR.TAG');
    await put(`one/snapshots/21/${id}`);
    await put(`two/snapshots/21/217e8881${'b'.repeat(56)}`);
    expect(await cachedSnapshot(folder, '217e8880')).toBe(id);
  });

  it('tells nothing where there is none, or another one that begins alike, or a file that is not whole', async () => {
    expect(await cachedSnapshot(join(folder, 'none'), '217e8880')).toBeNull();
    await put(`one/snapshots/21/${id.slice(0, 60)}`);
    expect(await cachedSnapshot(folder, '217e8880')).toBeNull();
    await put(`one/snapshots/21/${id}`);
    await put(`two/snapshots/21/217e8880${'c'.repeat(56)}`);
    expect(await cachedSnapshot(folder, '217e8880')).toBeNull();
  });

  it('is not looked into by what is no id', async () => {
    await put(`one/snapshots/../${id}`);
    for (const digits of ['', '..', '217e', '217E8880'])
      expect(await cachedSnapshot(folder, digits)).toBeNull();
  });
});

describe('a repository in a folder', () => {
  it('is unlocked only where its folder of locks is there and empty', async () => {
    expect(await isUnlocked(folder)).toBe(false);
    await mkdir(join(folder, 'locks'));
    expect(await isUnlocked(folder)).toBe(true);
    await put(`locks/${id}`);
    expect(await isUnlocked(folder)).toBe(false);
  });

  it('has the bytes of its packs; one that is not there has no size', async () => {
    expect(await dataBytes(folder, never)).toBeNull();
    await put(`data/21/${id}`, 'twelve bytes');
    await put(`data/00/${id}`, 'four');
    await put('index/other', 'is no data');
    expect(await dataBytes(folder, never)).toBe(16);
    await expect(dataBytes(folder, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});
