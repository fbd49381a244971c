// An update for Debian from end to end: signed by the program for it, brought home by a real core, installed by a real apt
// on a machine of the test's own. The packages are tiny: what the real ones do is tests/e2e/desktop-deb.test.ts.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianArchitecture } from '../../electron/deb.ts';
import { createCore } from '../../main/index.ts';
import type { Core } from '../../main/index.ts';
import { makeSigner, openPlace } from '../fakes/update-place.ts';
import type { UpdatePlace } from '../fakes/update-place.ts';
import { root } from './needs.ts';
import { canInstall, makePrivateRoot } from './private-root.ts';
import type { PrivateRoot } from './private-root.ts';

const run = promisify(execFile);
const signer = makeSigner();

let folder: string;
let place: UpdatePlace;
let core: Core | undefined;
let machine: PrivateRoot;

const fileName = (version: string): string => `autogit_${version}_${debianArchitecture()}.deb`;

async function makeDeb(version: string): Promise<string> {
  const tree = path.join(folder, `tree-${version}`);
  await mkdir(path.join(tree, 'DEBIAN'), { recursive: true });
  const fields = [
    ...['Package: autogit', `Version: ${version}`, `Architecture: ${debianArchitecture()}`],
    ...['Maintainer: tests <tests@example.org>', 'Description: a tiny AutoGit for a test'],
  ];
  await writeFile(path.join(tree, 'DEBIAN', 'control'), `${fields.join('\n')}\n`);
  const file = path.join(folder, 'packages', fileName(version));
  await run('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file]);
  return file;
}

/** As whoever gives packages out does it. */
async function sign(version: string): Promise<void> {
  const packages = path.join(folder, 'packages');
  const words = [`--folder=${packages}`, `--key=${path.join(folder, 'release.pem')}`, `--version=${version}`];
  await run(process.execPath, [
    path.join(root, 'electron', 'sign-updates.ts'),
    ...words,
    `--notes=${path.join(folder, 'notes')}`,
  ]);
  for (const name of ['updates.json', 'updates.json.sig', fileName(version)])
    place.put(name, await readFile(path.join(packages, name)));
}

const installed = (): Promise<string> =>
  machine.run(['dpkg-query', '--show', '--showformat=${Version}', 'autogit']);
const apt = (file: string): Promise<string> =>
  machine.run(['apt-get', 'install', '--yes', '-o', 'Dpkg::Options::=--force-unsafe-io', file]);

beforeAll(async () => {
  if (!canInstall) return;
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-update-'));
  await mkdir(path.join(folder, 'packages'));
  await writeFile(path.join(folder, 'release.pem'), signer.pem, { mode: 0o600 });
  await writeFile(path.join(folder, 'notes'), 'What is new in it');
  place = await openPlace();
  machine = await makePrivateRoot();
});
afterAll(async () => {
  if (!canInstall) return;
  await core?.stop();
  await machine.remove();
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(!canInstall)('an update for Debian', () => {
  it('is signed, found, brought home, and installed by the line that AutoGit says', async () => {
    await apt(await makeDeb('0.0.1'));
    expect(await installed()).toBe('0.0.1');
    await makeDeb('99.0.0');
    await sign('99.0.0');
    const home = path.join(folder, 'home');
    await mkdir(home, { mode: 0o700 });
    await writeFile(path.join(home, 'settings.yaml'), `updates:\n  address: ${place.address}\n`);
    const env = { HOME: folder, AUTOGIT_HOME: home, DOCKER_HOST: `unix://${folder}/none.sock`, PATH: '' };
    core = await createCore({
      ...{ env, home: 'default', act: true, terminalLogLevel: 'error' },
      updates: { keys: [signer.key], installed: { kind: 'deb', appImage: null } },
    });
    const door = core.through('cli');
    await door.call('update.check', {});
    expect((await door.call('update.status', {})).available).toMatchObject({
      ...{ version: '99.0.0', changelog: [{ text: 'What is new in it' }] },
    });
    await door.call('update.download', {});
    const { command } = await door.call('update.install', {});
    const [, file = ''] = /^sudo apt install (\S+)$/.exec(command ?? '') ?? [];
    await apt(file);
    expect(await installed()).toBe('99.0.0');
  });
});
