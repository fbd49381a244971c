// Settings on a real disk: a home always has some, and a broken file is never lost.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSettingsFile } from '../../../main/adapters/host/settings-file.ts';
import { defaultSettingsText } from '../../../main/config/default-text.ts';
import { loadSettings, saveSettings } from '../../../main/config/load-settings.ts';
import { defaultSettings } from '../../../main/model/settings.ts';
import { asOrdinaryUser, temporaryFolder } from '../adapters/host/temporary.ts';

const now = (): number => Date.UTC(2026, 10, 21, 12);
const louder = { ...defaultSettings, log: { level: 'debug' as const } };

function home(text?: string) {
  const folder = temporaryFolder();
  const file = path.join(folder, 'settings.yaml');
  if (text !== undefined) writeFileSync(file, text);
  return { folder, file, port: openSettingsFile(file, now) };
}

describe('loadSettings', () => {
  it('writes the explained defaults where there is no file', async () => {
    const { file, port } = home();
    expect(await loadSettings(port)).toMatchObject({
      settings: defaultSettings,
      origin: 'defaults',
      issue: null,
    });
    expect(readFileSync(file, 'utf8')).toBe(defaultSettingsText);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(await loadSettings(port)).toMatchObject({ origin: 'file', issue: null });
  });

  it('keeps a broken file where it is and as one copy, and says what is wrong', async () => {
    const { folder, file, port } = home('log: {level: loud}\n');
    for (const start of [1, 2, 3]) {
      const { settings, origin, issue, problems } = await loadSettings(port);
      expect(settings, `start ${String(start)}`).toEqual(defaultSettings);
      expect(origin).toBe('fallback');
      expect(problems).toHaveLength(1);
      expect(issue).toMatchObject({
        key: 'settings.broken',
        severity: 'error',
        subject: file,
        message: expect.stringContaining('line 1: log.level is "loud"') as unknown,
        next: expect.stringContaining(`${file}.broken-2026-11-21`) as unknown,
      });
    }
    expect(readdirSync(folder).toSorted()).toEqual(['settings.yaml', 'settings.yaml.broken-2026-11-21']);
    writeFileSync(file, 'log: {level: louder}\n');
    await loadSettings(port);
    expect(readFileSync(`${file}.broken-2026-11-21`, 'utf8')).toContain('loud}');
    expect(readFileSync(`${file}.broken-2026-11-21-2`, 'utf8')).toContain('louder}');
  });

  it('starts with the defaults when the file may not be read, and leaves it alone', async () => {
    const { folder, file, port } = home('log: {level: warn}\n');
    chmodSync(folder, 0o755);
    chmodSync(file, 0o000);
    await asOrdinaryUser(async () => {
      expect(await loadSettings(port)).toMatchObject({
        settings: defaultSettings,
        origin: 'fallback',
        issue: { key: 'settings.no-access' },
      });
    });
    expect(readFileSync(file, 'utf8')).toBe('log: {level: warn}\n');
    const blocked = home();
    mkdirSync(blocked.file);
    expect(await loadSettings(blocked.port)).toMatchObject({ issue: { key: 'settings.no-access' } });
  });

  it('refuses to start with settings from the future', async () => {
    const { folder, port } = home('version: 99\n');
    await expect(loadSettings(port)).rejects.toMatchObject({ key: 'settings.from-future' });
    await expect(saveSettings(port, louder)).rejects.toMatchObject({ key: 'settings.from-future' });
    expect(readdirSync(folder)).toEqual(['settings.yaml']);
  });
});

describe('saveSettings', () => {
  it('keeps comments, and the link that the file may be', async () => {
    const { folder, file, port } = home();
    const elsewhere = path.join(folder, 'dotfiles.yaml');
    writeFileSync(elsewhere, '# mine\nlog:\n  level: info # quiet\n');
    symlinkSync(elsewhere, file);
    await saveSettings(port, louder);
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(elsewhere, 'utf8')).toBe('# mine\nlog:\n  level: debug # quiet\n');
  });

  it('keeps a copy of a broken file before it is replaced', async () => {
    const { file, port } = home('log: [\n');
    await saveSettings(port, louder);
    expect(readFileSync(`${file}.broken-2026-11-21`, 'utf8')).toBe('log: [\n');
    expect((await loadSettings(port)).settings).toEqual(louder);
  });
});
