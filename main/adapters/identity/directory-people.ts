// People and groups out of a directory, found by the searches that Authelia makes.
import type { Client, Entry } from 'ldapts';
import type { DirectoryPerson } from '../../access-ports.ts';
import { groupsFilter, usersFilter } from '../../model/stack/directory.ts';
import type { DirectorySearch } from '../../model/stack/directory.ts';
import { within } from './open-socket.ts';

/** Seconds that a directory may take for one search. */
const timeLimit = 10;
/** Groups of one person. */
const mostGroups = 500;

/** As it was found; `names` are all that it has for the one by which people sign in. */
export interface FoundPerson {
  readonly dn: string;
  readonly names: readonly string[];
  readonly displayName: string;
  readonly emails: readonly string[];
  readonly memberOf: readonly string[];
}

export interface FoundPeople {
  readonly people: readonly FoundPerson[];
  /** Places in other directories that were not followed. */
  readonly referrals: number;
}

/** Values of an attribute, whatever case the directory writes it in. */
function valuesOf(entry: Entry, attribute: string): readonly string[] {
  if (attribute === '') return [];
  const name = Object.keys(entry).find((key) => key.toLowerCase() === attribute.toLowerCase());
  const value = name === undefined || name === 'dn' ? [] : (entry[name] ?? []);
  return (Array.isArray(value) ? value : [value]).map(String).filter((text) => text !== '');
}

/** Every search is so: below its base, aliases and referrals not followed. */
const bounds = { scope: 'sub', derefAliases: 'never', timeLimit } as const;

function readPerson(entry: Entry, { attributes }: DirectorySearch): FoundPerson {
  const names = valuesOf(entry, attributes.username);
  return {
    dn: entry.dn,
    names,
    displayName: valuesOf(entry, attributes.displayName)[0] ?? '',
    emails: valuesOf(entry, attributes.mail),
    memberOf: valuesOf(entry, attributes.memberOf),
  };
}

function wanted({ attributes: { username, displayName, mail, memberOf } }: DirectorySearch): string[] {
  return [username, displayName, mail, memberOf].filter((name) => name !== '');
}

/** People for a name that was typed, `null`: everybody; at most `most`. Rejects like the directory, or with `Silent`. */
export async function findPeople(
  client: Client,
  search: DirectorySearch,
  { input, most, now }: { readonly input: string | null; readonly most: number; readonly now: number },
): Promise<FoundPeople> {
  const filter = usersFilter(search, input, now);
  const { searchEntries, searchReferences } = await within(
    client.search(search.usersBase, { ...bounds, filter, sizeLimit: most, attributes: wanted(search) }),
  );
  const people = searchEntries.map((entry) => readPerson(entry, search));
  return { people, referrals: searchReferences.length };
}

/** The same in pages: many directories send no more than 1,000 at once. */
export async function findEverybody(
  client: Client,
  search: DirectorySearch,
  { most, now }: { readonly most: number; readonly now: number },
): Promise<readonly FoundPerson[]> {
  const filter = usersFilter(search, null, now);
  const options = { ...bounds, filter, paged: { pageSize: 200 }, attributes: wanted(search) };
  const pages = client.searchPaginated(search.usersBase, options);
  const people: FoundPerson[] = [];
  while (people.length <= most) {
    const page = await within(pages.next());
    if (page.done === true) break;
    people.push(...page.value.searchEntries.map((entry) => readPerson(entry, search)));
  }
  return people;
}

/** Names of the groups of a person, sorted. Rejects like `findPeople`. */
export async function findGroups(
  client: Client,
  search: DirectorySearch,
  { person, input }: { readonly person: FoundPerson; readonly input: string },
): Promise<readonly string[]> {
  const filter = groupsFilter(search, {
    ...{ input, dn: person.dn, memberOf: person.memberOf },
    username: person.names[0] ?? '',
  });
  const { groupName } = search.attributes;
  const { searchEntries } = await within(
    client.search(search.groupsBase, { ...bounds, filter, sizeLimit: mostGroups, attributes: [groupName] }),
  );
  const names = searchEntries.flatMap((entry) => valuesOf(entry, groupName)[0] ?? []);
  return [...new Set(names)].toSorted((a, b) => a.localeCompare(b, 'en'));
}

export function asPerson(person: FoundPerson, groups: readonly string[]): DirectoryPerson {
  return {
    name: person.names[0] ?? '',
    displayName: person.displayName === '' ? (person.names[0] ?? '') : person.displayName,
    email: person.emails[0] ?? '',
    groups,
  };
}
