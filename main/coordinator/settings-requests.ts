// What the requests about single settings do: tell of all of them, and change one in the file.
import { withSetting } from '../config/change-setting.ts';
import { describeSettings } from '../config/describe-settings.ts';
import { diffSettings } from '../config/diff-settings.ts';
import { settingGroups } from '../config/setting-places.ts';
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError } from '../errors.ts';
import { specHash } from '../model/hash.ts';
import { changeSettings } from './pool-requests.ts';
import type { RequestContext } from './requests.ts';
import { changedMeanwhile } from './settings-access.ts';
import type { SettingsAccess, SettingsEdit } from './settings-access.ts';

/** By which a door knows whether the file is still the one that it has seen. */
function markOf(text: string | null): string {
  return specHash(text);
}

/** What of the settings and their file is told. */
type OpenedFile = Pick<SettingsAccess, 'file' | 'current' | 'issue' | 'problems' | 'text'>;

type Described = Output<'settings.describe'>;

function fits({ path, description }: Described['settings'][number], search: string): boolean {
  const text = `${path} ${description}`.toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** What is known of every setting of an opened file. Pure but for what `settings` holds. */
export function describeFile(settings: OpenedFile, search = ''): Described {
  const issue = settings.issue();
  const all = describeSettings(settings.current(), settings.text());
  return {
    file: settings.file,
    seen: markOf(settings.text()),
    problems: [...settings.problems()],
    issue: issue === null ? null : { key: issue.key, message: issue.message, next: issue.next },
    groups: [...settingGroups],
    settings: all
      .map((one) => ({ ...one, choices: [...one.choices] }))
      .filter((one) => search === '' || fits(one, search)),
  };
}

/** `settings.describe`: of the file as it is at this moment. */
export async function describeAll(
  { search }: ParsedInput<'settings.describe'>,
  { settings, coordinator }: Pick<RequestContext, 'settings' | 'coordinator'>,
): Promise<Described> {
  if (await settings.reload()) coordinator.reconsider();
  return describeFile(settings, search);
}

/** The edit that `settings.change` asks for. It raises whatever stands against it, and writes nothing. */
export function editFor(
  { path, value, seen, forget, dryRun }: ParsedInput<'settings.change'>,
  settings: Pick<OpenedFile, 'file' | 'text'>,
): SettingsEdit {
  return (present) => {
    if (seen !== undefined && markOf(settings.text()) !== seen) throw changedMeanwhile(settings.file);
    const after = withSetting(present, path, value);
    const lost = diffSettings(present, after).find(({ impact }) => impact === 'data-loss');
    if (lost !== undefined && !forget && !dryRun) throw losesData(lost);
    return after;
  };
}

function losesData({ path, effect }: { readonly path: string; readonly effect: string }): AutoGitError {
  return new AutoGitError({
    key: 'refused.data-loss',
    message: `A change of ${path} loses data: ${effect}`,
    next: 'Nothing was changed. Add --forget to do it, or --dry-run to see what it would do.',
    fields: { path },
  });
}

/** `settings.change`. */
export async function changeSetting(
  input: ParsedInput<'settings.change'>,
  context: RequestContext,
): Promise<Output<'settings.change'>> {
  const { path, value, dryRun } = input;
  const to = value === null ? 'its default' : shortly(value);
  const words = { done: `${path} is ${to} now.`, would: `${path} would become ${to}.` };
  return changeSettings(context, dryRun, words, editFor(input, context.settings));
}

function shortly(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
