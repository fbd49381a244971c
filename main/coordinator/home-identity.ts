// Who a home is: known by its key, also after its database is lost.
import { AutoGitError } from '../errors.ts';
import type { Secrets } from '../ports.ts';

/**
 * The identity that a home takes when it gets its database: made from its key, so that a home which has lost the
 * database, but not the key, still knows its containers. A UUID of the free form, https://www.rfc-editor.org/rfc/rfc9562#section-5.8
 */
export function identityOf(secrets: Secrets): string {
  const hex = secrets.sign('the identity of this home');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

/** With another key than before, no container of this home can be told from one that somebody made to look like it. */
export function foreignSecrets({
  secrets,
  database,
}: {
  readonly secrets: string;
  readonly database: string;
}): AutoGitError {
  return new AutoGitError({
    key: 'secrets.not-of-this-home',
    message: `The key in ${secrets} is not the one that this home was made with, so AutoGit cannot know its own containers. It has touched nothing.`,
    next: `Put ${secrets} back from a backup. If it is lost, move ${database} away as well to begin anew; containers that are left are then yours to remove.`,
    fields: { secrets, database },
  });
}
