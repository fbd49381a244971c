// Folders of a stack where things are wrong: links, half-written files, full and forbidden disks, data of others.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseMounts } from '../../../../main/adapters/stack/data-folder.ts';
import { createStackFolder } from '../../../../main/adapters/stack/stack-folder.ts';
import type { StackFolder } from '../../../../main/stack-ports.ts';
import { openSmallDisk } from '../../../fixtures/small-disk.ts';
import { asOrdinaryUser, temporaryFolder } from '../host/temporary.ts';

interface Place {
  readonly home: string;
  readonly lab: string;
  readonly folder: StackFolder;
}

function open(home = temporaryFolder()): Place {
  const stacks = path.join(home, 'stack');
  return { home, lab: path.join(stacks, 'lab'), folder: createStackFolder({ stacks }) };
}

/** Everything below a folder. */
function tree(folder: string): readonly string[] {
  return fs.readdirSync(folder, { recursive: true }).map(String).toSorted();
}

const isRoot = process.getuid?.() === 0;

describe('a file of a stack', () => {
  it('has the modes that containers need, whatever mask this process has', async () => {
    const { lab, folder } = open();
    const mask = process.umask(0o077);
    onTestFinished(() => void process.umask(mask));
    await folder.write('lab', 'traefik/dynamic/tls.yaml', 'x', 0o644);
    await folder.write('lab', 'secrets/key', 'x', 0o644);
    const modes = ['traefik', 'traefik/dynamic', 'traefik/dynamic/tls.yaml', 'secrets', 'secrets/key'].map(
      (name) => fs.statSync(path.join(lab, name)).mode & 0o777,
    );
    expect(modes).toEqual([0o755, 0o755, 0o644, 0o700, 0o600]);
  });

  it('is not touched by the same content', async () => {
    const { lab, folder } = open();
    await folder.write('lab', 'compose.yaml', 'same', 0o644);
    const before = fs.statSync(path.join(lab, 'compose.yaml'));
    await folder.write('lab', 'compose.yaml', 'same', 0o644);
    expect(fs.statSync(path.join(lab, 'compose.yaml')).ino).toBe(before.ino);
    await folder.write('lab', 'compose.yaml', 'diff', 0o644);
    expect(fs.statSync(path.join(lab, 'compose.yaml')).ino).not.toBe(before.ino);
  });

  it('takes the folders with it that are empty without it, and no others', async () => {
    const { lab, folder } = open();
    await folder.write('lab', 'a/b/c', 'x', 0o644);
    await folder.write('lab', 'a/d', 'x', 0o644);
    await folder.remove('lab', 'a/b/c');
    expect(tree(lab)).toEqual(['a', 'a/d']);
    await folder.remove('lab', 'a/d');
    expect(tree(lab)).toEqual([]);
  });

  it.each([
    '',
    '/etc/passwd',
    '../x',
    'a/../../x',
    'a//b',
    'a/.',
    '..',
    'a\0b',
    'a\\b',
    'a\nb',
    'x'.repeat(300),
  ])('is nowhere else: %j', async (file) => {
    const { home, folder } = open();
    await expect(folder.write('lab', file, 'x', 0o644)).rejects.toMatchObject({ key: 'stack.path-invalid' });
    await expect(folder.remove('lab', file)).rejects.toMatchObject({ key: 'stack.path-invalid' });
    expect(tree(home)).toEqual([]);
  });

  it('lies below its stack, whatever its name, or is refused', async () => {
    const { home, lab, folder } = open();
    const part = fc.constantFrom('..', '.', '', 'a', 'b.yaml', '\\', '...', '-', ' ', '~', '$HOME', 'ä');
    const names = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    await fc.assert(
      fc.asyncProperty(names, async (file) => {
        await folder.removeStack('lab');
        await folder.write('lab', file, 'x', 0o644).catch(() => undefined);
        const below = fs.existsSync(lab) ? tree(lab) : [];
        const files = tree(home).filter((name) => fs.statSync(path.join(home, name)).isFile());
        expect(files.every((name) => below.includes(path.relative(lab, path.join(home, name))))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });
});

describe('a link', () => {
  const making: readonly (readonly [string, (place: Place, target: string) => void])[] = [
    ['in the place of the stack', ({ lab }, target) => fs.symlinkSync(target, lab)],
    [
      'in the place of a folder',
      ({ lab }, target) => {
        fs.mkdirSync(lab);
        fs.symlinkSync(target, path.join(lab, 'a'));
      },
    ],
    [
      'in the place of the file',
      ({ lab }, target) => {
        fs.mkdirSync(path.join(lab, 'a'), { recursive: true });
        fs.symlinkSync(path.join(target, 'b'), path.join(lab, 'a', 'b'));
      },
    ],
  ];
  it.each(making)('%s is refused, and what it leads to is untouched', async (_, make) => {
    const place = open();
    const target = temporaryFolder();
    fs.writeFileSync(path.join(target, 'b'), 'of somebody else');
    fs.mkdirSync(path.dirname(place.lab));
    make(place, target);
    const { folder } = place;
    const link = { key: 'stack.link' };
    await expect(folder.write('lab', 'a/b', 'ours', 0o644)).rejects.toMatchObject(link);
    await expect(folder.remove('lab', 'a/b')).rejects.toMatchObject(link);
    await expect(folder.read('lab')).rejects.toMatchObject(link);
    await expect(folder.keepPrevious('lab')).rejects.toMatchObject(link);
    expect(fs.readFileSync(path.join(target, 'b'), 'utf8')).toBe('of somebody else');
    expect(tree(target)).toEqual(['b']);
  });

  it('in the place of a stack is not emptied by removing the stack', async () => {
    const place = open();
    const target = temporaryFolder();
    fs.writeFileSync(path.join(target, 'b'), 'of somebody else');
    fs.mkdirSync(path.dirname(place.lab));
    fs.symlinkSync(target, place.lab);
    await expect(place.folder.removeStack('lab')).rejects.toMatchObject({ key: 'stack.link' });
    expect(tree(target)).toEqual(['b']);
  });

  it('to data is seen and never followed', async () => {
    const { home, folder } = open();
    const [target, link] = [path.join(home, 'target'), path.join(home, 'link')];
    await folder.makeData(target, { mode: 0o755 });
    fs.symlinkSync(target, link);
    expect(await folder.look(link)).toEqual({ exists: true, empty: false });
    await expect(folder.makeData(link, { mode: 0o755 })).rejects.toMatchObject({ key: 'stack.link' });
    await expect(folder.removeData(link)).rejects.toMatchObject({ key: 'stack.link' });
    expect(fs.existsSync(target)).toBe(true);
  });

  it('among data is removed without what it leads to', async () => {
    const { home, folder } = open();
    const elsewhere = temporaryFolder();
    fs.writeFileSync(path.join(elsewhere, 'kept'), 'x');
    const data = path.join(home, 'data');
    await folder.makeData(data, { mode: 0o755 });
    fs.symlinkSync(elsewhere, path.join(data, 'link'));
    await folder.removeData(data);
    expect(tree(elsewhere)).toEqual(['kept']);
  });
});

describe('what a killed core has left', () => {
  it('half a file: it is nobody’s content, and gone after the next write', async () => {
    const { home, lab, folder } = open();
    await folder.write('lab', 'a/compose.yaml', 'whole', 0o644);
    const half = path.join(lab, 'a', '.compose.yaml.0123456789ab.autogit-tmp');
    fs.writeFileSync(half, 'ha');
    const again = open(home).folder;
    expect(await again.read('lab')).toEqual([{ path: 'a/compose.yaml', content: 'whole' }]);
    await again.write('lab', 'other', 'x', 0o644);
    expect(fs.existsSync(half)).toBe(false);
  });

  it('an exchange of what was kept, at every instant of it', async () => {
    const first = [{ path: 'compose.yaml', content: 'first' }];
    for (const state of ['next is half', 'now is away', 'before is left']) {
      const { home, lab, folder } = open();
      await folder.write('lab', 'compose.yaml', 'first', 0o644);
      await folder.keepPrevious('lab');
      const at = (name: string): string => path.join(lab, name);
      if (state === 'next is half') fs.mkdirSync(at('.previous-next'));
      if (state === 'now is away') {
        fs.renameSync(at('.previous'), at('.previous-before'));
        fs.mkdirSync(at('.previous-next'));
      }
      if (state === 'before is left') fs.mkdirSync(at('.previous-before'));
      const again = open(home).folder;
      expect(await again.previous('lab')).toEqual(first);
      await again.write('lab', 'compose.yaml', 'second', 0o644);
      await again.keepPrevious('lab');
      expect(await again.previous('lab')).toEqual([{ path: 'compose.yaml', content: 'second' }]);
      expect(fs.readdirSync(lab).toSorted()).toEqual(['.previous', 'compose.yaml']);
    }
  });
});

describe('files of a person', () => {
  it('are read as they are, but for what is no file and what is far too large', async () => {
    const { lab, folder } = open();
    await folder.write('lab', 'compose.yaml', 'x', 0o644);
    execFileSync('mkfifo', [path.join(lab, 'pipe')]);
    fs.writeFileSync(path.join(lab, 'notes'), 'mine');
    fs.writeFileSync(path.join(lab, 'dump'), Buffer.alloc(5 * 1024 * 1024));
    expect((await folder.read('lab'))?.map((file) => file.path)).toEqual(['compose.yaml', 'notes']);
  });

  it('a folder in the place of a file is refused with a way out', async () => {
    const { lab, folder } = open();
    fs.mkdirSync(path.join(lab, 'compose.yaml', 'inner'), { recursive: true });
    await expect(folder.write('lab', 'compose.yaml', 'x', 0o644)).rejects.toMatchObject({
      key: 'stack.no-access',
    });
    expect(tree(lab)).toEqual(['compose.yaml', 'compose.yaml/inner']);
  });
});

describe('a disk', () => {
  it.skipIf(!isRoot)('that is full leaves the old file, and nothing beside it', async () => {
    const mount = temporaryFolder();
    const disk = await openSmallDisk(mount, 1);
    onTestFinished(() => disk.close());
    const stacks = path.join(disk.root, mount, 'stack');
    const folder = createStackFolder({ stacks });
    await folder.write('lab', 'compose.yaml', 'old', 0o644);
    await disk.fill();
    const big = 'x'.repeat(100_000);
    await expect(folder.write('lab', 'compose.yaml', big, 0o644)).rejects.toMatchObject({
      key: 'stack.no-space',
    });
    expect(fs.readFileSync(path.join(stacks, 'lab', 'compose.yaml'), 'utf8')).toBe('old');
    expect(tree(path.join(stacks, 'lab'))).toEqual(['compose.yaml']);
    await disk.free();
    await folder.write('lab', 'compose.yaml', big, 0o644);
  });

  it('that may not be written to is named', async () => {
    const { home, folder } = open();
    fs.chmodSync(home, 0o555);
    await asOrdinaryUser(async () => {
      await expect(folder.write('lab', 'compose.yaml', 'x', 0o644)).rejects.toMatchObject({
        key: 'stack.no-access',
      });
      await expect(folder.makeData(path.join(home, 'data'), { mode: 0o755 })).rejects.toMatchObject({
        key: 'stack.no-access',
      });
    });
  });

  it.skipIf(!isRoot)('that is full makes no folder for data that has no mark for good', async () => {
    const mount = temporaryFolder();
    const disk = await openSmallDisk(mount, 1);
    onTestFinished(() => disk.close());
    const place = path.join(disk.root, mount);
    const { folder } = open(place);
    const data = path.join(place, 'data');
    await disk.fill();
    await expect(folder.makeData(data, { mode: 0o755 })).rejects.toMatchObject({ key: 'stack.no-space' });
    await disk.free();
    await folder.makeData(data, { mode: 0o755 });
    expect(await folder.look(data)).toEqual({ exists: true, empty: true, isMarked: true });
  });

  it.skipIf(!isRoot)('that is read-only is named, and nothing on it is lost', async () => {
    const place = temporaryFolder();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'autogit-test', place]);
    onTestFinished(() => void execFileSync('umount', [place]));
    const { folder, lab } = open(place);
    const data = path.join(place, 'data');
    await folder.write('lab', 'compose.yaml', 'old', 0o644);
    await folder.makeData(data, { mode: 0o755 });
    execFileSync('mount', ['-o', 'remount,ro', place]);
    const readOnly = { key: 'stack.read-only' };
    await expect(folder.write('lab', 'compose.yaml', 'new', 0o644)).rejects.toMatchObject(readOnly);
    await expect(folder.write('lab', 'gitlab/gitlab.rb', 'x', 0o644)).rejects.toMatchObject(readOnly);
    await expect(folder.remove('lab', 'compose.yaml')).rejects.toMatchObject(readOnly);
    await expect(folder.removeStack('lab')).rejects.toMatchObject(readOnly);
    const more = path.join(place, 'more', 'data');
    await expect(folder.makeData(more, { mode: 0o755 })).rejects.toMatchObject(readOnly);
    await expect(folder.removeData(data)).rejects.toMatchObject(readOnly);
    expect(fs.readFileSync(path.join(lab, 'compose.yaml'), 'utf8')).toBe('old');
    expect(await folder.look(data)).toMatchObject({ exists: true, isMarked: true });
  });
});

describe('data', () => {
  it('of others is never deleted, nor called ours', async () => {
    const { home, folder } = open();
    const data = path.join(home, 'photos');
    fs.mkdirSync(data);
    fs.writeFileSync(path.join(data, 'holiday'), 'x');
    expect(await folder.makeData(data, { mode: 0o755 })).toBe(false);
    expect(await folder.look(data)).toMatchObject({ exists: true, empty: false });
    await expect(folder.removeData(data)).rejects.toMatchObject({ key: 'stack.data-not-ours' });
    expect(tree(data)).toEqual(['holiday']);
  });

  it('in folders that services have given to users of their own are left as they are', async () => {
    const { home, folder } = open();
    const [closed, bare] = [path.join(home, 'registry'), path.join(home, 'bare')];
    fs.chmodSync(home, 0o755);
    fs.mkdirSync(closed);
    fs.chmodSync(closed, 0o000);
    fs.mkdirSync(bare);
    fs.chmodSync(bare, 0o555);
    await asOrdinaryUser(async () => {
      expect(await folder.makeData(closed, { mode: 0o755 })).toBe(false);
      expect(await folder.makeData(bare, { mode: 0o755 })).toBe(false);
      expect(await folder.look(closed)).toMatchObject({ exists: true, empty: false });
      expect(await folder.look(closed)).not.toHaveProperty('isMarked');
      expect(await folder.look(bare)).toMatchObject({ empty: true, isMarked: false });
    });
    fs.chmodSync(closed, 0o755);
    expect([tree(closed), tree(bare)]).toEqual([[], []]);
  });

  it('have a mark that shows whether AutoGit has seen the place before', async () => {
    const { home, folder } = open();
    const data = path.join(home, 'data');
    expect(await folder.look(data)).toMatchObject({ exists: false, isMarked: false });
    await folder.makeData(data, { mode: 0o755 });
    expect(await folder.look(data)).toMatchObject({ exists: true, empty: true, isMarked: true });
  });

  it('of ours is deleted with all that is in it; a place that has to stay is emptied', async () => {
    const { home, folder } = open();
    const data = path.join(home, 'data');
    await folder.makeData(data, { mode: 0o700 });
    expect(fs.statSync(data).mode & 0o777).toBe(0o700);
    fs.mkdirSync(path.join(data, 'inner', 'more'), { recursive: true });
    expect((await folder.look(data)).empty).toBe(false);
    await folder.removeData(data);
    expect(fs.existsSync(data)).toBe(false);
  });

  it.skipIf(!isRoot)('with another disk mounted in it is left alone', async () => {
    const { home, folder } = open();
    const data = path.join(home, 'data');
    await folder.makeData(data, { mode: 0o755 });
    const inner = path.join(data, 'inner');
    fs.mkdirSync(inner);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'autogit-test', inner]);
    try {
      fs.writeFileSync(path.join(inner, 'kept'), 'x');
      await expect(folder.removeData(data)).rejects.toMatchObject({
        key: 'stack.data-mounted',
        message: expect.stringContaining(inner) as string,
      });
      expect(fs.existsSync(path.join(inner, 'kept'))).toBe(true);
    } finally {
      execFileSync('umount', [inner]);
    }
    await folder.removeData(data);
    expect(fs.existsSync(data)).toBe(false);
  });

  it.each(['/', 'relative', '/a\0b'])('has no place at %j', async (place) => {
    const { folder } = open();
    await expect(folder.makeData(place, { mode: 0o755 })).rejects.toMatchObject({
      key: 'stack.path-invalid',
    });
  });

  it('knows the kernel’s list of mounts', () => {
    const line = String.raw`36 35 98:0 /mnt1 /srv/with\040blank rw,noatime master:1 - ext3 /dev/root rw`;
    expect(parseMounts(`${line}\n\nnonsense`)).toEqual(['/srv/with blank']);
  });
});
