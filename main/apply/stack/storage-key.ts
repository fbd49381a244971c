// The key of Authelia's database: with another one, second factors that people have could not be read any more.
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { Secrets } from '../../ports.ts';
import type { StackFolder, StackJournal } from '../../stack-ports.ts';
import { stackError, stackSecret } from './context.ts';
import { markOf } from './put-secret.ts';

const name = 'authelia-storage-key';

interface Guarded {
  readonly stack: Pick<RenderedStack, 'lab' | 'data' | 'secrets'>;
  readonly secrets: Pick<Secrets, 'get' | 'sign'>;
  readonly journal: Pick<StackJournal, 'written'>;
  readonly folder: Pick<StackFolder, 'look'>;
}

/**
 * Refuses to go on with another key than the one that Authelia's data was made with. Rejects with `stack.storage-key-lost`,
 * `stack.storage-key-changed`.
 */
export async function guardStorageKey({ stack, secrets, journal, folder }: Guarded): Promise<void> {
  if (!stack.secrets.some((need) => need.name === name)) return;
  const database = `${stack.data}/authelia/db.sqlite3`;
  const found = await folder.look(database).catch(() => null);
  if (found?.exists !== true) return;
  const kept = secrets.get(stackSecret(stack.lab, name));
  if (kept === null)
    throw stackError(
      'stack.storage-key-lost',
      `Authelia's database ${database} was made with a key that this home does not have: second factors in it could not be read.`,
      "Bring the home's secrets back from its backup. Or give the factors up: move that file away, and everybody registers theirs anew.",
      { path: database },
    );
  const written = journal.written(stack.lab)[`secrets/${name}`];
  if (written === undefined || written === markOf(kept, secrets)) return;
  throw stackError(
    'stack.storage-key-changed',
    `The key of Authelia's database is another one than that which ${database} was made with: second factors in it could not be read.`,
    'Bring the former key back from a backup of the home, or change it in the database first: authelia storage encryption change-key.',
    { path: database },
  );
}
