// People of the lab in words: what each may, what is known of them, and which of them a list shows.
import type { Output } from '../../main/contract/contract.ts';
import type { StateLook } from './tones.ts';
import { listed } from './words.ts';
import { t } from '../language/strings.ts';

export type People = Output<'user.list'>;
export type Person = People['users'][number];

/** Whether somebody gets in, and whether all is as it should be with them. */
export function personLook({ disabled, differences, gitlab }: Person): StateLook {
  if (differences.length > 0) return { tone: 'waiting', sign: 'warning', word: t('Not in step') };
  if (disabled) return { tone: 'idle', sign: 'ban', word: t('Disabled') };
  if (gitlab.state === 'unknown') return { tone: 'unknown', sign: 'question', word: t('Unknown') };
  return { tone: 'success', sign: 'check', word: t('In step') };
}

export const gitlabPersonLooks: Readonly<Record<Person['gitlab']['state'], StateLook>> = {
  active: { tone: 'success', sign: 'check', word: t('Active') },
  blocked: { tone: 'idle', sign: 'ban', word: t('Blocked') },
  missing: { tone: 'idle', sign: 'later', word: t('Not there') },
  unknown: { tone: 'unknown', sign: 'question', word: t('Unknown') },
};

const factorNames: Readonly<Record<Exclude<Person['factors'], string>[number], string>> = {
  totp: t('one-time password'),
  passkey: t('passkey'),
};

/** What somebody gives besides the password. */
export function factorLook({ factors }: Pick<Person, 'factors'>): StateLook {
  if (factors === 'unknown') return { tone: 'unknown', sign: 'question', word: t('Unknown') };
  if (factors.length === 0) return { tone: 'waiting', sign: 'warning', word: t('None') };
  const words = listed(factors.map((factor) => factorNames[factor]));
  return { tone: 'success', sign: 'check', word: words.charAt(0).toUpperCase() + words.slice(1) };
}

/** The same where there is little room. */
export function shortFactors({ factors }: Pick<Person, 'factors'>): string {
  if (factors === 'unknown') return t('Factor unknown');
  if (factors.length === 0) return t('No factor');
  if (factors.length > 1) return t('Both factors');
  return factors[0] === 'totp' ? t('One-time') : t('Passkey');
}

/** Why AutoGit changes nobody here; `null`: it does. */
export function readOnlyReason(source: People['source']): string | null {
  switch (source) {
    case 'file':
      return null;
    case 'ldap':
      return t('People are kept in your directory, which AutoGit only reads. Add and change them there.');
    case 'oidc':
      return t('People are kept by your provider of OpenID Connect. Add and change them there.');
    case 'gitlab':
      return t(
        'Sign-in with one login is off, so GitLab keeps its people by itself. Add and change them there.',
      );
    case 'none':
      return t('There is no stack yet, so there is nobody to sign in.');
  }
}

/** What the buttons above the list choose between. `trouble`: GitLab and the lab differ. */
export const peopleGroups = ['all', 'trouble', 'no-factor', 'admins', 'disabled'] as const;
export type PeopleGroup = (typeof peopleGroups)[number];

export interface PeopleFilter {
  readonly group: PeopleGroup;
  /** Words that all have to occur somewhere in the row. */
  readonly text: string;
}

const fits: Readonly<Record<PeopleGroup, (person: Person) => boolean>> = {
  all: () => true,
  trouble: ({ differences }) => differences.length > 0,
  'no-factor': ({ factors, disabled }) => factors !== 'unknown' && factors.length === 0 && !disabled,
  admins: ({ admin }) => admin,
  disabled: ({ disabled }) => disabled,
};

/** Reads the filter of an address; what it does not know means all. */
export function peopleFilterOf(query: Readonly<Record<string, string>>): PeopleFilter {
  return { group: peopleGroups.find((name) => name === query.state) ?? 'all', text: query.text ?? '' };
}

/** The part of the address that says this filter. */
export function peopleQueryOf({ group, text }: PeopleFilter): Readonly<Record<string, string>> {
  return { state: group === 'all' ? '' : group, text };
}

/** The people that the filter lets through, in the same order. */
export function filterPeople(users: readonly Person[], { group, text }: PeopleFilter): readonly Person[] {
  const needles = text.toLowerCase().split(/\s+/).filter(Boolean);
  return users.filter((person) => {
    const words = [person.name, person.displayName, person.email, ...person.groups].join('\n').toLowerCase();
    return fits[group](person) && needles.every((needle) => words.includes(needle));
  });
}

/** Every group that somebody is in, by name. */
export function groupsOf(users: readonly Person[]): readonly string[] {
  return [...new Set(users.flatMap(({ groups }) => groups))].toSorted((a, b) => a.localeCompare(b, 'en'));
}

/** So many people differ between the lab and GitLab. */
export function differing(users: readonly Person[]): number {
  return users.filter(({ differences }) => differences.length > 0).length;
}
