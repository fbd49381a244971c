// What holds for the repository as a whole: the lock file, names of machines, licences, first lines.
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every file that is or could be committed, as text; binary files are left out. */
const files: ReadonlyMap<string, string> = new Map(
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
    .toString()
    .split('\0')
    .filter((path) => path !== '' && statSync(join(root, path), { throwIfNoEntry: false })?.isFile() === true)
    .flatMap((path): [string, string][] => {
      const text = readFileSync(join(root, path), 'utf8');
      return text.includes('\0') ? [] : [[path, text]];
    }),
);

function text(path: string): string {
  const found = files.get(path);
  if (found === undefined) throw new Error(`${path} is missing`);
  return found;
}

/** The places where a pattern occurs, as path:line. */
function placesOf(pattern: RegExp): string[] {
  return [...files].flatMap(([path, content]) =>
    content.split('\n').flatMap((line, at) => (pattern.test(line) ? [`${path}:${at + 1}`] : [])),
  );
}

const manifest = z.object({
  dependencies: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});

describe('the repository', () => {
  it('has a lock file that says no place to download from', () => {
    expect(text('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });

  it.each([
    ['npm', ['registry', 'npmjs', 'org']],
    ['npm by another name', ['registry', 'yarnpkg', 'com']],
    ['Debian', ['deb', 'debian', 'org']],
    ['Python', ['files', 'pythonhosted', 'org']],
    ['Go modules', ['proxy', 'golang', 'org']],
  ])('names no host of the package registry of %s', (_name, parts) => {
    expect(placesOf(new RegExp(parts.join('\\.')))).toEqual([]);
  });

  it('names no folder of the machine that it was written on', () => {
    const folders = ['/work', '/root/.cache', '/root/.npm', '/tmp/bash_jobs'].map((folder) =>
      folder.replaceAll('.', '\\.').replaceAll('/', '[/]'),
    );
    expect(placesOf(new RegExp(`(?<![\\w.*/{}-])(?:${folders.join('|')})[/]`))).toEqual([]);
  });

  it('lists the licence of every package that it asks for', () => {
    const { dependencies, optionalDependencies, devDependencies } = manifest.parse(
      JSON.parse(text('package.json')),
    );
    const licences = text('docs/licenses.md');
    const names = Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies });
    expect(names.filter((name) => !new RegExp(`(?<![\\w@/-])${name}(?![\\w/-])`).test(licences))).toEqual([]);
  });

  it('says in the first line of each module what it is for', () => {
    const modules = [...files].filter(
      ([path]) => /\.[cm]?[jt]sx?$/.test(path) && !path.startsWith('tests/unit/'),
    );
    const silent = modules.filter(([, content]) => !/^(?:#!.*\n)?(?:\/\/ \S|\/\*\*? ?\S)/.test(content));
    expect(modules.length).toBeGreaterThan(10);
    expect(silent.map(([path]) => path)).toEqual([]);
  });
});
