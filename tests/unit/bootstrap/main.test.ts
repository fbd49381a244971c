// The bootstrap as a program: a copy of it in a repository of its own, with a stub for npm, engine and command line.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detectSandbox, judgeSandbox } from '../../../main/bootstrap/desktop.js';
import { tools } from '../../../main/bootstrap/items.js';

let root = '';
let engine: Server;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'autogit-main-'));
  const source = fileURLToPath(new URL('../../../main/bootstrap', import.meta.url));
  cpSync(source, join(root, 'main', 'bootstrap'), { recursive: true });
  mkdirSync(join(root, 'main', 'cli'));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'package-lock.json'), '{"packages":{"node_modules/zod":{"version":"4.0.0"}}}');
  writeFileSync(join(root, 'bin', 'git'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(
    join(root, 'npm.cjs'),
    `require('fs').appendFileSync('npm-calls', 'x'); require('fs').mkdirSync('node_modules', { recursive: true });
     console.log('npm chats on standard output');`,
  );
  writeCli('console.log(JSON.stringify(process.argv.slice(2)));');
  engine = createServer((_request, response) => {
    response.writeHead(200, { 'Api-Version': '1.41', Server: 'Docker/28.2.2 (linux)' });
    response.end('OK');
  });
  await new Promise<void>((done) => engine.listen(join(root, 'engine'), done));
});

afterEach(async () => {
  await new Promise((done) => engine.close(done));
  rmSync(root, { recursive: true, force: true });
});

function writeCli(text: string): void {
  writeFileSync(join(root, 'main', 'cli', 'main.ts'), text);
}

interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function start(
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { kill: (signal: NodeJS.Signals) => void; out: () => string; done: Promise<Run> } {
  const child = spawn(process.execPath, [join(root, 'main', 'bootstrap', 'main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: join(root, 'bin'),
      TMPDIR: tmpdir(),
      npm_execpath: join(root, 'npm.cjs'),
      DOCKER_HOST: `unix://${join(root, 'engine')}`,
      ...env,
    },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const done = new Promise<Run>((resolve) => child.on('close', (code) => resolve({ code, out, err })));
  return { kill: (signal) => child.kill(signal), out: () => out, done };
}

function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  return start(args, env).done;
}

describe('a first demo', () => {
  it('installs what is missing and leaves standard output to the demo', async () => {
    const { code, out, err } = await run(['demo', '--', '--jobs', '20', '--json']);
    expect(err).toContain('npm packages      installed');
    expect(err).toContain(
      `container engine  ok              Docker 28.2.2 at unix://${root}/engine (DOCKER_HOST)`,
    );
    expect(out).toBe('["demo","--jobs","20","--json"]\n');
    expect(code).toBe(0);
  });

  it('hands the engine that it found to the demo', async () => {
    writeCli('console.log(process.env.DOCKER_HOST);');
    const runtime = { DOCKER_HOST: '', XDG_RUNTIME_DIR: root };
    renameSync(join(root, 'engine'), join(root, 'docker.sock'));
    expect((await run(['demo', '--'], runtime)).out).toBe(`unix://${root}/docker.sock\n`);
  });

  it('is followed by one that installs nothing', async () => {
    await run(['demo', '--']);
    const { err } = await run(['demo', '--']);
    expect(err).toContain('npm packages      ok');
    expect(readFileSync(join(root, 'npm-calls'), 'utf8')).toBe('x');
  });

  it('changes nothing when something stands in the way, and says what to do', async () => {
    const { code, out, err } = await run(['demo', '--', '--json'], { DOCKER_HOST: 'unix:///nowhere.sock' });
    expect(code).toBe(3);
    expect(out).toBe('');
    expect(err).toMatch(
      /\nbootstrap\.engine-unreachable\n.*ENOENT.*\nNext: start that engine, or unset DOCKER_HOST/,
    );
    expect(existsSync(join(root, 'npm-calls'))).toBe(false);
  });

  it('shows its help without an engine', async () => {
    const { code, out } = await run(['demo', '--', '--help'], { DOCKER_HOST: 'unix:///nowhere.sock' });
    expect([code, out]).toEqual([0, '["demo","--help"]\n']);
  });
});

describe('the command line', () => {
  it('is silent about the machine once the packages are there, and needs no engine', async () => {
    await run(['bootstrap', '--', 'autogit']);
    const { code, out, err } = await run(['autogit', '--', 'status', '--json'], {
      DOCKER_HOST: 'unix:///nowhere.sock',
    });
    expect([code, out, err]).toEqual([0, '["status","--json"]\n', '']);
  });

  it('ends with the exit code of the command', async () => {
    writeCli('process.exit(4);');
    expect((await run(['autogit', '--'])).code).toBe(4);
  });

  it('gets a signal exactly once, and its answer counts', async () => {
    writeCli(`
      let count = 0;
      process.on('SIGINT', () => { count += 1; console.log('interrupted'); setTimeout(() => process.exit(count === 1 ? 130 : 9), 400); });
      setInterval(() => undefined, 1000);
      console.log('ready');
    `);
    await run(['bootstrap', '--', 'autogit']);
    const command = start(['autogit', '--', 'serve']);
    await expect.poll(command.out, { timeout: 10_000 }).toContain('ready');
    command.kill('SIGINT');
    await expect.poll(command.out, { interval: 10 }).toContain('interrupted');
    command.kill('SIGINT'); // npm passes on a copy of what the terminal sent
    expect((await command.done).code).toBe(130);
  });

  it('ends when the shell that npm ran it in is killed', async () => {
    writeCli(`
      process.on('SIGTERM', () => { console.log('stopping'); process.exit(0); });
      setInterval(() => undefined, 1000);
      console.log('ready');
    `);
    await run(['bootstrap', '--', 'autogit']);
    const script = `'${process.execPath}' '${join(root, 'main', 'bootstrap', 'main.js')}' autogit -- serve; :`;
    const shell = spawn('/bin/sh', ['-c', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { PATH: join(root, 'bin'), npm_lifecycle_event: 'autogit' },
    });
    let out = '';
    shell.stdout.on('data', (data: Buffer) => (out += data.toString()));
    await expect.poll(() => out, { timeout: 10_000 }).toContain('ready');
    shell.kill('SIGTERM');
    await expect.poll(() => out, { timeout: 10_000 }).toContain('stopping');
  });

  it('that a signal ended says which', async () => {
    writeCli(`setInterval(() => undefined, 1000); console.log('ready');`);
    await run(['bootstrap', '--', 'autogit']);
    const command = start(['autogit', '--', 'serve']);
    await expect.poll(command.out, { timeout: 10_000 }).toContain('ready');
    command.kill('SIGTERM');
    expect((await command.done).code).toBe(143);
  });
});

describe('words that the demo does not take', () => {
  it('are refused before anything is installed', async () => {
    const { code, out, err } = await run(['demo', '--', '--jobs', '-1']);
    expect(err).toBe(
      '× --jobs must be a whole number from 1 to 200, not -1.\n  Give a whole number from 1 to 200.\n  usage.invalid-value\n',
    );
    expect([code, out]).toEqual([2, '']);
    expect(existsSync(join(root, 'npm-calls'))).toBe(false);
  });

  it('are refused as a document for a script', async () => {
    const { code, out } = await run(['demo', '--', '--json', '--jobs', 'x']);
    expect(JSON.parse(out)).toMatchObject({
      error: { key: 'usage.invalid-value', fields: { field: 'jobs' } },
    });
    expect(code).toBe(2);
  });
});

/** A program in place of one of those that build, which notes that it ran. */
function putBuilder(path: string, result: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(
    join(root, path),
    `const fs = process.getBuiltinModule('node:fs');
     for (const part of ['renderer', 'electron', 'cli']) fs.mkdirSync('dist/' + part, { recursive: true });
     fs.appendFileSync('builds', ${JSON.stringify(`${path} `)});
     for (const path of ${result}) fs.writeFileSync(path, '');`,
  );
}

function putBuilders(): void {
  putBuilder('node_modules/vite/bin/vite.js', `['dist/renderer/index.html']`);
  putBuilder(
    'electron/build.ts',
    `['main.js', 'preload.cjs', 'package.json'].map((name) => 'dist/electron/' + name)
      .concat(['dist/cli/autogit.mjs', 'dist/licenses.json', 'dist/sbom.cdx.json'])`,
  );
}

describe('what serves the page', () => {
  it('builds it first, once, with the packages for that', async () => {
    putBuilders();
    const first = await run(['autogit', '--', 'serve']);
    expect(first.err).toContain('the page          built');
    expect([first.code, first.out]).toEqual([0, '["serve"]\n']);
    const again = await run(['autogit', '--', 'serve']);
    expect([again.out, again.err]).toEqual(['["serve"]\n', '']);
    expect(readFileSync(join(root, 'builds'), 'utf8')).toBe('node_modules/vite/bin/vite.js ');
  });

  it('starts without it where it cannot be built, and says why', async () => {
    const { code, out, err } = await run(['autogit', '--', 'serve']);
    expect([code, out]).toEqual([0, '["serve"]\n']);
    expect(err).toMatch(
      /\nbootstrap\.build-failed\nBuilding the page failed: [^]*\nGoing on without a freshly built page/,
    );
  });
});

describe('the build', () => {
  it('makes both parts and says when there is nothing to do', async () => {
    putBuilders();
    const { code, err } = await run(['build', '--']);
    expect(err).toMatch(/the page +built[^]*the desktop +built[^]*dist\/ is up to date\.\n$/);
    expect(code).toBe(0);
    expect((await run(['build', '--'])).err).not.toContain('building');
  });
});

describe('the desktop', () => {
  const libraries: readonly string[] = tools['desktop-libraries'].libraries;

  function desktop(env: NodeJS.ProcessEnv = {}): Promise<Run> {
    putBuilders();
    mkdirSync(join(root, 'lib'), { recursive: true });
    for (const name of libraries) writeFileSync(join(root, 'lib', name), '');
    const electron = join(root, 'bin', 'electron');
    writeFileSync(electron, '#!/bin/sh\necho "$AUTOGIT_ELECTRON" "$@"\nexit 5\n', { mode: 0o755 });
    return run(['start', '--', '--hidden'], {
      LD_LIBRARY_PATH: join(root, 'lib'),
      DISPLAY: ':7',
      AUTOGIT_ELECTRON: electron,
      ...env,
    });
  }

  const blocked = judgeSandbox(detectSandbox('/nowhere/electron')) === 'blocked';

  it.skipIf(blocked)('is built and opened, and its exit code counts', async () => {
    const { code, out, err } = await desktop();
    const started = out.replace('--no-sandbox ', '');
    expect(started).toBe(`${root}/bin/electron ${root}/dist/electron --hidden\n`);
    expect(err).toContain(`Electron          ok              of unknown version at ${root}/bin/electron`);
    expect(code).toBe(5);
  });

  it.runIf(process.getuid?.() === 0)('runs without a sandbox for root only, and says so', async () => {
    const { out, err } = await desktop();
    expect(out).toContain('--no-sandbox');
    expect(err).toContain('Warning: the desktop runs as root');
  });

  it('is not prepared where there is no screen', async () => {
    const { code, err } = await desktop({ DISPLAY: '' });
    expect(err).toContain('bootstrap.screen-missing');
    expect(code).toBe(1);
    expect(existsSync(join(root, 'npm-calls'))).toBe(false);
  });

  it('does not take another Electron than the named one', async () => {
    const { code, err } = await desktop({ AUTOGIT_ELECTRON: '/nowhere/electron' });
    expect(err).toContain('AUTOGIT_ELECTRON names /nowhere/electron, which is no program.');
    expect(code).toBe(1);
  });
});

describe('the bootstrap alone', () => {
  it('says what it would do and does nothing with --dry-run', async () => {
    const { code, err } = await run(['bootstrap', '--', '--dry-run']);
    expect(err).toContain('npm packages      would install   npm ci --omit=dev');
    expect(code).toBe(0);
    expect(existsSync(join(root, 'npm-calls'))).toBe(false);
  });

  it('answers wrong usage with 2', async () => {
    const { code, err } = await run(['bootstrap', '--', 'everything']);
    expect(code).toBe(2);
    expect(err).toContain('bootstrap.usage\nThe bootstrap does not know "everything".\n');
  });
});
