// The packages for Debian, installed for real on a machine of the test's own: started, upgraded, replaced, removed, purged.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { writeDesktopDeb, writeHeadlessDeb } from '../../electron/deb.ts';
import { statusSchema } from '../../main/contract/requests/state.ts';
import { makeHome } from './desktop-app.ts';
import type { TestHome } from './desktop-app.ts';
import { asRoot, electron, root } from './needs.ts';
import { buildPackage, canPackage, copyUnpacked, makeScratch, removeScratch } from './packaged.ts';
import { canInstall, makePrivateRoot } from './private-root.ts';
import type { PrivateRoot } from './private-root.ts';
import { startScreen } from './screen.ts';

const isTried = canPackage && canInstall;
const quick = ['-o', 'Dpkg::Options::=--force-unsafe-io', '-o', 'Dpkg::Use-Pty=0', '--no-install-recommends'];

let scratch: string;
let machine: PrivateRoot;
let home: TestHome;

const deb = (name: string): string => path.join(scratch, `${name}.deb`);

beforeAll(async () => {
  if (!isTried) return;
  await buildPackage();
  scratch = await makeScratch();
  const unpacked = await copyUnpacked(scratch);
  const options = (name: string, version: string) => ({
    ...{ root, version, file: deb(name), scratch: path.join(scratch, name), compression: 'none' as const },
  });
  const standIn = electron?.kind === 'registry' ? (electron.version ?? '') : null;
  await writeDesktopDeb(unpacked, standIn, options('first', '0.1.0'));
  await writeDesktopDeb(unpacked, standIn, options('second', '0.2.0-rc.1'));
  await writeHeadlessDeb(path.join(root, 'dist', 'kit'), options('headless', '0.2.0'));
  machine = await makePrivateRoot();
  home = await makeHome();
}, 240_000);
afterAll(async () => {
  if (!isTried) return;
  await machine.remove();
  await home.remove();
  await removeScratch(scratch);
});

/** `autogit` as a person in that machine types it. */
async function autogit(...words: readonly string[]): Promise<unknown> {
  const printed: unknown = JSON.parse(
    await machine.run(['autogit', ...words, '--json'], { AUTOGIT_HOME: home.folder }),
  );
  return printed;
}

const apt = (...words: readonly string[]): Promise<string> =>
  machine.run(['apt-get', '--yes', ...quick, ...words], { DEBIAN_FRONTEND: 'noninteractive' });
const field = async (file: string, name: string): Promise<string> =>
  (await promisify(execFile)('dpkg-deb', ['--field', file, name])).stdout.trim();
const installedVersion = (name: string): Promise<string> =>
  machine.run(['dpkg-query', '--show', '--showformat=${Version} ${db:Status-Status}', name]);

/** Of what a package manager keeps of its own work, not of a package. */
const own =
  /^(?:var\/(?:lib\/(?:dpkg|apt)|log|cache\/(?:apt|debconf|ldconfig|man|fontconfig))(?:\/|$)|tmp(?:\/|$)|run(?:\/|$)|var(?:\/(?:lib|cache))?$)/;

/** Names that exist in that machine and not in this one; folders that only a file has touched do not count. */
async function leftovers(): Promise<readonly string[]> {
  const changed = (await machine.changed()).filter((name) => !own.test(name));
  const left = await Promise.all(
    changed.map(async (name) => {
      const isThere = await machine.run(['sh', '-c', '[ -e "$1" ] || [ -L "$1" ]', 'sh', `/${name}`]).then(
        () => true,
        () => false,
      );
      const wasThere = await readdir(path.dirname(`/${name}`)).then(
        (names) => names.includes(path.basename(name)),
        () => false,
      );
      return isThere && !wasThere ? [name] : [];
    }),
  );
  return left.flat();
}

describe.skipIf(!isTried)('the package for Debian', () => {
  it('says what it is, and that it is for tests where a stand-in is inside', async () => {
    const description = await field(deb('first'), 'Description');
    expect(description.includes('test artefact')).toBe(electron?.kind === 'registry');
    expect(await field(deb('first'), 'Conflicts')).toBe('autogit-headless');
    expect(await field(deb('headless'), 'Conflicts')).toBe('autogit');
    expect(await field(deb('second'), 'Version')).toBe('0.2.0~rc.1');
  });

  it('is installed by apt, with its programs, menu entry, icons, completion and papers in their places', async () => {
    await apt('install', deb('first'));
    expect(await installedVersion('autogit')).toBe('0.1.0 installed');
    const version = z.object({ version: z.string() });
    const { version: ours } = version.parse(
      JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')),
    );
    expect(await machine.run(['autogit', '--version'])).toBe(`${ours}\n`);
    const entry = await machine.run(['cat', '/usr/share/applications/autogit-desktop.desktop']);
    expect(entry).toMatch(/^Exec=\/opt\/AutoGit\/autogit-desktop %U$/m);
    expect(entry).toMatch(/^MimeType=x-scheme-handler\/autogit;$/m);
    for (const size of ['16x16', '48x48', '256x256', '512x512'])
      expect(
        await machine.run(['file', '--brief', `/usr/share/icons/hicolor/${size}/apps/autogit-desktop.png`]),
      ).toContain(size.replace('x', ' x '));
    const words =
      'source /usr/share/bash-completion/completions/autogit; COMP_WORDS=(autogit sandbox sta); COMP_CWORD=2; _autogit; echo "${COMPREPLY[@]}"';
    expect(await machine.run(['bash', '-c', words])).toBe('start status\n');
    const papers = JSON.parse(await machine.run(['cat', '/usr/share/doc/autogit/licenses.json'])) as unknown;
    expect(papers).toContainEqual(expect.objectContaining({ name: 'electron', version: electron?.version }));
    expect(await machine.run(['stat', '--format=%U %a', '/opt/AutoGit/chrome-sandbox'])).toBe('root 4755\n');
    expect(
      await machine.run([
        'find',
        '/opt/AutoGit',
        '!',
        '-user',
        'root',
        '-o',
        '-perm',
        '/022',
        '!',
        '-type',
        'l',
      ]),
    ).toBe('');
  });

  it('starts on an empty home, brings the sandbox up with its own Node, and the command line speaks to it', async (test) => {
    const screen = await startScreen();
    const session = { ...screen.env, PATH: '/usr/bin:/bin', AUTOGIT_HOME: home.folder };
    const child = machine.start(['autogit-desktop', ...asRoot], session);
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
    try {
      const status = async () => {
        if (child.exitCode !== null) throw new Error(`it has ended: ${said}`);
        const names: readonly string[] = await readdir(path.join(home.folder, 'run')).catch(() => []);
        return names.includes('core.json') ? statusSchema.parse(await autogit('status')) : null;
      };
      await expect.poll(status, { timeout: 60_000, interval: 500 }).toMatchObject({ pid: child.pid });
      const isEngine = (await status())?.nodes.some(({ engine }) => engine.state === 'fresh') ?? false;
      if (!isEngine) test.skip('there is no container engine');
      await autogit('sandbox', 'start');
      expect(await autogit('sandbox', 'status')).toMatchObject({ state: 'running' });
    } finally {
      await autogit('lab', 'teardown').catch(() => null);
      await autogit('sandbox', 'reset', '--yes').catch(() => null);
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      await screen.stop();
    }
  });

  it('is upgraded, and what a person keeps in the home stays', async () => {
    const settings = path.join(home.folder, 'settings.yaml');
    await appendFile(settings, '# a note of mine\n');
    await machine.run(['dpkg', '--force-unsafe-io', '--install', deb('second')]);
    expect(await installedVersion('autogit')).toBe('0.2.0~rc.1 installed');
    expect(await machine.run(['autogit', '--help'])).toContain('autogit <command>');
    expect(await readFile(settings, 'utf8')).toContain('# a note of mine');
  });

  it('gives way to the headless one, whose core serves its page without any Electron', async () => {
    await apt('install', deb('headless'));
    expect(await installedVersion('autogit-headless')).toBe('0.2.0 installed');
    expect(await installedVersion('autogit')).not.toContain(' installed');
    expect(await machine.run(['readlink', '-f', '/usr/bin/autogit'])).toBe('/usr/lib/autogit/bin/autogit\n');
    const files = await machine.run(['dpkg', '--listfiles', 'autogit-headless']);
    expect(files).not.toMatch(/electron|chrome|\.asar/i);
    const papers = await machine.run(['cat', '/usr/share/doc/autogit-headless/sbom.cdx.json']);
    expect(papers).not.toContain('pkg:npm/electron@');
    const child = machine.start(['autogit', 'serve', '--json'], { AUTOGIT_HOME: home.folder });
    try {
      const out = child.stdout;
      if (out === null) throw new Error('no output');
      let said = '';
      await new Promise<void>((resolve, reject) => {
        out.on('data', (data: Buffer) => {
          said += data.toString();
          if (said.includes('\n}')) resolve();
        });
        child.once('exit', () => reject(new Error(`it has ended: ${said}`)));
      });
      const { address } = z.object({ address: z.string() }).parse(JSON.parse(said));
      const page = await fetch(address, { headers: { accept: 'text/html' } });
      expect(page.status).toBe(200);
      expect(await page.text()).toContain('<div id="root"');
    } finally {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  });

  it('leaves nothing behind when it is purged but the home', async () => {
    await machine.run(['dpkg', '--force-unsafe-io', '--purge', 'autogit-headless', 'autogit']);
    expect(await leftovers()).toEqual([]);
    expect(await readdir(home.folder)).toEqual(expect.arrayContaining(['settings.yaml', 'state.db']));
  });
});
