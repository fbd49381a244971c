// Changing a setting: its plan first, as for everything else.
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import { asWords, defaultWords } from './settings.ts';
import type { Setting } from './settings.ts';
import { t } from '../language/strings.ts';

/** As the contract takes it. */
export type NewValue = string | number | boolean | readonly string[] | null;

/** The line for a terminal. */
export function settingCommand(path: string, value: NewValue, forget: boolean): string {
  const text = value === null ? 'none' : Array.isArray(value) ? value.join(',') : String(value);
  return `settings set ${path} ${typed(text)}${forget ? ' --forget --yes' : ''}`;
}

/** `seen`: the file of which the page shows the values; nobody overwrites what they have not seen. */
export function changeSettingDeed(setting: Setting, value: NewValue, seen: string): Deed {
  const { path, impact } = setting;
  const forget = impact === 'data-loss';
  const present = asWords(setting.value);
  const note =
    value === null
      ? t('From {{present}} to its default ({{default}}).', {
          present,
          default: defaultWords(setting) ?? t('none'),
        })
      : t('From {{present}} to {{wanted}}.', { present, wanted: asWords(value) });
  const given = typeof value === 'object' && value !== null ? [...value] : value;
  return deedOf(
    {
      title: value === null ? t('Back to the default: {{path}}', { path }) : t('Change {{path}}', { path }),
      effect: forget
        ? t('Change it and forget those jobs')
        : value === null
          ? t('Take the default')
          : t('Change it'),
      note,
    },
    settingCommand(path, value, forget),
    (client, dryRun) => client.call('settings.change', { path, value: given, seen, forget, dryRun }),
    forget,
  );
}
