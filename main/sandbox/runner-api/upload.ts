// A multipart upload, streamed to a file.
import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import type { Context } from 'hono';
import type { StateFiles } from '../state-files.ts';
import { RunnerApiError } from './answers.ts';

/** A received file; whoever gets it moves it away or removes it. */
export interface Upload {
  readonly path: string;
  readonly filename: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: string;
}

/** Receives the part called `file`. Raises 400 without one and 413 above `maxBytes`; leaves no file then. */
export async function receiveUpload(c: Context, files: StateFiles, maxBytes: number): Promise<Upload> {
  const type = c.req.header('content-type') ?? '';
  const body = c.req.raw.body;
  if (!type.startsWith('multipart/form-data') || body === null)
    throw new RunnerApiError(400, '400 Bad request - file is missing');
  const parts: Promise<Upload | null>[] = [];
  const path = files.uploadPath(randomUUID());
  const parser = new Busboy({ headers: { 'content-type': type }, limits: { fileSize: maxBytes, files: 1 } });
  parser.on('file', (field, stream, filename) => {
    if (field === 'file') parts.push(saveTo(path, stream, filename));
    else stream.resume();
  });
  try {
    await pipeline(Readable.from(body), parser);
    await finished(parser);
    const upload = (await Promise.all(parts))[0];
    if (upload === undefined) throw new RunnerApiError(400, '400 Bad request - file is missing');
    if (upload === null) throw new RunnerApiError(413, '413 Request Entity Too Large');
    return upload;
  } catch (error) {
    await Promise.allSettled(parts);
    await rm(path, { force: true });
    throw error;
  }
}

/** `null` when the stream was cut at its limit. */
async function saveTo(
  path: string,
  stream: Readable & { truncated?: boolean },
  filename: string,
): Promise<Upload | null> {
  const hash = createHash('sha256');
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    size += chunk.length;
  });
  await pipeline(stream, createWriteStream(path));
  return stream.truncated === true ? null : { path, filename, size, sha256: hash.digest('hex') };
}
