// Chooses the files of an artifact or a cache. Runs as the job's user, so that a job gets at nothing but its own.
import { execFile } from 'node:child_process';
import type { Dirent } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { globToRegExp, splitPattern } from './glob.ts';

/** Which files: patterns relative to the project folder. */
export interface FileChoice {
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  readonly untracked: boolean;
}

export interface ChosenFiles {
  /** Relative to the project folder, sorted; folders and links included. */
  readonly paths: readonly string[];
  /** What a person should know, one line each. */
  readonly messages: readonly string[];
}

/** Finds what a choice means in a folder. Links are listed, never followed. */
export async function selectFiles(root: string, choice: FileChoice): Promise<ChosenFiles> {
  const found = new Set<string>();
  const messages: string[] = [];
  const excluded = new Map<string, number>();
  const rules = choice.exclude.flatMap((pattern) => {
    const inside = insideOf(root, pattern);
    return inside === null ? [] : [{ pattern, regExp: globToRegExp(inside) }];
  });
  const take = (path: string): boolean => {
    const rule = rules.find(({ regExp }) => regExp.test(path));
    if (rule === undefined) found.add(path);
    else excluded.set(rule.pattern, (excluded.get(rule.pattern) ?? 0) + 1);
    return rule === undefined;
  };
  for (const pattern of choice.paths) {
    const taken = (await matchPattern(root, pattern)).filter(take).length;
    messages.push(
      taken > 0
        ? `${pattern}: found ${taken} matching artifact files and directories`
        : `WARNING: ${pattern}: no matching files. Ensure that the artifact path is relative to the working directory (${root})`,
    );
  }
  if (choice.untracked) {
    const taken = (await listUntracked(root)).filter(take).length;
    messages.push(taken > 0 ? `untracked: found ${taken} files` : 'WARNING: untracked: no files');
  }
  for (const [pattern, count] of excluded) messages.push(`${pattern}: excluded ${count} files`);
  return { paths: [...found].sort(), messages };
}

async function matchPattern(root: string, pattern: string): Promise<readonly string[]> {
  const inside = insideOf(root, pattern);
  if (inside === null) return [];
  const { base, hasWildcard } = splitPattern(inside);
  const start = base.replace(/\/$/, '');
  if (!hasWildcard) return walk(root, start);
  const regExp = globToRegExp(inside);
  const all = await walk(root, start);
  const matched = all.filter((path) => regExp.test(path));
  const folders = new Set(matched);
  return all.filter((path) => folders.has(path) || hasAncestor(path, folders));
}

/** A matched folder brings everything below it. */
function hasAncestor(path: string, folders: ReadonlySet<string>): boolean {
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
    if (folders.has(path.slice(0, end))) return true;
  }
  return false;
}

/** The pattern relative to the folder; `null` when it points outside. */
function insideOf(root: string, pattern: string): string | null {
  if (pattern === '') return null;
  const { base, hasWildcard } = splitPattern(pattern);
  const start = relative(root, resolve(root, base));
  if (start === '..' || start.startsWith('../')) return null;
  const rest = hasWildcard ? pattern.slice(base.length) : '';
  return [start, rest].filter((part) => part !== '').join('/');
}

/** A path and all below it, relative to the root, without the root itself. Nothing when it does not exist. */
async function walk(root: string, start: string): Promise<readonly string[]> {
  if (!(await exists(resolve(root, start)))) return [];
  const found: string[] = [];
  const queue = [start];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (path !== '') found.push(path);
    for (const entry of await readFolder(resolve(root, path))) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isDirectory()) queue.push(below);
      else found.push(below);
    }
  }
  return found;
}

async function readFolder(path: string): Promise<readonly Dirent[]> {
  try {
    return (await lstat(path)).isDirectory() ? await readdir(path, { withFileTypes: true }) : [];
  } catch {
    return [];
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}

async function listUntracked(root: string): Promise<readonly string[]> {
  try {
    const { stdout } = await promisify(execFile)('git', ['ls-files', '-o', '-z'], {
      cwd: root,
      maxBuffer: 256 * 1024 * 1024,
    });
    return stdout.split('\0').filter((path) => path !== '');
  } catch {
    return [];
  }
}
