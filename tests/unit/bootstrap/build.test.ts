// What is built when: a repository of the test's own, with stubs for the programs that build.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildParts, hashSources, isServe, parts, staleParts } from '../../../main/bootstrap/build.js';
import { createReport } from '../../../main/bootstrap/report.js';

let root = '';
let said = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autogit-build-'));
  said = '';
  put('renderer/main.tsx', 'page');
  put('electron/main.ts', 'shell');
  put('package-lock.json', '{}');
  putProgram(parts.page.program[0], parts.page.results);
  putProgram(parts.desktop.program[0], parts.desktop.results);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** A program that notes that it ran, and makes files. */
function putProgram(path = '', results: readonly string[] = [], more = ''): void {
  put(
    path,
    `const fs = process.getBuiltinModule('node:fs');
     fs.appendFileSync('built', ${JSON.stringify(`${path} `)});
     for (const path of ${JSON.stringify(results)}) {
       fs.mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true });
       fs.writeFileSync(path, 'built');
     }
     ${more}`,
  );
}

function build(ids: readonly ('page' | 'desktop')[] = ['page', 'desktop']): Promise<void> {
  const report = createReport({ write: (text) => (said += text) }, {});
  return buildParts(root, ids, { node: process.execPath, env: { PATH: '/usr/bin:/bin' }, report });
}

function built(): readonly string[] {
  if (!existsSync(join(root, 'built'))) return [];
  const programs = readFileSync(join(root, 'built'), 'utf8').trim().split(' ');
  rmSync(join(root, 'built'));
  return programs.map((program) => (program === parts.page.program[0] ? 'page' : 'desktop'));
}

describe('a build', () => {
  it('makes everything the first time and nothing the second', async () => {
    await build();
    expect(built()).toEqual(['page', 'desktop']);
    expect(said).toMatch(/the page +building 1 s\nthe page +built \d+ s\n/);
    said = '';
    await build();
    expect(built()).toEqual([]);
    expect(said).toBe('');
  });

  it.each([
    ['renderer/features/jobs.tsx', ['page']],
    ['electron/tray.ts', ['desktop']],
    ['main/contract/contract.ts', ['page', 'desktop']],
    ['main/plan/plan.ts', ['desktop']],
    ['package-lock.json', ['page', 'desktop']],
    ['docs/INDEX.md', []],
  ])('after a change of %s makes again: %j', async (path, stale) => {
    await build();
    built();
    put(path, 'changed');
    await build();
    expect(built()).toEqual(stale);
  });

  it('makes again what somebody removed', async () => {
    await build();
    built();
    rmSync(join(root, 'dist/electron'), { recursive: true });
    await build();
    expect(built()).toEqual(['desktop']);
  });

  it('makes only what is asked for', async () => {
    await build(['page']);
    expect(built()).toEqual(['page']);
    expect(staleParts(root, ['page', 'desktop'])).toEqual(['desktop']);
  });

  it('is done once when two ask at the same time', async () => {
    await Promise.all([build(['page']), build(['page'])]);
    expect(built()).toEqual(['page']);
  });

  it('that fails says why, and is tried again', async () => {
    putProgram(
      parts.page.program[0],
      [],
      `console.error('renderer/main.tsx: no such thing'); process.exit(1);`,
    );
    const failed = {
      key: 'bootstrap.build-failed',
      message: 'Building the page failed: renderer/main.tsx: no such thing',
    };
    await expect(build()).rejects.toMatchObject(failed);
    await expect(build()).rejects.toMatchObject(failed);
    expect(said).toContain('failed');
  });

  it('that ends well without a result is a failure', async () => {
    putProgram(parts.page.program[0]);
    await expect(build()).rejects.toMatchObject({
      message: 'Building the page failed: dist/renderer/index.html was not made',
    });
  });
});

describe('the hash of sources', () => {
  it('changes with every name and every content, and with nothing else', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    const tree = fc.dictionary(name, fc.string({ maxLength: 8 }), { maxKeys: 5 });
    fc.assert(
      fc.property(tree, tree, (one, other) => {
        const hash = (files: Record<string, string>): string => {
          rmSync(join(root, 'renderer'), { recursive: true, force: true });
          for (const [file, text] of Object.entries(files)) put(`renderer/in/${file}`, text);
          return hashSources(root, ['renderer', 'not-there']);
        };
        const same =
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(hash(one) === hash(other)).toBe(same);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a command that serves the page', () => {
  it.each([
    [['serve'], true],
    [['serve', '--port', '4800'], true],
    [['serve', '--help'], false],
    [['status'], false],
  ])('%j: %s', (words, expected) => expect(isServe(words)).toBe(expected));
});
