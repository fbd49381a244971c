// The rules of backups as they are read and typed: when they are made, how long they are kept, and when they are looked at.
import { backupSettingsSchema, defaultBackupSettings, keepSchema } from '../../main/model/backup/settings.ts';
import type { BackupSettings, BackupSchedule, Keep } from '../../main/model/backup/settings.ts';
import { targetNameSchema } from '../../main/model/backup/target.ts';
import { listed } from './words.ts';
import { count, t } from '../language/strings.ts';
import { numeral } from '../language/locale.ts';

export type { BackupSchedule, BackupSettings, Keep };

/** Of what `settings.show` answers; the defaults where it says nothing that can be read. */
export function rulesOf(settings: Readonly<Record<string, unknown>>): BackupSettings {
  const read = backupSettingsSchema.safeParse(settings['backups'] ?? {});
  return read.success ? read.data : defaultBackupSettings;
}

export const keepFields = ['days', 'last', 'daily', 'weekly', 'monthly', 'yearly'] as const;
export type KeepField = (typeof keepFields)[number];

export const keepLabels: Readonly<Record<KeepField, string>> = {
  days: t('All younger than, in days'),
  last: t('The newest'),
  daily: t('One of each day, days'),
  weekly: t('One of each week, weeks'),
  monthly: t('One of each month, months'),
  yearly: t('One of each year, years'),
};

const spans: readonly (readonly [Exclude<KeepField, 'days' | 'last'>, (number: number) => string])[] = [
  ['daily', (days) => count(days, 'the last of each of {{n}} day', 'the last of each of {{n}} days')],
  ['weekly', (weeks) => count(weeks, 'the last of each of {{n}} week', 'the last of each of {{n}} weeks')],
  [
    'monthly',
    (months) => count(months, 'the last of each of {{n}} month', 'the last of each of {{n}} months'),
  ],
  ['yearly', (years) => count(years, 'the last of each of {{n}} year', 'the last of each of {{n}} years')],
];

/** `Kept: all of the last 30 days and the last of each of 12 months.` */
export function keepSentence(keep: Keep): string {
  const parts = [
    ...(keep.days === 0 ? [] : [count(keep.days, 'all of the last {{n}} day', 'all of the last {{n}} days')]),
    ...(keep.last === 0 ? [] : [count(keep.last, 'the newest', 'the newest {{n}}')]),
    ...spans.flatMap(([field, words]) => (keep[field] === 0 ? [] : [words(keep[field])])),
  ];
  return parts.length === 0
    ? t('No rule keeps anything, so nothing is ever removed.')
    : t('Kept: {{backups}}.', { backups: listed(parts) });
}

export type KeepTexts = Readonly<Record<KeepField, string>>;

export function keepTexts(keep: Keep): KeepTexts {
  return {
    ...{ days: String(keep.days), last: String(keep.last), daily: String(keep.daily) },
    ...{ weekly: String(keep.weekly), monthly: String(keep.monthly), yearly: String(keep.yearly) },
  };
}

/** Empty is none. `keep`: `null` where something is wrong. */
export function readKeep(texts: KeepTexts): {
  readonly keep: Keep | null;
  readonly errors: Readonly<Record<string, string>>;
} {
  const numbers = Object.fromEntries(keepFields.map((field) => [field, Number(texts[field].trim())]));
  const read = keepSchema.safeParse(numbers);
  if (read.success) return { keep: read.data, errors: {} };
  const errors = read.error.issues.map(
    ({ path: [field] }) => [String(field), t('A whole number, from 0 on.')] as const,
  );
  return { keep: null, errors: Object.fromEntries(errors) };
}

/** Rules that are one time each; `change` is the title of changing it. */
export const timeRules = [
  {
    path: 'verify',
    words: t('Check repositories'),
    change: t('Change when: check repositories'),
    about: t('Each is looked through, and a part of its data is read back: another part each time.'),
  },
  {
    path: 'drill',
    words: t('Prove the newest backup'),
    change: t('Change when: prove the newest backup'),
    about: t('It is restored to a scratch folder and looked at, and it is measured how long that takes.'),
  },
  {
    path: 'prune',
    words: t('Make room'),
    change: t('Change when: make room'),
    about: t('Backups that nothing keeps go, and their room is given back.'),
  },
] as const;
export type TimeRule = (typeof timeRules)[number]['path'];

/** Rules that are a number each, in the order in which they are shown. */
export const numberRules = [
  {
    path: 'limits.uploadKiB',
    label: t('Sent at most, KiB a second'),
    change: t('Change sent at most, KiB a second'),
    help: t('0: as fast as it goes.'),
  },
  {
    path: 'limits.downloadKiB',
    label: t('Fetched at most, KiB a second'),
    change: t('Change fetched at most, KiB a second'),
    help: t('0: as fast as it goes.'),
  },
  {
    path: 'limits.nice',
    label: t('How far it steps back'),
    change: t('Change how far it steps back'),
    help: t('0 to 19: 19 gives way to everything else.'),
  },
  {
    path: 'jitterMinutes',
    label: t('Begins later by up to, minutes'),
    change: t('Change begins later by up to, minutes'),
    help: t('So that not all machines begin at once.'),
  },
  {
    path: 'verifyPercent',
    label: t('Read back at each check, percent'),
    change: t('Change read back at each check, percent'),
    help: t('Of the data of each repository.'),
  },
] as const;
export type NumberRule = (typeof numberRules)[number]['path'];

export function numberOf(rules: BackupSettings, path: NumberRule): number {
  switch (path) {
    case 'limits.uploadKiB':
      return rules.limits.uploadKiB;
    case 'limits.downloadKiB':
      return rules.limits.downloadKiB;
    case 'limits.nice':
      return rules.limits.nice;
    case 'jitterMinutes':
      return rules.jitterMinutes;
    case 'verifyPercent':
      return rules.verifyPercent;
  }
}

/** A number as it is read: `no limit`, `5,000 KiB/s`, `10 %`. */
export function numberWords(path: NumberRule, value: number): string {
  switch (path) {
    case 'limits.uploadKiB':
    case 'limits.downloadKiB':
      return value === 0 ? t('no limit') : `${numeral(value)} KiB/s`;
    case 'limits.nice':
      return String(value);
    case 'jitterMinutes':
      return value === 0 ? t('at once') : `${numeral(value)} min`;
    case 'verifyPercent':
      return `${numeral(value)} %`;
  }
}

/** Times that are chosen most, to press instead of to type; as the core reads them, whatever the page speaks. */
export const usualTimes = [
  ...['daily at 02:00', 'weekdays at 01:30', 'weekly on Sunday at 03:00', 'monthly on day 1 at 04:00'],
] as const;

/** Where a schedule sends its backups. */
export function targetsWords({ targets }: Pick<BackupSchedule, 'targets'>): string {
  return targets.length === 0 ? t('to every place') : t('to {{places}}', { places: listed(targets) });
}

/** What is wrong with the name of a new schedule; `null`: nothing. */
export function scheduleNameError(name: string, taken: readonly string[]): string | null {
  if (!targetNameSchema.safeParse(name).success) return t('Small letters, digits and -, up to 40.');
  return taken.includes(name) ? t('There is a schedule of this name already.') : null;
}
