// The settings as a page shows them: which fit a filter, what their values are in words, and what somebody has typed.
import type { Output } from '../../main/contract/contract.ts';
import { count, t } from '../language/strings.ts';

export type Settings = Output<'settings.describe'>;
export type Setting = Settings['settings'][number];
export type SettingGroup = 'all' | 'changed';

export interface SettingFilter {
  readonly group: SettingGroup;
  readonly text: string;
}

/** What the address says; anything unknown is all. */
export function settingFilterOf(query: Readonly<Record<string, string>>): SettingFilter {
  return { group: query['show'] === 'changed' ? 'changed' : 'all', text: query['text'] ?? '' };
}

/** Settings of pools stand on their own page, told once for all pools; what does not apply has no value. */
export function isShown({ path, applies }: Setting): boolean {
  return applies && !path.startsWith('pools.');
}

/** Whether all words stand in a text, whatever their order. */
export function hasWords(text: string, words: string): boolean {
  const low = text.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => low.includes(word));
}

/** Those that fit, in the order of the file. Who searches finds also what does not apply, and those of pools. */
export function filterSettings(all: readonly Setting[], { group, text }: SettingFilter): readonly Setting[] {
  return all.filter((one) => {
    if (group === 'changed' && one.isDefault) return false;
    if (text.trim() === '') return isShown(one);
    return hasWords(
      `${one.path} ${one.description} ${valueWords(one)} ${one.choices.join(' ')}`,
      text.trim(),
    );
  });
}

/** A value as people write it. */
export function asWords(value: unknown): string {
  if (value === undefined || value === null) return t('none');
  if (Array.isArray(value)) {
    if (value.length === 0) return t('none');
    if (value.every((item) => typeof item !== 'object')) return value.join(', ');
    return count(value.length, '{{n}} entry', '{{n}} entries');
  }
  if (typeof value === 'boolean') return value ? t('on') : t('off');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** With its unit. */
export function valueWords({ value, unit }: Setting): string {
  const words = asWords(value);
  return unit === null || value === null || value === undefined ? words : `${words} ${unit}`;
}

/** The default with its unit; `null`: there is none, it has to be given. */
export function defaultWords(setting: Setting): string | null {
  return 'default' in setting && setting.default !== undefined
    ? valueWords({ ...setting, value: setting.default })
    : null;
}

/** One sentence about all of them. */
export function settingsSentence({ settings, issue, problems }: Settings): string {
  if (issue !== null)
    return problems.length === 0
      ? t('The settings file cannot be used.')
      : count(
          problems.length,
          'The settings file has {{n}} problem; the defaults are in force.',
          'The settings file has {{n}} problems; the defaults are in force.',
        );
  const changed = settings.filter(({ isDefault }) => !isDefault).length;
  return changed === 0
    ? t('Every setting has its default.')
    : count(changed, '{{n}} setting differs from the default.', '{{n}} settings differ from the default.');
}

export const groupWords: Readonly<Record<string, string>> = {
  gitlab: 'GitLab',
  engine: t('Container engine'),
  pools: t('Pools'),
  gpus: t('Graphics cards'),
  emulation: t('Other processors'),
  backups: t('Backups'),
  notices: t('Notifications'),
  proofs: t('Proofs'),
  updates: t('Updates'),
  log: t('Log'),
};

/** The text in which somebody changes a value. */
export function draftOf({ value }: Setting): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What a text means; `null`: the default. Whether it is allowed the core says. */
export function meantBy({ kind }: Setting, text: string): string | number | readonly string[] | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if ((kind === 'integer' || kind === 'number') && Number.isFinite(Number(trimmed))) return Number(trimmed);
  if (kind === 'list') return trimmed.split(',').map((item) => item.trim());
  return trimmed;
}

/** Why a text is no value, as far as that can be told at once; `null`: nothing stands against it. */
export function wrongDraft(setting: Setting, text: string): string | null {
  const { kind, minimum, maximum, allowed } = setting;
  if (kind !== 'integer' && kind !== 'number') return null;
  const meant = meantBy(setting, text);
  if (meant === null) return null;
  const fits =
    typeof meant === 'number' &&
    (kind === 'number' || Number.isInteger(meant)) &&
    (minimum === null || meant >= minimum) &&
    (maximum === null || meant <= maximum);
  return fits ? null : t('Give {{allowed}}.', { allowed });
}

export const impactWords = {
  none: t('No restart'),
  restart: t('Replaces runners'),
  'data-loss': t('Forgets data'),
} as const;
