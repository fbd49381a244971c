// The settings of a running core: read at the start, read again when the file changes, written when a command changes them.
import { diffSettings } from '../config/diff-settings.ts';
import { loadSettings, saveSettings } from '../config/load-settings.ts';
import type { LoadedSettings } from '../config/load-settings.ts';
import { parseSettings } from '../config/parse-settings.ts';
import type { SettingsProblem } from '../config/parse-settings.ts';
import type { Issue } from '../model/issue.ts';
import type { Settings } from '../model/settings.ts';
import type { SettingsFile } from '../ports.ts';

/** The settings of the home and their file. */
export interface SettingsAccess {
  readonly file: string;
  current(): Settings;
  /** What is wrong with the file, or waits for a restart; `null` when all of it is in force. */
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
  const atStart = loaded.settings;
  let text = await readOrNull(file);
  return {
    file: file.path,
    current: () => loaded.settings,
    issue: () => loaded.issue ?? restartIssue(file.path, atStart, loaded.settings),
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
      if (now === text) return false;
      text = now;
      loaded = await loadSettings(file);
      return true;
    },
  };
}

/** Changes that only the next start takes up. */
function restartIssue(path: string, atStart: Settings, present: Settings): Issue | null {
  const waiting = diffSettings(atStart, present).filter(({ impact }) => impact === 'restart');
  if (waiting.length === 0) return null;
  return {
    key: 'settings.restart-needed',
    severity: 'warning',
    subject: path,
    message: `${waiting.map((change) => change.path).join(', ')} has changed and is taken up at the next start.`,
    next: 'Start AutoGit again; runners go on meanwhile.',
  };
}

/** A file that cannot be read is the loading's to report. */
async function readOrNull(file: SettingsFile): Promise<string | null> {
  return file.read().catch(() => null);
}
