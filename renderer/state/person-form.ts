// The form for a new person: its texts, and what they mean or what is wrong with them.
import { userRequests } from '../../main/contract/requests/user.ts';
import type { NewPerson } from './people-deeds.ts';
import { capital } from './words.ts';
import { t } from '../language/strings.ts';

export interface PersonTexts {
  readonly displayName: string;
  readonly name: string;
  readonly email: string;
  /** With commas or blanks between. */
  readonly groups: string;
  readonly totp: boolean;
}

export type PersonField = Exclude<keyof PersonTexts, 'totp'>;

export const newPersonTexts: PersonTexts = {
  ...{ displayName: '', name: '', email: '', groups: '' },
  totp: true,
};

/** Those of a text with commas or blanks between. */
export function groupsIn(text: string): readonly string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}

/** A sign-in name out of a display name: `Ana Núñez` as `ana.nunez`. */
export function suggestedName(displayName: string): string {
  return displayName
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '.')
    .replace(/^[.\d]+/, '')
    .slice(0, 31)
    .replace(/\.+$/, '');
}

const input = userRequests['user.add'].input;

/** Where the schema's own words say too little. */
const missing: Readonly<Record<PersonField, string>> = {
  displayName: t('At most 200 letters.'),
  name: t('They need a name to sign in with.'),
  email: t('An e-mail address is needed, as ana@example.net.'),
  groups: t('Letters, digits, dots and hyphens.'),
};

function wordsOf(field: PersonField, text: string, message: string): string {
  const isOwn = !message.startsWith('Invalid') && !message.startsWith('Too');
  return text.trim() === '' || !isOwn ? missing[field] : `${capital(message)}.`;
}

export interface ReadPerson {
  /** `null` while something is wrong. */
  readonly person: NewPerson | null;
  readonly errors: Readonly<Partial<Record<PersonField, string>>>;
}

/** `taken`: names that somebody has. */
export function readPerson(texts: PersonTexts, taken: readonly string[]): ReadPerson {
  const displayName = texts.displayName.trim();
  const groups = [...groupsIn(texts.groups)];
  const given = {
    ...{ name: texts.name.trim(), email: texts.email.trim(), totp: texts.totp },
    ...(displayName === '' ? {} : { displayName }),
    ...(groups.length === 0 ? {} : { groups }),
  };
  const parsed = input.omit({ dryRun: true }).safeParse(given);
  const errors: Partial<Record<PersonField, string>> = {};
  for (const { path, message } of parsed.error?.issues ?? []) {
    const field = (['displayName', 'name', 'email', 'groups'] as const).find((one) => one === path[0]);
    if (field !== undefined) errors[field] = wordsOf(field, texts[field], message);
  }
  if (taken.includes(given.name))
    errors.name = t('There is somebody named {{name}} already.', { name: given.name });
  const isRight = parsed.success && Object.keys(errors).length === 0;
  return { person: isRight ? parsed.data : null, errors };
}
