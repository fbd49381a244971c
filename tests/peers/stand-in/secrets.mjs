// GitLab's keys in the stand-in: which of them its database was written with, and who was told to stop writing to it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const secretsFile = '/etc/gitlab/gitlab-secrets.json';
/** Of what every backup of the sandbox has. */
export const keyMark = '/var/opt/gitlab/sandbox/set-aside/db-key';
/** A file for each service that `gitlab-ctl stop` was called with. */
export const stopped = '/run/gitlab-stopped';

/** What the database would be written with now. */
export function digestOfKey() {
  /** @type {{ gitlab_rails: { db_key_base: string } }} */
  const { gitlab_rails: rails } = JSON.parse(readFileSync(secretsFile, 'utf8'));
  return createHash('sha256').update(rails.db_key_base).digest('hex');
}
