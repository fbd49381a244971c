// Updates through the real core: from the settings to a verified file in the home, and none of the bad ones.
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CoreDoor } from '../../../main/contract/contract.ts';
import { createCore } from '../../../main/index.ts';
import type { Core } from '../../../main/index.ts';
import { fileOf, makeSigner, manifestOf, openPlace, releaseOf } from '../../fakes/update-place.ts';
import type { UpdatePlace } from '../../fakes/update-place.ts';

const signer = makeSigner();
const content = randomBytes(50_000);
const file = fileOf('autogit_99.0.0_amd64.deb', content);

let folder: string;
let env: Readonly<Record<'HOME' | 'AUTOGIT_HOME' | 'DOCKER_HOST' | 'PATH', string>>;
let place: UpdatePlace;
let core: Core;
let door: CoreDoor;

async function open(): Promise<void> {
  core = await createCore({
    ...{ env, home: 'default', act: true, terminalLogLevel: 'error' },
    updates: { keys: [signer.key], installed: { kind: 'deb', appImage: null } },
  });
  door = core.through('cli');
}

/** A core takes its time to open on a busy machine: the tests go on one after the other with the same home. */
const patienceMs = 120_000;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'autogit-updating-'));
  const nothing = `unix://${path.join(folder, 'no-engine.sock')}`;
  env = { HOME: folder, AUTOGIT_HOME: path.join(folder, 'home'), DOCKER_HOST: nothing, PATH: '' };
  place = await openPlace();
  place.put(file.name, content);
  await mkdir(env.AUTOGIT_HOME, { mode: 0o700 });
  await writeFile(path.join(env.AUTOGIT_HOME, 'settings.yaml'), `updates:\n  address: ${place.address}\n`);
  await open();
}, patienceMs);
afterAll(async () => {
  await core.stop();
  await place.close();
  await rm(folder, { recursive: true, force: true });
});

const publish = (version: string, sequence: number, files = [file]): void =>
  place.publish(manifestOf([releaseOf(version, files)], { sequence }), [signer]);

describe('updates of a core', () => {
  it('go from the settings over check and download to a file that was verified twice, and to the line that installs it', async () => {
    publish('99.0.0', 3);
    expect(await door.call('update.status', {})).toMatchObject({
      state: 'unknown',
      kind: 'deb',
      address: place.address,
    });
    expect((await door.call('update.check', { dryRun: true })).actions).toHaveLength(1);
    expect(place.asked).toEqual([]);
    expect((await door.call('update.check', {})).message).toContain('AutoGit 99.0.0 is there');
    const planned = await door.call('update.install', { dryRun: true });
    expect(planned.actions.map(({ kind }) => kind)).toEqual(['download', 'verify', 'verify', 'install']);
    expect(planned.message).toContain('Jobs go on in their runners');
    await expect(door.call('update.install', {})).rejects.toMatchObject({ key: 'update.not-staged' });
    await door.call('update.download', {});
    const staged = path.join(env.AUTOGIT_HOME, 'updates', 'files', file.name);
    expect(await readFile(staged)).toEqual(content);
    expect(await door.call('update.status', {})).toMatchObject({
      ...{ state: 'ready', available: { changelog: [{ version: '99.0.0', text: 'What is new in 99.0.0' }] } },
      install: { way: 'command', command: `sudo apt install ${staged}` },
    });
    expect(await door.call('update.install', {})).toMatchObject({
      restart: false,
      command: `sudo apt install ${staged}`,
    });
    await writeFile(staged, randomBytes(content.length));
    await expect(door.call('update.install', {})).rejects.toMatchObject({ key: 'update.digest' });
    expect(
      (await door.call('audit.list', {})).map(({ request, outcome }) => [request, outcome]),
    ).toContainEqual([...['update.install', 'update.digest']]);
  });

  it('that were swapped leave nothing in the home', async () => {
    publish('99.0.0', 4);
    await door.call('update.check', {});
    place.put(file.name, randomBytes(content.length));
    await expect(door.call('update.download', {})).rejects.toMatchObject({ key: 'update.digest' });
    expect(await readdir(path.join(env.AUTOGIT_HOME, 'updates', 'files'))).toEqual([]);
  });

  it(
    'that are older than what was seen are refused, also by the next core, and nothing lower is ever offered',
    async () => {
      publish('0.0.1', 7);
      expect((await door.call('update.check', {})).message).toContain('is the newest');
      await core.stop();
      await open();
      publish('99.0.0', 6);
      await expect(door.call('update.check', {})).rejects.toMatchObject({ key: 'update.rollback' });
      expect(await door.call('update.status', {})).toMatchObject({
        state: 'current',
        problem: { key: 'update.rollback' },
      });
      await expect(door.call('update.download', {})).rejects.toMatchObject({ key: 'update.none' });
    },
    patienceMs,
  );

  it('are asked of nobody without a place, and told to be so', async () => {
    await door.call('settings.change', { path: 'updates.address', value: null });
    expect(await door.call('update.status', {})).toMatchObject({ state: 'off', nextCheckAt: null });
    await expect(door.call('update.check', {})).rejects.toMatchObject({ key: 'update.off' });
  });
});
