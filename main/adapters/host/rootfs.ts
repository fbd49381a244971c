// The sandbox's image: what is in it, its name, and its root file system as a tar.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pack, type Pack } from 'tar-stream';
import { z } from 'zod';
import { writeDurably } from '../../durable.ts';
import { AutoGitError } from '../../errors.ts';
import { bundleProgram, type Bundle, type Program } from './bundle.ts';
import { readIfExists } from './files.ts';
import { gatherFiles, type GatheredFile, systemFolders } from './gather-files.ts';
import { folders, imageRecipe, mergedFolders, programPaths, texts } from './image-contents.ts';

const itemSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('file'),
    path: z.string(),
    /** Absolute path on this machine. */
    source: z.string(),
    mode: z.int(),
    sha256: z.string(),
  }),
  z.object({ kind: z.literal('link'), path: z.string(), target: z.string() }),
]);

const manifestSchema = z.object({
  recipe: z.string(),
  name: z.string(),
  items: z.array(itemSchema),
  /** What was read, as it was then: while nothing of it changed, neither did the image. */
  inputs: z.array(z.object({ path: z.string(), stamp: z.string() })),
});

type Item = Readonly<z.infer<typeof itemSchema>>;
type Manifest = Readonly<z.infer<typeof manifestSchema>>;

export interface SandboxImage {
  /** `autogit-sandbox:<16 hex digits>` of its content. Rejects with `host.image-needs-linux`, `host.image-tool-missing`. */
  name(): Promise<string>;
  /** A tar of the root file system of just that image. */
  rootfs(): Promise<NodeJS.ReadableStream>;
}

export interface SandboxImageOptions {
  /** Keeps bundles and fingerprints between starts. */
  readonly cacheFolder: string;
  /** `PATH` of the person: where programs are looked for after the system's own folders. */
  readonly searchPath: string;
  readonly platform?: NodeJS.Platform;
  /** How a program is made; from its sources by default. */
  readonly bundle?: (program: Program) => Promise<Bundle>;
}

/** The image as this machine can make it; looked at once in the life of this object. */
export function createSandboxImage(options: SandboxImageOptions): SandboxImage {
  let known: Promise<Manifest> | null = null;
  const manifest = (): Promise<Manifest> => {
    known ??= observeImage(options).catch((error: unknown) => {
      known = null;
      throw error;
    });
    return known;
  };
  return {
    name: async () => (await manifest()).name,
    rootfs: async () => packRootfs((await manifest()).items),
  };
}

async function observeImage(options: SandboxImageOptions): Promise<Manifest> {
  const { cacheFolder, searchPath, platform } = options;
  if ((platform ?? process.platform) !== 'linux') throw needsLinux();
  const cacheFile = path.join(cacheFolder, 'image.json');
  const recipe = sha256(JSON.stringify([imageRecipe, process.execPath, process.arch, searchPath]));
  const cached = parseManifest(await readIfExists(cacheFile));
  if (cached?.recipe === recipe && (await isUnchanged(cached))) return cached;
  const made = await makeManifest(options, recipe);
  await writeDurably(cacheFile, JSON.stringify(made), 0o600);
  return made;
}

function parseManifest(bytes: Buffer | null): Manifest | null {
  try {
    return bytes === null ? null : manifestSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return null;
  }
}

async function isUnchanged({ inputs }: Manifest): Promise<boolean> {
  const now = await Promise.all(inputs.map(({ path: file }) => stampOf(file)));
  return inputs.every(({ stamp }, index) => stamp === now[index]);
}

/** Changes when the file does, or when something is added to or removed from the folder. */
async function stampOf(file: string): Promise<string> {
  return stat(file).then(
    ({ size, mtimeMs, ino }) => [size, mtimeMs, ino].join(' '),
    () => 'missing',
  );
}

async function makeManifest(options: SandboxImageOptions, recipe: string): Promise<Manifest> {
  const [gathered, sandbox, runner, gateway, backup] = await Promise.all([
    gatherFiles(options.searchPath),
    storeBundle('sandbox', options),
    storeBundle('runner', options),
    storeBundle('gateway', options),
    storeBundle('backup', options),
  ]);
  const files = [...gathered, sandbox.file, runner.file, gateway.file, backup.file];
  const inputs = new Set([
    ...systemFolders,
    ...files.flatMap((file) => (file.kind === 'file' ? [file.source] : [])),
    ...sandbox.sources,
    ...runner.sources,
    ...gateway.sources,
    ...backup.sources,
  ]);
  const stamps = await Promise.all(
    [...inputs].map(async (input) => ({ path: input, stamp: await stampOf(input) })),
  );
  // One after the other with one buffer: hundreds of streams would leave the core larger by 150 MB from its first start.
  const buffer = Buffer.allocUnsafe(1 << 18);
  const items: Item[] = [];
  for (const file of files) {
    items.push(file.kind === 'file' ? { ...file, ...(await fingerprint(file.source, buffer)) } : file);
  }
  items.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { recipe, name: imageName(items), items, inputs: stamps };
}

async function storeBundle(
  program: Program,
  { bundle = bundleProgram, cacheFolder }: SandboxImageOptions,
): Promise<{ file: GatheredFile; sources: readonly string[] }> {
  const { code, sources } = await bundle(program);
  const source = path.join(cacheFolder, `${program}.mjs`);
  await mkdir(cacheFolder, { recursive: true, mode: 0o700 });
  await writeDurably(source, code, 0o600);
  return { file: { kind: 'file', path: programPaths[program], source }, sources };
}

async function fingerprint(source: string, buffer: Buffer): Promise<{ mode: number; sha256: string }> {
  const hash = createHash('sha256');
  const file = await open(source);
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
  const { mode } = await stat(source);
  return { mode: (mode & 0o111) === 0 ? 0o644 : 0o755, sha256: hash.digest('hex') };
}

/** Where a file came from does not count, what it is does. */
function imageName(items: readonly Item[]): string {
  const content = items.map((item) =>
    item.kind === 'file' ? [item.path, item.mode, item.sha256] : [item.path, item.target],
  );
  return `autogit-sandbox:${sha256(JSON.stringify([imageRecipe, content])).slice(0, 16)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Equal content gives an equal tar: sorted, owned by root, dated 1970. */
function packRootfs(items: readonly Item[]): NodeJS.ReadableStream {
  const tar = pack();
  writeRootfs(tar, items).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  // The tar library has streams of its own; the engine's client wants Node's.
  return Readable.from(tar, { objectMode: false });
}

const mtime = new Date(0);

async function writeRootfs(tar: Pack, items: readonly Item[]): Promise<void> {
  for (const [link, target] of Object.entries(mergedFolders)) {
    tar.entry({ name: link.slice(1), type: 'symlink', linkname: target, mtime });
  }
  for (const { path: folder, mode, uid } of allFolders(items)) {
    tar.entry({ name: folder.slice(1), type: 'directory', mode, uid, gid: uid, mtime });
  }
  for (const text of texts) tar.entry({ name: text.path.slice(1), mode: text.mode, mtime }, text.content);
  const written = new Map<string, string>();
  for (const item of items) {
    if (item.kind === 'link') {
      tar.entry({ name: item.path.slice(1), type: 'symlink', linkname: item.target, mtime });
      continue;
    }
    const content = `${String(item.mode)} ${item.sha256}`;
    const twin = written.get(content);
    written.set(content, twin ?? item.path);
    if (twin === undefined) await writeFile(tar, item);
    else
      tar.entry({ name: item.path.slice(1), type: 'link', linkname: twin.slice(1), mode: item.mode, mtime });
  }
  tar.finalize();
}

async function writeFile(tar: Pack, item: Extract<Item, { kind: 'file' }>): Promise<void> {
  const { size } = await stat(item.source);
  const entry = tar.entry({ name: item.path.slice(1), mode: item.mode, size, mtime });
  await pipeline(createReadStream(item.source, { highWaterMark: 1 << 20 }), entry);
}

/** The named folders and the parents of everything, parents first. */
function allFolders(items: readonly Item[]): readonly { path: string; mode: number; uid: number }[] {
  const all = new Map(folders.map((folder) => [folder.path, folder]));
  const paths = [...items, ...texts, ...folders].map((item) => item.path);
  for (const target of Object.values(mergedFolders)) paths.push(`/${target}/x`);
  for (const item of paths) {
    for (let parent = path.posix.dirname(item); parent !== '/'; parent = path.posix.dirname(parent)) {
      if (!all.has(parent)) all.set(parent, { path: parent, mode: 0o755, uid: 0 });
    }
  }
  return [...all.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

function needsLinux(): AutoGitError {
  return new AutoGitError({
    key: 'host.image-needs-linux',
    message: 'The sandbox image is made from the programs of a Linux machine, and this is not one.',
    next: 'Run AutoGit on Linux or inside WSL2, or connect it to a GitLab of yours instead of the sandbox.',
    fields: { platform: process.platform },
  });
}
