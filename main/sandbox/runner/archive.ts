// Packs and unpacks the files of artifacts and caches: zip, gzip and raw.
import type { Stats } from 'node:fs';
import { createReadStream, createWriteStream } from 'node:fs';
import { chmod, lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fromFdPromise } from 'yauzl';
import type { Entry, ZipFile as ZipReader } from 'yauzl';
import { ZipFile } from 'yazl';

const fileTypeMask = 0o170000;
const linkType = 0o120000;
const folderType = 0o040000;

/** A zip of paths below a folder; links stay links, other kinds of files are left out. */
export async function* packZip(root: string, paths: readonly string[]): AsyncGenerator<Uint8Array> {
  const zip = new ZipFile();
  const output = new PassThrough();
  zip.outputStream.pipe(output);
  zip.on('error', (error: Error) => output.destroy(error));
  for (const path of paths) {
    const stats = await statOf(resolve(root, path));
    if (stats !== null) await addToZip(zip, root, path, stats);
  }
  zip.end();
  yield* output;
}

async function addToZip(zip: ZipFile, root: string, path: string, stats: Stats): Promise<void> {
  const real = resolve(root, path);
  const options = { mtime: stats.mtime, mode: stats.mode };
  if (stats.isSymbolicLink()) zip.addBuffer(Buffer.from(await readlink(real)), path, options);
  else if (stats.isDirectory()) zip.addEmptyDirectory(path, options);
  else if (stats.isFile()) zip.addFile(real, path, options);
}

/** One gzip member for each file, one after the other, as GitLab's runner makes them for reports. */
export async function* packGzip(root: string, paths: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const path of await onlyFiles(root, paths)) {
    yield* createReadStream(resolve(root, path)).pipe(createGzip());
  }
}

/** The one file there must be. Throws when there are more. */
export async function* packRaw(root: string, paths: readonly string[]): AsyncGenerator<Uint8Array> {
  const files = await onlyFiles(root, paths);
  const [file] = files;
  if (file === undefined || files.length > 1) throw new Error('only one file can be sent as raw');
  yield* createReadStream(resolve(root, file));
}

async function onlyFiles(root: string, paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) {
    if ((await statOf(resolve(root, path)))?.isFile() === true) files.push(path);
  }
  return files;
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch {
    return null;
  }
}

/**
 * Unpacks the zip in an open file into a folder, over what is there. Names that point outside are refused by the
 * reader. Rejects when it is not a zip.
 */
export async function unpackZip(descriptor: number, root: string): Promise<void> {
  const zip = await fromFdPromise(descriptor, { autoClose: false });
  for await (const entry of zip.eachEntry()) await unpackEntry(zip, entry, root);
}

async function unpackEntry(zip: ZipReader, entry: Entry, root: string): Promise<void> {
  const target = resolve(root, entry.fileName);
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & fileTypeMask;
  if (type === folderType || entry.fileName.endsWith('/')) {
    await mkdir(target, { recursive: true });
    return;
  }
  await mkdir(dirname(target), { recursive: true });
  await rm(target, { force: true });
  const content = await zip.openReadStreamPromise(entry);
  if (type === linkType) {
    await symlink((await buffer(content)).toString('utf8'), target);
    return;
  }
  await pipeline(content, createWriteStream(target));
  if (mode !== 0) await chmod(target, mode & 0o777);
}
