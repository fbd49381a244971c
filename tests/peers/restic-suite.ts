// What the port `Restic` promises, for the real restic and for the fake one alike.
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Restic, ResticPlace, ResticProgress } from '../../main/backup-ports.ts';
import { AutoGitError } from '../../main/errors.ts';
import type { BackupTarget } from '../../main/model/backup/target.ts';

export interface ResticWorld {
  readonly restic: Restic;
  readonly target: BackupTarget;
  readonly secrets: Readonly<Record<string, string>>;
  /** For what is backed up and restored. */
  readonly folder: string;
  /** Makes `big` of a snapshot unreadable; `null`: nobody can do that at this place. */
  readonly damage: ((snapshot: string) => Promise<void>) | null;
  close(): Promise<void>;
}

const never = new AbortController().signal;
const at = Date.UTC(2026, 2, 29, 1, 30, 0, 123);

/** By what key it fails; '': it does not. */
export async function keyOf(deed: Promise<unknown>): Promise<string> {
  try {
    await deed;
    return '';
  } catch (error) {
    return error instanceof AutoGitError ? error.key : String(error);
  }
}

/** All that comes. */
export async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A place with the password of these tests. */
export function placeAt(target: BackupTarget, secrets: ResticWorld['secrets'] = {}): ResticPlace {
  return { target, secrets, password: 'one two three', limits: { uploadKiB: 0, downloadKiB: 0, nice: 1 } };
}

/** A folder with two small files and a big one. */
export async function fill(folder: string): Promise<void> {
  await mkdir(join(folder, 'home', '[odd] *name'), { recursive: true });
  await writeFile(join(folder, 'manifest.json'), '{"format":1}');
  await writeFile(join(folder, 'home', '[odd] *name', 'one'), 'first');
  await writeFile(join(folder, 'big'), randomBytes(9_000_000));
}

/** Tests in order, on one repository. */
export function describeResticPort(name: string, open: () => Promise<ResticWorld>): void {
  describe(`${name} as Restic`, () => {
    let world: ResticWorld;
    let place: ResticPlace;
    let stage: string;
    const made: string[] = [];
    const backUp = async (tell: (progress: ResticProgress) => void = () => undefined) => {
      const what = { folder: stage, host: 'lab', tags: ['autogit', 'id=1'], at };
      const done = await world.restic.backup(place, what, tell, never);
      made.push(done.snapshot);
      return done;
    };
    const newest = (): string => made.at(-1) ?? '';
    beforeAll(async () => {
      world = await open();
      place = placeAt(world.target, world.secrets);
      stage = join(world.folder, 'stage');
      await fill(stage);
    }, 60_000);
    afterAll(() => world.close());

    it('finds no repository, makes one, and finds it made', async () => {
      const { restic } = world;
      expect(await restic.look(place, never)).toBe('new');
      expect(await keyOf(restic.snapshots(place, never))).toBe('backup.no-repository');
      await restic.init(place, never);
      await restic.init(place, never);
      expect(await restic.look(place, never)).toBe('ready');
      expect(await restic.snapshots(place, never)).toEqual([]);
    });

    it('says that a password is wrong, and makes nothing new then', async () => {
      const wrong = { ...place, password: 'one two four' };
      expect(await keyOf(world.restic.look(wrong, never))).toBe('backup.password-wrong');
      expect(await keyOf(world.restic.init(wrong, never))).toBe('backup.password-wrong');
    });

    it('backs a folder up with its time, machine and tags, and the same again for next to nothing', async () => {
      const progress: ResticProgress[] = [];
      const first = await backUp((news) => progress.push(news));
      expect(first.snapshot).toMatch(/^[0-9a-f]{64}$/);
      expect(first).toMatchObject({ bytes: 9_000_017, files: 3 });
      expect(first.addedBytes).toBeGreaterThan(9_000_000);
      expect(progress.length).toBeGreaterThan(0);
      expect((await backUp()).addedBytes).toBeLessThan(100_000);
      const listed = await world.restic.snapshots(place, never);
      expect(listed.map(({ id }) => id).toSorted()).toEqual(made.toSorted());
      expect(listed[0]).toMatchObject({ host: 'lab', tags: ['autogit', 'id=1'], at: at - 123 });
    });

    it('lists what is in a snapshot, and below one of its folders', async () => {
      const all = await collect(world.restic.list(place, newest(), null, never));
      expect(all.toSorted((a, b) => (a.path < b.path ? -1 : 1))).toEqual([
        { path: 'big', type: 'file', bytes: 9_000_000 },
        { path: 'home', type: 'dir', bytes: 0 },
        { path: 'home/[odd] *name', type: 'dir', bytes: 0 },
        { path: 'home/[odd] *name/one', type: 'file', bytes: 5 },
        { path: 'manifest.json', type: 'file', bytes: 12 },
      ]);
      const below = await collect(world.restic.list(place, newest(), 'home/[odd] *name', never));
      expect(below).toEqual([{ path: 'home/[odd] *name/one', type: 'file', bytes: 5 }]);
      for await (const node of world.restic.list(place, newest(), null, never)) {
        expect(node.path).not.toBe('');
        break;
      }
    });

    it('reads one file, no more of it than is asked for, and tells one that is not there', async () => {
      const read = (path: string, most: number) => world.restic.read(place, newest(), path, most, never);
      expect(Buffer.from((await read('manifest.json', 100)) ?? []).toString()).toBe('{"format":1}');
      expect((await read('big', 1_000))?.length).toBe(1_000);
      expect(await read('home/none', 100)).toBeNull();
    });

    it('restores all of a snapshot, or some of its folders alone', async () => {
      const [whole, part] = [join(world.folder, 'whole'), join(world.folder, 'part')];
      const into = { snapshot: newest(), into: whole, paths: null };
      expect(await world.restic.restore(place, into, () => undefined, never)).toEqual({ failed: [] });
      const [restored, original] = [await readFile(join(whole, 'big')), await readFile(join(stage, 'big'))];
      expect(restored.equals(original)).toBe(true);
      expect(await readFile(join(whole, 'home', '[odd] *name', 'one'), 'utf8')).toBe('first');
      const some = { snapshot: newest(), into: part, paths: ['home/[odd] *name'] };
      await world.restic.restore(place, some, () => undefined, never);
      expect(await readdir(part)).toEqual(['home']);
    });

    it('ends a backup that is cancelled with the reason, and leaves no lock behind', async () => {
      const controller = new AbortController();
      await writeFile(join(stage, 'big'), randomBytes(9_000_000));
      const what = { folder: stage, host: 'lab', tags: ['autogit'], at };
      const deed = world.restic.backup(place, what, () => controller.abort('enough'), controller.signal);
      await expect(deed).rejects.toBe('enough');
      expect(await world.restic.snapshots(place, never)).toHaveLength(made.length);
      await world.restic.prune(place, () => undefined, never);
    });

    it('forgets a snapshot and makes room, and the other one still restores', async () => {
      const gone = made.shift() ?? '';
      await world.restic.forget(place, [gone], never);
      await world.restic.prune(place, () => undefined, never);
      expect((await world.restic.snapshots(place, never)).map(({ id }) => id)).toEqual(made);
      expect(await world.restic.check(place, { part: 1, of: 1 }, never)).toMatchObject({
        isSound: true,
        findings: [],
      });
      const into = { snapshot: newest(), into: join(world.folder, 'after'), paths: ['big'] };
      expect(await world.restic.restore(place, into, () => undefined, never)).toEqual({ failed: [] });
    });

    it('names what is damaged, and restores the rest', async (context) => {
      if (world.damage === null) return context.skip();
      await backUp();
      await world.damage(newest());
      const check = await world.restic.check(place, { part: 1, of: 1 }, never);
      expect(check.isSound).toBe(false);
      expect(check.findings.join()).toMatch(/^Pack [0-9a-f]{10} is damaged/);
      const into = { snapshot: newest(), into: join(world.folder, 'rest'), paths: null };
      const { failed } = await world.restic.restore(place, into, () => undefined, never);
      expect(failed).toHaveLength(1);
      expect(failed[0]).toMatch(/^big: /);
      expect(await readFile(join(into.into, 'manifest.json'), 'utf8')).toBe('{"format":1}');
    });
  });
}
