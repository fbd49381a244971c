// Who of GitLab is who of the lab: by Authelia's own mark of them, otherwise by e-mail address.
import { isSameText, memoryOf } from '../../model/person.ts';
import type { GitlabPerson, PeopleMemory, Person } from '../../model/person.ts';

/**
 * GitLab's account of each person who has one. A name alone says nothing: another person may have made that account, and
 * whoever is taken for its owner may sign in to it.
 */
export function matchPeople(
  people: readonly Pick<Person, 'name' | 'email'>[],
  gitlab: readonly GitlabPerson[],
  memory: PeopleMemory,
): ReadonlyMap<string, GitlabPerson> {
  const found = new Map<string, GitlabPerson>();
  const free = new Set(gitlab.filter(({ isBot }) => !isBot));
  const take = (name: string, account: GitlabPerson | undefined): void => {
    if (account === undefined) return;
    found.set(name, account);
    free.delete(account);
  };
  for (const { name } of people) {
    const { subject } = memoryOf(memory, name);
    if (subject !== null)
      take(
        name,
        [...free].find((account) => account.subject === subject),
      );
  }
  for (const { name, email } of people) {
    if (found.has(name) || email === '') continue;
    take(
      name,
      [...free].find((account) => isSameText(account.email, email)),
    );
  }
  return found;
}
