// The settings of a running core: read at the start, read again when the file changes, written when a command changes them.
import { dirname } from 'node:path';
import { loadSettings, saveSettings } from '../config/load-settings.ts';
import type { LoadedSettings } from '../config/load-settings.ts';
import { parseSettings } from '../config/parse-settings.ts';
import type { SettingsProblem } from '../config/parse-settings.ts';
import { renderSettings } from '../config/render-settings.ts';
import { AutoGitError, problemOf } from '../errors.ts';
import type { Issue } from '../model/issue.ts';
import type { Settings } from '../model/settings.ts';
import type { SettingsFile } from '../ports.ts';

/** Makes other settings of the present ones; may throw to refuse. */
export type SettingsEdit = (present: Settings) => Settings;

/** Settings before and after an edit. */
export interface EditedSettings {
  readonly before: Settings;
  readonly after: Settings;
}

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
  /**
   * Edits what the file says at this moment, one edit after the other. Whatever is wrong is found before anything is
   * written. Rejects with `settings.invalid`, `settings.changed-meanwhile`, with what is wrong with the file as it is,
   * and with what `edit` throws.
   * `dryRun`: nothing is written.
   */
  edit(edit: SettingsEdit, options: { readonly dryRun: boolean }): Promise<EditedSettings>;
  /** Reads the file again if it has changed; true when it had. */
  reload(): Promise<boolean>;
  /** The file as it was read last; `null`: there is none, or it could not be read. */
  text(): string | null;
}

/** Rejects with `settings.from-future`. */
export async function openSettingsAccess(file: SettingsFile): Promise<SettingsAccess> {
  const home = dirname(file.path);
  let loaded: LoadedSettings = await loadSettings(file);
  let text = await readOrNull(file);
  let writing: Promise<unknown> = Promise.resolve();
  /** Of the file as it was read last; taken before reading. */
  let mark: string | null = null;
  const reload = async (): Promise<boolean> => {
    const seen = (await file.mark?.()) ?? null;
    if (seen !== null && seen === mark && loaded.issue?.key !== unreadable) return false;
    const now = await readOrNull(file);
    mark = now === null ? null : seen;
    if (now === text && loaded.issue?.key !== unreadable) return false;
    text = now;
    loaded = await loadAfter(loaded, file);
    return true;
  };
  const write = async (settings: Settings): Promise<void> => {
    await saveSettings(file, settings);
    loaded = await loadSettings(file);
    text = await readOrNull(file);
    mark = null;
  };
  /** Two writers at the same time would each undo what the other did. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = writing.then(work);
    writing = done.catch(() => undefined);
    return done;
  };
  return {
    file: file.path,
    current: () => loaded.settings,
    issue: () => loaded.issue,
    isFallback: () => loaded.origin === 'fallback',
    problems: () => loaded.problems,
    check: async (candidate) => parseSettings(candidate ?? (await file.read()) ?? '', home).problems,
    save: (settings) => inTurn(() => write(settings)),
    edit: (edit, { dryRun }) =>
      inTurn(async () => {
        await reload();
        if (loaded.issue !== null) throw new AutoGitError({ ...loaded.issue });
        const before = loaded.settings;
        const after = edit(before);
        requireValid(renderSettings(text, after), home);
        if (dryRun) return { before, after };
        if ((await readOrNull(file)) !== text) throw changedMeanwhile(file.path);
        await write(after);
        return { before, after };
      }),
    reload,
    text: () => text,
  };
}

/** Throws `settings.invalid` for a text that would not be taken. */
function requireValid(text: string, home: string): void {
  const { problems } = parseSettings(text, home);
  if (problems.length === 0) return;
  const shown = problems.slice(0, 3).map(({ message }) => message.replace(/^line \d+: /, ''));
  const more = problems.length - shown.length;
  throw new AutoGitError({
    key: 'settings.invalid',
    message: `The settings would not be valid: ${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`,
    next: 'Nothing was changed. Give values that fit together.',
  });
}

/** Somebody else has written the file since it was read: what they wrote is not overwritten. */
export function changedMeanwhile(path: string): AutoGitError {
  return new AutoGitError({
    key: 'settings.changed-meanwhile',
    message: `${path} was changed by somebody else in the meantime.`,
    next: 'Nothing was changed. Look at the settings as they are now, and try again.',
    retry: true,
  });
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
