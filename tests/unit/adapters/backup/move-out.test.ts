// A backup that is moved out to be looked at is there as a whole or not at all, whenever it was killed on the way.
import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { moveOut, partOf } from '../../../../main/adapters/backup/move-out.ts';
import { filesName, manifestName } from '../../../../main/model/backup/hostility.ts';

const never = new AbortController().signal;
let folder: string;
let from: string;
let to: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-move-out-'));
  [from, to] = [path.join(folder, 'scratch'), path.join(folder, 'look')];
  await mkdir(path.join(from, 'home'), { recursive: true });
  await writeFile(path.join(from, 'home', 'settings.yaml'), 'as it was');
  for (const name of [manifestName, filesName]) await writeFile(path.join(from, name), name);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function expectWhole(): Promise<void> {
  expect((await readdir(to)).toSorted()).toEqual([filesName, manifestName, 'home'].toSorted());
  expect(await readFile(path.join(to, 'home', 'settings.yaml'), 'utf8')).toBe('as it was');
  expect(await readdir(folder)).not.toContain(path.basename(partOf(to)));
}

it('has its parts and its manifest', async () => {
  await moveOut(from, to, ['home'], never);
  await expectWhole();
});

it('goes on where a kill has left it half done', async () => {
  await mkdir(partOf(to));
  await rename(path.join(from, 'home'), path.join(partOf(to), 'home'));
  await moveOut(from, to, ['home'], never);
  await expectWhole();
});

it('is done when a kill came after the last rename', async () => {
  await moveOut(from, to, ['home'], never);
  await moveOut(from, to, ['home'], never);
  await expectWhole();
});

it('touches no folder that is there already, nor one in a place that is not', async () => {
  await mkdir(to);
  await expect(moveOut(from, to, ['home'], never)).rejects.toMatchObject({
    key: 'backup.restore-folder-there',
  });
  const deep = moveOut(from, path.join(to, 'a', 'b'), ['home'], never);
  await expect(deep).rejects.toMatchObject({ key: 'backup.restore-no-parent' });
  await expect(deep).rejects.toThrow(path.join(to, 'a', 'b'));
  expect(await readdir(to)).toEqual([]);
});
