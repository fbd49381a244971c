// What must never be in a backup: asked of a repository's list before anything is restored, and of what was restored.
import { backupParts } from './manifest.ts';
import type { BackupPart } from './manifest.ts';

/** The two files that every backup has besides its parts. */
export const manifestName = 'manifest.json';
export const filesName = 'files.jsonl';

/** The part that a path lies in; `null`: in none. */
export function partOf(file: string): BackupPart | null {
  return backupParts.find((part) => file.startsWith(`${part}/`)) ?? null;
}

/** What is wrong with something in a tree that is to be restored, as the end of a sentence; `null`: nothing. */
export function hostility(at: string, type: 'file' | 'folder' | 'other', isNamed = true): string | null {
  if (type === 'other') return 'is neither a file nor a folder';
  if (!isNamed) return 'has a name that is no text';
  if (/[\p{Cc}\p{Cs}\\]/u.test(at)) return 'has a control character or a backslash in its name';
  const names = at.split('/');
  if (names.some((name) => name === '' || name === '.' || name === '..')) return 'leads out of it';
  if (names.length > 1 && partOf(at) === null) return 'lies in no part of a backup';
  return null;
}
