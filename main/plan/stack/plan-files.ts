// What becomes of each file in a stack's folder; what a person has changed there is never overwritten without an answer.
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { hashOf } from '../../model/stack/content-hash.ts';
import { isMade } from '../../model/stack/made-files.ts';
import type {
  FileChange,
  PresentFile,
  RenderedFile,
  RenderedStack,
  StackPresent,
  StackWish,
} from '../../model/stack/stack.ts';
import { fateOf } from '../../model/stack/kept.ts';

/** Beyond so many changed lines a file is shown as replaced: finding the shortest difference would take too long. */
const mostEdits = 2_000;

function bare(text: string): readonly string[] {
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Everything goes, everything comes. */
function wholeDiff(head: string, before: string, after: string): string {
  const [old, next] = [bare(before), bare(after)];
  const lines = [...old.map((line) => `-${line}`), ...next.map((line) => `+${line}`)];
  return `${head}@@ -1,${old.length} +1,${next.length} @@\n${lines.join('\n')}\n`;
}

function diffOf(path: string, before: string | null, after: string | null): string {
  const names = [
    before === null ? '/dev/null' : `a/${path}`,
    after === null ? '/dev/null' : `b/${path}`,
  ] as const;
  const patch = createTwoFilesPatch(names[0], names[1], before ?? '', after ?? '', undefined, undefined, {
    context: 3,
    maxEditLength: mostEdits,
    headerOptions: FILE_HEADERS_ONLY,
  });
  return patch ?? wholeDiff(`--- ${names[0]}\n+++ ${names[1]}\n`, before ?? '', after ?? '');
}

/** Values by key, without what every object inherits: a file may be called `constructor`. */
export function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

type Ground = Pick<StackPresent, 'files' | 'written'>;

function planFile(file: RenderedFile, { files, written }: Ground, wish: StackWish['files']): FileChange {
  const { path, content } = file;
  const there = files?.find((file) => file.path === path);
  const last = own(written, path);
  const hashes = { wanted: hashOf(content), onDisk: there?.hash, written: last };
  const fate = fateOf(file, hashes, own(wish, path));
  switch (fate) {
    case 'same':
    case 'kept':
      return { path, change: 'same', byHand: fate === 'kept', diff: '' };
    case 'create':
      return { path, change: 'create', byHand: false, diff: diffOf(path, null, content) };
    case 'update':
    case 'ask': {
      const diff = diffOf(path, there?.content ?? null, content);
      return { path, change: 'update', byHand: last !== there?.hash, diff };
    }
  }
}

/** A file of ours that nothing needs any more. What a person has changed of it, or has put there, stays. */
function planLeftFile(
  { path, content, hash }: PresentFile,
  { written }: Ground,
  wish: StackWish['files'],
): readonly FileChange[] {
  const last = own(written, path);
  if (last === undefined || isMade(path)) return [];
  const byHand = last !== hash;
  if (byHand && own(wish, path) !== 'replace') return [];
  return [{ path, change: 'remove', byHand, diff: diffOf(path, content, null) }];
}

/** One change for each rendered file, in order of paths, and one for each that is removed. */
export function planFiles(
  stack: Pick<RenderedStack, 'files'>,
  present: Ground,
  wish: StackWish['files'],
): readonly FileChange[] {
  const wanted = new Set(stack.files.map(({ path }) => path));
  const left = (present.files ?? []).filter(({ path }) => !wanted.has(path));
  return [
    ...stack.files.map((file) => planFile(file, present, wish)),
    ...left.flatMap((file) => planLeftFile(file, present, wish)),
  ].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Changes that wait for a person's word. */
export function undecided(files: readonly FileChange[], wish: StackWish['files']): readonly FileChange[] {
  return files.filter(
    ({ path, change, byHand }) => byHand && change !== 'same' && own(wish, path) === undefined,
  );
}
