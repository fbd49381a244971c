// Which npm packages count as installed, and how npm is run: once, guarded, and explained when it fails.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  coveredSet,
  detectPackages,
  explainNpm,
  installPackageSet,
  isEnough,
  readStamp,
} from '../../../main/bootstrap/packages.js';

let root = '';
const quiet = (): void => undefined;

const locked = {
  '': {},
  'node_modules/zod': { version: '4.0.0', integrity: 'sha512-a' },
  'node_modules/vitest': { version: '4.1.0', integrity: 'sha512-b', dev: true },
  'node_modules/fsevents': { version: '2.0.0', integrity: 'sha512-c', optional: true },
};

/** An npm that notes its arguments and the sets it installs, slowly enough for two of them to meet. */
const fakeNpm = `
const { appendFileSync, mkdirSync } = require('node:fs');
appendFileSync('calls.txt', process.argv.slice(2).join(' ') + '\\n');
setTimeout(() => mkdirSync('node_modules', { recursive: true }), 300);
`;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'autogit-packages-'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
  writeFileSync(join(root, 'npm.cjs'), fakeNpm);
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function env(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], npm_execpath: join(root, 'npm.cjs') };
}

function calls(): string[] {
  return readFileSync(join(root, 'calls.txt'), 'utf8').trim().split('\n');
}

describe("npm's own record of what is installed", () => {
  it('covers everything with the development packages', () => {
    expect(coveredSet(locked, locked)).toBe('all');
  });

  it('covers the product without them, and without optional ones', () => {
    expect(coveredSet(locked, { 'node_modules/zod': locked['node_modules/zod'] })).toBe('production');
  });

  it.each([
    ['a package is missing', {}],
    ['its version is another', { 'node_modules/zod': { version: '3.9.0', integrity: 'sha512-a' } }],
    ['its content is another', { 'node_modules/zod': { version: '4.0.0', integrity: 'sha512-x' } }],
  ])('covers nothing when %s', (_name, installed) => {
    expect(coveredSet(locked, installed)).toBeNull();
  });

  it('is accepted where a person ran npm, and stamped', () => {
    mkdirSync(join(root, 'node_modules'));
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify({ packages: locked }));
    expect(readStamp(root)).toBeNull();
    expect(detectPackages(root)).toBe('all');
    expect(readStamp(root)).toBe('all');
  });
});

describe('an installation', () => {
  it('leaves out development packages for the product, and is not repeated', async () => {
    await installPackageSet(root, 'production', env(), quiet);
    await installPackageSet(root, 'production', env(), quiet);
    expect(calls()).toHaveLength(1);
    expect(calls()[0]).toMatch(/^ci --ignore-scripts .*--omit=dev$/);
    expect(detectPackages(root)).toBe('production');
  });

  it('adds the rest for tests, which a later demo does not undo', async () => {
    await installPackageSet(root, 'production', env(), quiet);
    await installPackageSet(root, 'all', env(), quiet);
    await installPackageSet(root, 'production', env(), quiet);
    expect(calls()).toHaveLength(2);
    expect(calls()[1]).not.toContain('--omit');
    expect(readStamp(root)).toBe('all');
  });

  it('is asked for again when the lock file changes', async () => {
    await installPackageSet(root, 'all', env(), quiet);
    writeFileSync(join(root, 'package-lock.json'), '{"packages":{"node_modules/new":{"version":"1.0.0"}}}');
    expect(detectPackages(root)).toBeNull();
  });

  it('is done once when two bootstraps start together', async () => {
    await Promise.all([
      installPackageSet(root, 'all', env(), quiet),
      installPackageSet(root, 'production', env(), quiet),
    ]);
    expect(calls()).toHaveLength(1);
  });

  it('leaves no stamp when npm fails', async () => {
    writeFileSync(join(root, 'npm.cjs'), 'console.error("npm error code ENOTFOUND"); process.exit(1);');
    await expect(installPackageSet(root, 'all', env(), quiet)).rejects.toMatchObject({
      key: 'bootstrap.npm-unreachable',
      exit: 1,
    });
    expect(readStamp(root)).toBeNull();
  });
});

describe('what npm says when it fails', () => {
  it.each([
    [
      'npm error network request to https://example.invalid failed, reason: getaddrinfo EAI_AGAIN',
      'npm-unreachable',
    ],
    ['npm error code ECONNREFUSED', 'npm-unreachable'],
    ['npm ERR! code ENOSPC', 'disk-full'],
    ['npm error code EINTEGRITY', 'npm-failed'],
    ['Segmentation fault', 'npm-failed'],
  ])('%s', (line, key) => {
    expect(explainNpm([line]).key).toBe(`bootstrap.${key}`);
  });

  it('keeps its reason', () => {
    expect(explainNpm(['npm error code EINTEGRITY', 'npm error log: x']).message).toContain(
      'code EINTEGRITY',
    );
  });
});

describe('whether a set is enough', () => {
  it('is for the same set and for everything', () => {
    expect(isEnough('all', 'production')).toBe(true);
    expect(isEnough('production', 'production')).toBe(true);
    expect(isEnough('production', 'all')).toBe(false);
    expect(isEnough(null, 'production')).toBe(false);
  });
});
