// Writes what a backup is made of: files.jsonl with the digest of every file, and manifest.json above it.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import path from 'node:path';
import type { BackupFiles } from '../../backup-ports.ts';
import { filesName, manifestName, partOf } from '../../model/backup/hostility.ts';
import { backupPathSchema, mostFiles } from '../../model/backup/manifest.ts';
import type { BackupManifest, BackupPart, ManifestFile } from '../../model/backup/manifest.ts';
import { manifestError, nameUnfit, onDisk } from './file-errors.ts';
import { digestFile, inOrder, walkTree } from './tree.ts';

type Whole = Parameters<BackupFiles['seal']>[1];
type Sums = Parameters<Whole>[0];

/** Lines are written in pieces of about this size, in characters. */
const pieceLength = 256 * 1024;

/** See `BackupFiles.seal`. Rejects with `backup.name-unfit`, `backup.no-space`, `backup.no-access`. */
export async function sealFolder(
  folder: string,
  whole: Whole,
  signal: AbortSignal,
): Promise<{ readonly manifest: BackupManifest; readonly sha256: string }> {
  return onDisk(folder, async () => {
    const manifest = whole(await writeFiles(folder, signal));
    const text = `${JSON.stringify(manifest, null, 2)}\n`;
    await writeOne(path.join(folder, manifestName), text);
    return { manifest, sha256: createHash('sha256').update(text).digest('hex') };
  });
}

async function writeFiles(folder: string, signal: AbortSignal): Promise<Sums> {
  const sums: { files: number; bytes: number } = { files: 0, bytes: 0 };
  const byPart: Partial<Record<BackupPart, { files: number; bytes: number }>> = {};
  const hash = createHash('sha256');
  const handle = await open(path.join(folder, filesName), 'w', 0o600);
  try {
    let piece = '';
    const flush = async (): Promise<void> => {
      hash.update(piece);
      await handle.writeFile(piece);
      piece = '';
    };
    for await (const file of filesIn(folder, signal)) {
      const part = partOf(file.path);
      if (part === null) throw new Error(`${file.path} lies in no part of a backup`);
      const ofPart = (byPart[part] ??= { files: 0, bytes: 0 });
      for (const sum of [sums, ofPart]) {
        sum.files += 1;
        sum.bytes += file.bytes;
      }
      if (sums.files > mostFiles) throw tooMany();
      piece += `${JSON.stringify(file)}\n`;
      if (piece.length >= pieceLength) await flush();
    }
    await flush();
    return { filesSha256: hash.digest('hex'), ...sums, byPart };
  } finally {
    await handle.close();
  }
}

async function* filesIn(folder: string, signal: AbortSignal): AsyncGenerator<ManifestFile> {
  yield* inOrder(filePaths(folder), async (file) => {
    const digest = await digestFile(path.join(folder, file), signal);
    if (digest === null) throw new Error(`${file} is no file any more`);
    return { path: file, ...digest };
  });
}

/** What stands in the manifest: every file below a part. What is no file and no folder must not have been put here. */
async function* filePaths(folder: string): AsyncGenerator<string> {
  for await (const { path: at, type, isNamed } of walkTree(folder)) {
    if (type === 'folder' || at === manifestName || at === filesName) continue;
    if (!isNamed || !backupPathSchema.safeParse(at).success) throw nameUnfit(at);
    if (type !== 'file') throw new Error(`${at} is neither a file nor a folder`);
    yield at;
  }
}

async function writeOne(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}

function tooMany(): Error {
  return manifestError(
    'backup.manifest-hostile',
    `There are more than ${String(mostFiles)} files to back up.`,
  );
}
