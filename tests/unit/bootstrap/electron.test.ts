// Which Electron is taken, and how one is got: a repository and a cache of the test's own, a stub for npm, a real archive.
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { copyFolder, findElectron, registryCopy, stampName } from '../../../main/bootstrap/electron.js';
import { provideElectron } from '../../../main/bootstrap/provide-electron.js';

let root = '';
let cache = '';
let said: string[] = [];

beforeEach(async () => {
  nowhere = await closedAddress();
  root = mkdtempSync(join(tmpdir(), 'autogit-electron-'));
  cache = join(root, 'cache');
  said = [];
  put('node_modules/electron/package.json', '{ "version": "45.4.1" }');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

async function closedAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((done) => server.once('listening', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return `http://127.0.0.1:${port}/`;
}

function put(path: string, text: string, mode = 0o644): string {
  const whole = join(root, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, text, { mode });
  return whole;
}

/** Nothing listens there. */
let nowhere = '';

function env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { PATH: '/usr/bin:/bin', XDG_CACHE_HOME: cache, ELECTRON_MIRROR: nowhere, ...more };
}

function provide(more: NodeJS.ProcessEnv = {}, machine = 'linux-x64') {
  const onProgress = (text: string) => void said.push(text);
  return provideElectron({ root, machine, env: env(more), onProgress });
}

function putOfficial(version = '45.4.1'): void {
  put('node_modules/electron/dist/version', version);
  put('node_modules/electron/path.txt', 'electron');
  put('node_modules/electron/dist/electron', '', 0o755);
}

function putCopy(): void {
  const folder = copyFolder(env());
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'electron'), '', { mode: 0o755 });
  writeFileSync(join(folder, stampName), '{}');
}

/** A stub for npm that does as the given JavaScript says, in the folder in which npm was called. */
function npm(script: string): NodeJS.ProcessEnv {
  return {
    npm_execpath: put('npm.cjs', `require('fs').appendFileSync('${root}/npm-calls', 'x'); ${script}`),
  };
}

/** The wire that `@electron/fuses` looks for: a sentinel, a version, a count, and a character for each fuse. */
const program = Buffer.concat([
  Buffer.from('ELF dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('11100011 the rest'),
]);

/** An archive as the registry has it, with the names that matter; npm's stub puts it where npm would. */
async function npmWithArchive(): Promise<NodeJS.ProcessEnv> {
  const zip = new ZipFile();
  zip.addBuffer(program, 'Cypress/Cypress', { mode: 0o100755 });
  zip.addBuffer(Buffer.from('data'), 'Cypress/icudtl.dat', { mode: 0o100644 });
  zip.addBuffer(Buffer.from('de'), 'Cypress/locales/de.pak');
  zip.addBuffer(Buffer.from('theirs'), 'Cypress/resources/theirs.asar');
  zip.addBuffer(Buffer.from('theirs'), 'Cypress/browser_v8_context_snapshot.bin');
  zip.end();
  const archive = join(root, 'archive.zip');
  writeFileSync(archive, await buffer(zip.outputStream));
  const folder = `node_modules/${registryCopy.name}`;
  return npm(`
    const { mkdirSync, copyFileSync, readFileSync, writeFileSync } = require('fs');
    writeFileSync('${root}/locked.json', readFileSync('package-lock.json'));
    mkdirSync('${folder}', { recursive: true });
    copyFileSync('${archive}', '${folder}/${registryCopy.archive}');`);
}

describe('the Electron that is taken', () => {
  it('is none where there is none', () => {
    expect(findElectron(root, env())).toBeNull();
  });

  it('is the named one first, then the official one, then the copy', () => {
    putCopy();
    expect(findElectron(root, env())).toMatchObject({ kind: 'registry', version: '33.2.1' });
    putOfficial();
    expect(findElectron(root, env())).toMatchObject({ kind: 'official', version: '45.4.1' });
    const path = put('own/electron', '', 0o755);
    put('own/version', 'v44.0.0');
    expect(findElectron(root, env({ AUTOGIT_ELECTRON: path }))).toEqual({
      kind: 'named',
      path,
      version: '44.0.0',
    });
  });

  it('keeps its kind when the bootstrap hands it on by its path', () => {
    putCopy();
    const path = join(copyFolder(env()), 'electron');
    expect(findElectron(root, env({ AUTOGIT_ELECTRON: path }))).toMatchObject({ kind: 'registry' });
  });

  it('is never another one than the person named', () => {
    putOfficial();
    expect(findElectron(root, env({ AUTOGIT_ELECTRON: '/nowhere/electron' }))).toBeNull();
  });

  it('is not an official one of another version, nor a copy that is half made', () => {
    putOfficial('44.0.0');
    putCopy();
    rmSync(join(copyFolder(env()), stampName));
    expect(findElectron(root, env())).toBeNull();
  });

  it('lies in the cache of the person, whatever says where that is', () => {
    const last = copyFolder(env()).slice(cache.length);
    expect(copyFolder({ HOME: '/home/felix' })).toBe(`/home/felix/.cache${last}`);
    expect(copyFolder({ HOME: '/home/felix', XDG_CACHE_HOME: '' })).toBe(`/home/felix/.cache${last}`);
  });
});

describe('getting an Electron', () => {
  it('asks nobody when one is there', async () => {
    putCopy();
    expect(await provide(npm(''))).toMatchObject({ kind: 'registry' });
    expect(said).toEqual([]);
  });

  it('downloads the official one where its host answers', async () => {
    const host = createServer((_request, response) => response.end()).listen(0, '127.0.0.1');
    await new Promise((done) => host.once('listening', done));
    const { port } = host.address() as AddressInfo;
    put(
      'node_modules/electron/install.js',
      `const { mkdirSync, writeFileSync } = require('fs');
       mkdirSync(__dirname + '/dist'); writeFileSync(__dirname + '/dist/version', '45.4.1');
       writeFileSync(__dirname + '/dist/electron', ''); writeFileSync(__dirname + '/path.txt', 'electron');`,
    );
    const found = await provide({ ...npm(''), ELECTRON_MIRROR: `http://127.0.0.1:${port}/` });
    await new Promise((done) => host.close(done));
    expect(found).toMatchObject({ kind: 'official', version: '45.4.1' });
    expect(existsSync(join(root, 'npm-calls'))).toBe(false);
  });

  it('takes the copy where that host is not reached, and does so once', async () => {
    const variables = await npmWithArchive();
    expect(await provide(variables)).toEqual({
      kind: 'registry',
      version: '33.2.1',
      path: join(copyFolder(env()), 'electron'),
    });
    await provide(variables);
    expect(readFileSync(join(root, 'npm-calls'), 'utf8')).toBe('x');
  });

  it('takes the copy where the official installer fails', async () => {
    put('node_modules/electron/install.js', `console.error('HTTPError: 404'); process.exit(1);`);
    const proxied = { ...(await npmWithArchive()), HTTPS_PROXY: nowhere };
    expect(await provide(proxied)).toMatchObject({ kind: 'registry' });
  });

  it('is done once when two want it at the same time', async () => {
    const variables = await npmWithArchive();
    const both = await Promise.all([provide(variables), provide(variables)]);
    expect(both.map(({ kind }) => kind)).toEqual(['registry', 'registry']);
    expect(readFileSync(join(root, 'npm-calls'), 'utf8')).toBe('x');
  });

  it('has npm hold the archive against the pinned hash', async () => {
    await provide(await npmWithArchive());
    const locked = JSON.parse(readFileSync(join(root, 'locked.json'), 'utf8')) as { packages: object };
    expect(locked.packages).toHaveProperty([`node_modules/${registryCopy.name}`], {
      version: registryCopy.version,
      integrity: registryCopy.integrity,
    });
  });

  it('starts again after a half-made copy and leaves nothing beside it', async () => {
    const folder = copyFolder(env());
    mkdirSync(`${folder}.part/npm`, { recursive: true });
    mkdirSync(folder);
    writeFileSync(join(folder, 'icudtl.dat'), 'half');
    await provide(await npmWithArchive());
    expect(readFileSync(join(folder, 'icudtl.dat'), 'utf8')).toBe('data');
    expect(readdirSync(dirname(folder))).toHaveLength(1);
  });
});

describe('the copy', () => {
  it('is a plain Electron: its name, its fuses, and nothing of the other product', async () => {
    await provide(await npmWithArchive());
    const folder = copyFolder(env());
    expect(readdirSync(folder).sort()).toEqual([stampName, 'electron', 'icudtl.dat', 'locales', 'resources']);
    expect(statSync(join(folder, 'electron')).mode & 0o777).toBe(0o755);
    const wire = readFileSync(join(folder, 'electron')).toString('latin1');
    expect(wire).toContain('\u0001\b11110001 the rest');
    expect(readdirSync(join(folder, 'resources'))).toEqual(['app']);
    expect(readdirSync(join(folder, 'resources', 'app')).sort()).toEqual(['main.js', 'package.json']);
  });

  it('starts the application that it is given, which can still speak before Electron is ready', async () => {
    await provide(await npmWithArchive());
    const launcher = join(copyFolder(env()), 'resources', 'app');
    put('cache/node_modules/electron/package.json', '{ "type": "module", "exports": "./index.js" }');
    put(
      'cache/node_modules/electron/index.js',
      `const say = (what) => (text) => console.log(what, text);
       export const app = { setName: say('name'), setVersion: say('version'), setAppPath: say('path') };`,
    );
    put(
      'application/package.json',
      '{ "name": "desk", "version": "1.2.3", "type": "module", "main": "main.js" }',
    );
    put('application/main.js', `await null; console.log('application');`);
    const start = `await import(${JSON.stringify(join(launcher, 'main.js'))})`;
    const run = (args: string[]) =>
      spawnSync(process.execPath, ['--input-type=module', '-e', start, '--', ...args], { encoding: 'utf8' });
    const path = join(root, 'application');
    expect(run(['--no-sandbox', path]).stdout).toBe(`name desk\nversion 1.2.3\npath ${path}\napplication\n`);
    expect(run([join(path, 'main.js')]).stdout).toBe(`path ${path}\napplication\n`);
    expect(run([]).status).toBe(1);
  });
});

describe('no Electron can be had', () => {
  it('on another machine than the copy is for', async () => {
    await expect(provide(npm(''), 'darwin-arm64')).rejects.toMatchObject({
      key: 'bootstrap.electron-missing',
      message: `There is no Electron 45.4.1 for darwin-arm64 here: ${new URL(nowhere).host} is not reached (ECONNREFUSED).`,
    });
  });

  it.each([
    ['offline', `npm error code ENOTFOUND`, 'bootstrap.npm-unreachable'],
    ['on a full disk', `npm error code ENOSPC`, 'bootstrap.disk-full'],
    ['with other bytes than the pinned ones', `npm error code EINTEGRITY`, 'bootstrap.npm-failed'],
  ])('%s', async (_name, line, key) => {
    const failing = npm(`console.error(${JSON.stringify(line)}); process.exit(1);`);
    await expect(provide(failing)).rejects.toMatchObject({ key });
    expect(readdirSync(dirname(copyFolder(env())))).toEqual([]);
  });

  it('out of a damaged archive', async () => {
    const folder = `node_modules/${registryCopy.name}`;
    const damaged = npm(`
      require('fs').mkdirSync('${folder}', { recursive: true });
      require('fs').writeFileSync('${folder}/${registryCopy.archive}', 'no zip');`);
    await expect(provide(damaged)).rejects.toMatchObject({
      key: 'bootstrap.electron-failed',
      message: expect.stringMatching(/could not be unpacked: .*Error/) as string,
    });
  });

  it('in a cache that cannot be written', async () => {
    put('cache', 'a file where the folder should be');
    await expect(provide(npm(''))).rejects.toMatchObject({
      key: 'bootstrap.electron-failed',
      next: expect.stringContaining('XDG_CACHE_HOME') as string,
    });
  });
});
