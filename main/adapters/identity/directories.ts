// LDAP directories, whose library is big and loaded only when one is asked.
import type { Directories } from '../../access-ports.ts';

/** `now`: milliseconds since 1970. */
export function createDirectories(now: () => number): Directories {
  return {
    test: async (question, search) => (await import('./directory.ts')).testDirectory(question, search, now()),
    people: async (question) => (await import('./directory.ts')).listPeople(question, now()),
  };
}
