// Whether a change would leave a lab without anybody who may administrate it.
import { isAdmin } from '../../model/person.ts';
import type { Person } from '../../model/person.ts';

/** There was an administrator who is let in, and there would be none. */
export function losesLastAdmin(before: readonly Person[], after: readonly Person[]): boolean {
  const hasOne = (people: readonly Person[]): boolean =>
    people.some((person) => isAdmin(person) && !person.disabled);
  return hasOne(before) && !hasOne(after);
}
