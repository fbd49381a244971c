// The settings of a running core: read at the start, read again when the file changes, written when a command changes them.
import { loadSettings, saveSettings } from '../config/load-settings.ts';
import type { LoadedSettings } from '../config/load-settings.ts';
import { parseSettings } from '../config/parse-settings.ts';
import type { SettingsProblem } from '../config/parse-settings.ts';
import { problemOf } from '../errors.ts';
import type { Issue } from '../model/issue.ts';
import type { Settings } from '../model/settings.ts';
import type { SettingsFile } from '../ports.ts';

/** The settings of the home and their file. */
export interface SettingsAccess {
  readonly file: string;
  current(): Settings;
  /** What is wrong with the file; `null` when all of it is in force. */
  issue(): Issue | null;
  /** True while defaults stand in for a broken file: nothing may be taken as unwanted then. */
  isFallback(): boolean;
  problems(): readonly SettingsProblem[];
  /** Checks a text, or the file as it is now. */
  check(text?: string): Promise<readonly SettingsProblem[]>;
  /** Writes the file, keeping its comments. */
  save(settings: Settings): Promise<void>;
  /** Reads the file again if it has changed; true when it had. */
  reload(): Promise<boolean>;
}

/** Rejects with `settings.from-future`. */
export async function openSettingsAccess(file: SettingsFile): Promise<SettingsAccess> {
  let loaded: LoadedSettings = await loadSettings(file);
  let text = await readOrNull(file);
  return {
    file: file.path,
    current: () => loaded.settings,
    issue: () => loaded.issue,
    isFallback: () => loaded.origin === 'fallback',
    problems: () => loaded.problems,
    check: async (candidate) => parseSettings(candidate ?? (await file.read()) ?? '').problems,
    save: async (settings) => {
      await saveSettings(file, settings);
      loaded = await loadSettings(file);
      text = await readOrNull(file);
    },
    reload: async () => {
      const now = await readOrNull(file);
      if (now === text && loaded.issue?.key !== unreadable) return false;
      text = now;
      loaded = await loadAfter(loaded, file);
      return true;
    },
  };
}

/** The key under which a file that cannot be read is reported. */
const unreadable = 'settings.no-access';

/** What was in force stays so while the file cannot be read, or is from the future: a running core does not end over it. */
async function loadAfter(present: LoadedSettings, file: SettingsFile): Promise<LoadedSettings> {
  try {
    const loaded = await loadSettings(file);
    return loaded.issue?.key === unreadable ? { ...present, issue: loaded.issue } : loaded;
  } catch (error) {
    return { ...present, issue: { ...problemOf(error), severity: 'error', subject: file.path } };
  }
}

/** A file that cannot be read is the loading's to report. */
async function readOrNull(file: SettingsFile): Promise<string | null> {
  return file.read().catch(() => null);
}
