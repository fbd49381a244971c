// `pack` and `unpack`: the parts of a job that touch its files. The runner starts itself with them as the job's
// user, so that a link or a pattern in a project reaches nothing that the job may not read or write anyway.
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { assertNever } from '../../model/assert.ts';
import { packGzip, packRaw, packZip, unpackZip } from './archive.ts';
import { selectFiles } from './files.ts';
import { colour } from './script.ts';

const packRequest = z
  .object({
    paths: z.array(z.string()).readonly(),
    exclude: z.array(z.string()).readonly(),
    untracked: z.boolean(),
    format: z.enum(['zip', 'gzip', 'raw']),
  })
  .readonly();

/** What `pack` reads as JSON from its standard input. */
export type PackRequest = z.output<typeof packRequest>;

/** The descriptor on which `unpack` finds the archive. */
const archiveDescriptor = 3;

/**
 * Writes the archive of files of the working folder to standard output and what a person should know to standard
 * error. Without any file it writes nothing at all to standard output.
 */
export async function runPack(): Promise<void> {
  const request = packRequest.parse(JSON.parse(await text(process.stdin)));
  const root = resolve('.');
  const { paths, messages } = await selectFiles(root, request);
  for (const message of messages) process.stderr.write(`${renderMessage(message)}\n`);
  if (paths.length > 0) await pipeline(pack(request.format, root, paths), process.stdout);
}

function pack(
  format: PackRequest['format'],
  root: string,
  paths: readonly string[],
): AsyncIterable<Uint8Array> {
  switch (format) {
    case 'zip':
      return packZip(root, paths);
    case 'gzip':
      return packGzip(root, paths);
    case 'raw':
      return packRaw(root, paths);
    default:
      return assertNever(format);
  }
}

/** Unpacks the zip on descriptor 3 into the working folder. */
export async function runUnpack(): Promise<void> {
  await unpackZip(archiveDescriptor, resolve('.'));
}

function renderMessage(message: string): string {
  return message.startsWith('WARNING:') ? colour('yellow', message) : message;
}
