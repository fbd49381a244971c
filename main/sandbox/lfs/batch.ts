// The batch API's answer: for each object what to do next, or why nothing can be done.
import { z } from 'zod';
import { isOid } from './files.ts';
import type { LfsFiles, LfsObject } from './files.ts';

/** Of questions and answers. */
export const contentType = 'application/vnd.git-lfs+json';

/** As sent: whether it may be an object at all is said for each. */
export const objectSchema = z.object({ oid: z.string(), size: z.number() });

export const batchSchema = z.object({
  operation: z.enum(['download', 'upload']),
  /** Empty: `basic`, which everybody knows. */
  transfers: z.array(z.string()).default([]),
  hash_algo: z.string().default('sha256'),
  objects: z.array(objectSchema).min(1),
});

export const wordsFor = {
  missing: "Object does not exist on the server or you don't have permissions to access it",
  unfit: 'An object is named by its SHA-256, 64 hexadecimal digits, and has at most 5 GiB.',
  otherSize: 'The object that has this SHA-256 has another size.',
} as const;

/** Bytes of one object. */
const maxObjectBytes = 5 * 1024 ** 3;

/** Whether there can be such an object here. */
export function isStorable({ oid, size }: LfsObject): boolean {
  return isOid(oid) && Number.isInteger(size) && size >= 0 && size <= maxObjectBytes;
}

export interface BatchQuestion {
  readonly operation: 'download' | 'upload';
  readonly objects: readonly LfsObject[];
  readonly files: LfsFiles;
  readonly projectId: number;
  /** Of the project's objects, without a slash at the end. */
  readonly url: string;
  /** Who asks, by the header; `null` for somebody who is not signed in. */
  readonly authorization: string | null;
}

interface Action {
  readonly href: string;
  readonly header: Readonly<Record<string, string>>;
}

interface AnsweredObject extends LfsObject {
  readonly authenticated?: true;
  readonly actions?: Readonly<Record<string, Action>>;
  readonly error?: { readonly code: 404 | 422; readonly message: string };
}

export interface BatchAnswer {
  readonly transfer: 'basic';
  readonly hash_algo: 'sha256';
  readonly objects: readonly AnsweredObject[];
}

/** Decides about objects of a project that the asker may read, or write to. */
export function answerBatch(question: BatchQuestion): BatchAnswer {
  const objects = question.objects.map((object) => ({ ...object, ...nextFor(object, question) }));
  return { transfer: 'basic', hash_algo: 'sha256', objects };
}

function nextFor(object: LfsObject, question: BatchQuestion): Omit<AnsweredObject, keyof LfsObject> {
  if (!isStorable(object)) return { error: { code: 422, message: wordsFor.unfit } };
  const known = question.files.find(question.projectId, object.oid);
  if (known !== null && known.size !== object.size)
    return { error: { code: 422, message: wordsFor.otherSize } };
  // Whoever asks for the objects sends along who it is: with the answer's headers git-lfs does not have to find out again.
  const header = question.authorization === null ? {} : { Authorization: question.authorization };
  const href = `${question.url}/${object.oid}`;
  if (question.operation === 'download') {
    if (known === null) return { error: { code: 404, message: wordsFor.missing } };
    return { authenticated: true, actions: { download: { href, header } } };
  }
  if (known !== null) return {};
  const upload = {
    href: `${href}/${object.size}`,
    // As GitLab: streamed, and never taken for anything else.
    header: { ...header, 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' },
  };
  return { authenticated: true, actions: { upload, verify: { href: `${href}/verify`, header } } };
}
