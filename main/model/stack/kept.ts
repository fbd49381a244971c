// What becomes of a rendered file where a person may have changed what lies there, and the mark of one that they keep.
import type { RenderedFile } from './stack.ts';

const prefix = 'kept';

/** What the journal has for a file that a person keeps, in place of its hash: hashes of what lies there, and of what would be written. */
export function keptMark(onDisk: string, wanted: string): string {
  return [prefix, onDisk, wanted].join(':');
}

/** Whether a person decided to keep exactly this file against exactly that one. */
export function isKept(written: string | undefined, onDisk: string, wanted: string): boolean {
  return written === keptMark(onDisk, wanted);
}

/** Whether a person decided to keep exactly this file, against whatever. */
export function isKeptAgainstAny(written: string | undefined, onDisk: string): boolean {
  return written?.startsWith(`${[prefix, onDisk].join(':')}:`) ?? false;
}

/** `kept`: a person has it as they want it. `ask`: only they can say. */
export type FileFate = 'same' | 'kept' | 'create' | 'update' | 'ask';

/** What of a file decides: hashes of what would be written, of what lies there, and what the journal has of it. */
export interface FileHashes {
  readonly wanted: string;
  readonly onDisk: string | undefined;
  readonly written: string | undefined;
}

/** What is AutoGit's is written anew; what a person has changed waits for their word, and is asked about once. */
export function fateOf(
  { once }: Pick<RenderedFile, 'once'>,
  { wanted, onDisk, written }: FileHashes,
  wish: 'replace' | 'keep' | undefined,
): FileFate {
  if (onDisk === undefined) return wish === 'keep' ? 'kept' : 'create';
  if (once === true || onDisk === wanted) return 'same';
  if (wish === 'replace') return 'update';
  if (wish === 'keep' || isKept(written, onDisk, wanted)) return 'kept';
  return written === onDisk ? 'update' : 'ask';
}
