// Settings from the file and back: a home always has some, and never loses what a person wrote.
import { dirname } from 'node:path';
import { AutoGitError, problemOf } from '../errors.ts';
import type { Issue } from '../model/issue.ts';
import { defaultSettings, type Settings } from '../model/settings.ts';
import type { SettingsFile } from '../ports.ts';
import { defaultSettingsText } from './default-text.ts';
import { parseSettings, type SettingsProblem } from './parse-settings.ts';
import { renderSettings } from './render-settings.ts';

/**
 * `file`: as the file says; `defaults`: there was none, now there is; `fallback`: the file is broken and the
 * defaults stand in for it: nothing that these settings do not mention may be taken as unwanted.
 */
export type SettingsOrigin = 'file' | 'defaults' | 'fallback';

export interface LoadedSettings {
  readonly settings: Settings;
  readonly origin: SettingsOrigin;
  readonly problems: readonly SettingsProblem[];
  /** What to tell the person; `null` when all is well. */
  readonly issue: Issue | null;
}

/** Reads the settings, and writes the explained defaults where there are none. Rejects with `settings.from-future`. */
export async function loadSettings(file: SettingsFile): Promise<LoadedSettings> {
  try {
    const text = await file.read();
    if (text === null) {
      await file.write(defaultSettingsText);
      return { settings: defaultSettings, origin: 'defaults', problems: [], issue: null };
    }
    const { settings, problems } = parseSettings(text, dirname(file.path));
    if (problems.length === 0) return { settings, origin: 'file', problems, issue: null };
    return {
      settings,
      origin: 'fallback',
      problems,
      issue: brokenIssue(file.path, problems, await file.keepBroken()),
    };
  } catch (error) {
    if (!(error instanceof AutoGitError) || error.key !== 'settings.no-access') throw error;
    const { key, message, next } = problemOf(error);
    const issue: Issue = { key, severity: 'error', subject: file.path, message, next };
    return { settings: defaultSettings, origin: 'fallback', problems: [], issue };
  }
}

/**
 * Writes changed settings, with the file's comments kept; a broken file is kept as a copy before it is replaced.
 * Rejects with `settings.no-access`, `settings.from-future`.
 */
export async function saveSettings(file: SettingsFile, settings: Settings): Promise<void> {
  const text = await file.read();
  if (text !== null && parseSettings(text).problems.length > 0) await file.keepBroken();
  await file.write(renderSettings(text, settings));
}

function brokenIssue(path: string, problems: readonly SettingsProblem[], copy: string): Issue {
  const shown = problems.slice(0, 5).map(({ message }) => message);
  const more = problems.length - shown.length;
  return {
    key: 'settings.broken',
    severity: 'error',
    subject: path,
    message:
      `${path} cannot be used, so the defaults are in force: ${shown.join('; ')}` +
      (more > 0 ? `; and ${String(more)} more.` : '.'),
    next: `Correct the file; \`autogit settings validate\` lists every problem. A copy is kept as ${copy}.`,
  };
}
