import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFile, mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeFolder, parseManifest } from '../../../../main/adapters/backup/judge.ts';
import { sealFolder } from '../../../../main/adapters/backup/seal.ts';
import { comparePaths, walkTree } from '../../../../main/adapters/backup/tree.ts';
import { hostility } from '../../../../main/model/backup/hostility.ts';
import type { BackupManifest } from '../../../../main/model/backup/manifest.ts';

const signal = new AbortController().signal;
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-judge-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

type Sums = Parameters<Parameters<typeof sealFolder>[1]>[0];

function manifestOf({ filesSha256, files, bytes, byPart }: Sums): BackupManifest {
  const parts = (['home', 'sandbox'] as const).map((part) => ({
    ...{ part, version: '1', counts: {}, awaySeconds: 0 },
    ...(byPart[part] ?? { files: 0, bytes: 0 }),
  }));
  return {
    ...{
      version: 1,
      id: '2f6d1c1e-0000-4000-8000-000000000001',
      at: 1,
      autogit: '0',
      instance: 'i',
      machine: 'm',
    },
    ...{ gitlab: 'sandbox', stack: null, parts, filesSha256, files, bytes },
  };
}

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
    await writeFile(path.join(folder, file), text);
  }
}

const some = { 'home/settings.yaml': 'a: 1\n', 'sandbox/repositories/1/HEAD': 'ref', 'sandbox/empty': '' };

async function sealed(files: Readonly<Record<string, string>> = some): Promise<string> {
  await put(files);
  return (await sealFolder(folder, manifestOf, signal)).sha256;
}

/** Rewrites the list of files and the manifest as somebody would who has the password of the repository. */
async function forge(list: string, change: Partial<BackupManifest> = {}): Promise<string> {
  const at = path.join(folder, 'manifest.json');
  const known: unknown = JSON.parse(await readFile(at, 'utf8'));
  const sha = (text: string): string => createHash('sha256').update(text).digest('hex');
  const text = JSON.stringify({ ...Object(known), filesSha256: sha(list), ...change });
  await writeFile(path.join(folder, 'files.jsonl'), list);
  await writeFile(at, text);
  return sha(text);
}

const judge = (sha256: string | null) => judgeFolder(folder, sha256, signal);

describe('a backup that is as it was made', () => {
  it('is sound, with empty folders and names of every script', async () => {
    const sha256 = await sealed({
      ...some,
      'sandbox/r/refs/heads/ué-👩‍💻': 'x',
      'sandbox/a-b': '',
      'sandbox/a/b': '',
    });
    await mkdir(path.join(folder, 'sandbox/repositories/1/objects/pack'), { recursive: true });
    const { manifest, damaged } = await judge(sha256);
    expect(damaged).toEqual([]);
    expect(manifest).toMatchObject({ files: 6, bytes: 9 });
  });

  it('holds for any names and contents', async () => {
    const name = fc
      .string({
        minLength: 1,
        maxLength: 8,
        unit: fc.constantFrom('a', 'b', 'A', 'B', '.', '-', '_', ' ', 'é', '😀'),
      })
      .filter((it) => !/^\.{1,2}$/.test(it));
    const files = fc.uniqueArray(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.string()), {
      maxLength: 12,
      selector: ([names]) => names.join('/'),
    });
    await fc.assert(
      fc.asyncProperty(files, async (list) => {
        await rm(folder, { recursive: true, force: true });
        await mkdir(folder);
        for (const [names, text] of list) {
          // A name that is a folder already stays one.
          await put({ [path.join('sandbox', ...names)]: text }).catch(() => undefined);
        }
        const { sha256 } = await sealFolder(folder, manifestOf, signal);
        expect((await judge(sha256)).damaged).toEqual([]);
      }),
      { numRuns: 40 },
    );
  });

  it('is walked in the order in which it is listed', async () => {
    await put({ 'home/a/b': '', 'home/a-b': '', 'home/a.b/c': '', 'home/ab': '' });
    const paths: string[] = [];
    for await (const entry of walkTree(folder)) paths.push(entry.path);
    expect(paths).toEqual(paths.toSorted(comparePaths));
  });
});

describe('damage', () => {
  it('is named, file by file', async () => {
    const sha256 = await sealed();
    await writeFile(path.join(folder, 'home/settings.yaml'), 'a: 2\n');
    await rm(path.join(folder, 'sandbox/repositories/1/HEAD'));
    await put({ 'sandbox/zz': 'new', 'home/aa': '' });
    expect((await judge(sha256)).damaged).toEqual([
      'home/aa is not in the manifest',
      'home/settings.yaml is not as it was backed up',
      'sandbox/repositories/1/HEAD is missing',
      'sandbox/zz is not in the manifest',
    ]);
  });

  it('is counted where there is too much of it to be named', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`home/${String(index)}`, 'x']),
    );
    const sha256 = await sealed(many);
    for (const file of Object.keys(many)) await rm(path.join(folder, file));
    const { damaged } = await judge(sha256);
    expect(damaged).toHaveLength(201);
    expect(damaged.at(-1)).toBe('and 100 more');
  });
});

describe('a manifest that cannot be trusted', () => {
  const fails = (sha256: string | null, trouble: string) =>
    expect(judge(sha256)).rejects.toMatchObject({ key: `backup.manifest-${trouble}` });

  it('is missing', async () => {
    await put(some);
    await fails('0'.repeat(64), 'missing');
    const sha256 = await sealed();
    await rm(path.join(folder, 'files.jsonl'));
    await fails(sha256, 'missing');
  });

  it('is not the one that the snapshot names, or no snapshot names one', async () => {
    const sha256 = await sealed();
    await fails(null, 'swapped');
    await appendFile(path.join(folder, 'manifest.json'), ' ');
    await fails(sha256, 'swapped');
  });

  it('vouches for another list of files', async () => {
    const sha256 = await sealed();
    await appendFile(path.join(folder, 'files.jsonl'), '\n');
    await fails(sha256, 'unreadable');
  });

  it('is of a newer form, or of none', () => {
    expect(() => parseManifest('{"version":2,"more":true}')).toThrow(
      expect.objectContaining({ key: 'backup.manifest-newer' }),
    );
    for (const text of ['', '{', '[]', '{"version":1}', '{"version":"2"}', 'null']) {
      expect(() => parseManifest(text)).toThrow(
        expect.objectContaining({ key: 'backup.manifest-unreadable' }),
      );
    }
  });

  it('never gets past as anything but an error with a key, whatever it says', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(() => parseManifest(text)).toThrow(/manifest of this backup|newer AutoGit/);
      }),
    );
  });

  const sha = '0'.repeat(64);
  const line = (file: string, bytes = 0): string =>
    `${JSON.stringify({ path: file, bytes, sha256: sha, mode: 0o600 })}\n`;
  it.each([
    ['a path out of it', line('../out')],
    ['an absolute path', line('/etc/passwd')],
    ['a path out of it, in the middle', line('home/../../out')],
    ['a backslash', line('home\\..\\out')],
    ['a control character', line('home/a\u0007')],
    ['a path twice', line('home/a') + line('home/a')],
    ['paths out of their order', line('home/b') + line('home/a')],
    ['a path in no part', line('etc/passwd')],
    ['a part that this backup does not have', line('gitlab/a')],
    ['a count that no file has', line('home/a', -1)],
    [
      'rights that no file has',
      `${JSON.stringify({ path: 'home/a', bytes: 0, sha256: sha, mode: 0o10000 })}\n`,
    ],
    [
      'more than a file has',
      `${JSON.stringify({ path: 'home/a', bytes: 0, sha256: sha, mode: 0, link: '/etc' })}\n`,
    ],
    ['no JSON', 'home/a\n'],
    ['a line without end', `"${'x'.repeat(40_000)}`],
  ])('lists %s', async (_, list) => {
    await sealed();
    await fails(await forge(list, { files: list.split('\n').length - 1, bytes: 0 }), 'hostile');
  });

  it('counts other files than it lists', async () => {
    await sealed();
    const list = await readFile(path.join(folder, 'files.jsonl'), 'utf8');
    for (const change of [{ files: 2 }, { files: 4 }, { bytes: 7 }])
      await fails(await forge(list, change), 'hostile');
    await fails(await forge(list, { files: 5_000_001 }), 'unreadable');
  });

  it('is larger than any', async () => {
    await sealed();
    await fails(await forge('', { machine: 'x'.repeat(2_000_000) }), 'hostile');
  });
});

describe('a tree that is no backup', () => {
  const hostile = (sha256: string) =>
    expect(judge(sha256)).rejects.toMatchObject({ key: 'backup.manifest-hostile' });

  it('has links, wherever they lead', async () => {
    const sha256 = await sealed();
    for (const [at, to] of [
      ['home/link', '/etc/passwd'],
      ['sandbox/up', '..'],
      ['home/dead', 'nowhere'],
      ['link', 'home'],
    ] as const) {
      await symlink(to, path.join(folder, at));
      await hostile(sha256);
      await rm(path.join(folder, at));
    }
    expect((await judge(sha256)).damaged).toEqual([]);
  });

  it('has a link in the place of what it lists', async () => {
    const sha256 = await sealed();
    for (const file of ['manifest.json', 'files.jsonl', 'home/settings.yaml']) {
      await rename(path.join(folder, file), `${folder}.kept`);
      await symlink(`${folder}.kept`, path.join(folder, file));
      await hostile(sha256);
      await rename(`${folder}.kept`, path.join(folder, file));
    }
  });

  it('has a fifo, which nobody waits at', async () => {
    const sha256 = await sealed();
    execFileSync('mkfifo', [path.join(folder, 'home/fifo')]);
    await hostile(sha256);
    await rm(path.join(folder, 'home/fifo'));
    await rm(path.join(folder, 'manifest.json'));
    execFileSync('mkfifo', [path.join(folder, 'manifest.json')]);
    await hostile(sha256);
  });

  it('has names that are no text, or with control characters', async () => {
    const sha256 = await sealed();
    for (const name of [Buffer.from([0xff, 0xfe]), Buffer.from('a\nb'), Buffer.from('a\\b')]) {
      const at = Buffer.concat([Buffer.from(`${folder}/home/`), name]);
      await writeFile(at, '');
      await hostile(sha256);
      await rm(at);
    }
  });

  it('is known by each of its names alone, before anything is restored', () => {
    for (const at of [
      '/etc/passwd',
      '../a',
      'home/../../a',
      'home//a',
      'home/./a',
      'home/a\0',
      'c:\\a',
      'etc/passwd',
    ])
      expect(hostility(at, 'file')).not.toBeNull();
    for (const at of ['home', 'manifest.json', 'gitlab/backup/db/database.sql'])
      expect(hostility(at, 'file')).toBeNull();
    expect(hostility('home/a', 'other')).toBe('is neither a file nor a folder');
  });
});

describe('sealing', () => {
  it('refuses names that no manifest holds, and what is no file', async () => {
    await put({ 'home/a\nb': '' });
    await expect(sealFolder(folder, manifestOf, signal)).rejects.toMatchObject({ key: 'backup.name-unfit' });
    await rm(path.join(folder, 'home/a\nb'));
    await symlink('/etc/passwd', path.join(folder, 'home/link'));
    await expect(sealFolder(folder, manifestOf, signal)).rejects.toThrow('neither a file nor a folder');
  });

  it('gives the sums of each part, and ends when it is told to', async () => {
    await put(some);
    let sums: Sums | null = null;
    await sealFolder(folder, (given) => manifestOf((sums = given)), signal);
    expect(sums).toMatchObject({
      files: 3,
      bytes: 8,
      byPart: { home: { files: 1, bytes: 5 }, sandbox: { files: 2, bytes: 3 } },
    });
    await expect(sealFolder(folder, manifestOf, AbortSignal.abort(new Error('enough')))).rejects.toThrow(
      'enough',
    );
  });
});
