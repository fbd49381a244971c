// The list of updates as whoever gives packages out makes it: from their names, the changelog and a key that is elsewhere.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changelogOf, describePackage, nextManifest } from '../../../electron/update-release.ts';
import { verifyManifest } from '../../../main/adapters/updates/verify-manifest.ts';
import { makeSigner, releaseOf } from '../../fakes/update-place.ts';

const run = promisify(execFile);
const program = path.resolve(import.meta.dirname, '../../../electron/sign-updates.ts');

describe('a package', () => {
  it.each([
    ['autogit_1.2.3_amd64.deb', 'deb', 'x64'],
    ['autogit_1.2.3_arm64.deb', 'deb', 'arm64'],
    ['autogit-headless_1.2.3_amd64.deb', 'deb-headless', 'x64'],
    ['autogit-1.2.3.x86_64.rpm', 'rpm', 'x64'],
    ['AutoGit-1.2.3-x86_64.AppImage', 'appimage', 'x64'],
    ['AutoGit-1.2.3-arm64.AppImage', 'appimage', 'arm64'],
    ['AutoGit-1.2.3-x64-setup.exe', 'nsis', 'x64'],
    ['AutoGit-1.2.3-arm64.dmg', 'dmg', 'arm64'],
    ['AutoGit-1.2.3.dmg', 'dmg', 'x64'],
  ])('%s is told by its name', (name, kind, arch) => {
    expect(describePackage(name, '1.2.3')).toEqual({ kind, arch });
    expect(describePackage(name, '1.2.4')).toBeNull();
  });

  it.each(['updates.json', 'autogit_1.2.3_mips.deb', 'builder.json'])('%s is none', (name) => {
    expect(describePackage(name, '1.2.3')).toBeNull();
  });
});

describe('the list of updates', () => {
  it('has of the changelog what stands under its version', () => {
    const text =
      '# Changelog\n\n## 1.10.0\n\nold\n\n## 1.1.0 (2026-11-20)\n\n### Added\n\n- this\n\n## 1.0.0\n\nolder\n';
    expect(changelogOf(text, '1.1.0')).toBe('### Added\n\n- this');
    expect(changelogOf(text, '1.0.0')).toBe('older');
    expect(changelogOf(text, '1.1')).toBeNull();
  });

  it('grows by one with each, keeps what was given out, and is never of another channel', () => {
    const first = nextManifest({
      previous: null,
      channel: 'stable',
      expires: 1_800_000_000_000,
      release: releaseOf('1.0.0'),
    });
    const second = nextManifest({
      previous: first,
      channel: 'stable',
      expires: 1_900_000_000_000,
      release: releaseOf('1.1.0'),
    });
    expect([second.sequence, second.releases.map(({ version }) => version)]).toEqual([2, ['1.1.0', '1.0.0']]);
    const renewed = nextManifest({
      previous: second,
      channel: 'stable',
      expires: 2_000_000_000_000,
      release: null,
    });
    expect([renewed.sequence, renewed.releases]).toEqual([3, second.releases]);
    expect(() => nextManifest({ previous: second, channel: 'beta', expires: 0, release: null })).toThrow(
      'stable',
    );
  });
});

describe('signing', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'autogit-sign-'));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('writes a list that a program with the public half takes, and adds to none that is not its own', async () => {
    const signer = makeSigner();
    const key = path.join(folder, 'release.pem');
    await writeFile(key, signer.pem, { mode: 0o600 });
    await writeFile(path.join(folder, 'notes'), 'What is new');
    await writeFile(path.join(folder, 'AutoGit-99.0.0-x86_64.AppImage'), 'a program');
    const words = [
      program,
      `--folder=${folder}`,
      `--notes=${path.join(folder, 'notes')}`,
      '--version=99.0.0',
    ];
    const sign = async (file: string) => run(process.execPath, [...words, `--key=${file}`]);
    expect((await sign(key)).stdout).toContain('updates.json number 1');
    const list = path.join(folder, 'updates.json');
    const read = async () =>
      verifyManifest(await readFile(list), await readFile(`${list}.sig`, 'utf8'), [signer.key]);
    expect((await read()).releases).toMatchObject([
      { version: '99.0.0', changelog: 'What is new', files: [{ kind: 'appimage', arch: 'x64', size: 9 }] },
    ]);
    await sign(key);
    expect((await read()).sequence).toBe(2);
    const other = path.join(folder, 'other.pem');
    await writeFile(other, makeSigner().pem);
    await expect(sign(other)).rejects.toMatchObject({
      stderr: expect.stringContaining('not signed by the key') as string,
    });
    const shown = await run(process.execPath, [program, '--public', `--key=${key}`]);
    expect(JSON.parse(shown.stdout)).toEqual(signer.key);
  });
});
