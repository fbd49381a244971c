// Another key than the one that Authelia's data was made with stands against every start.
import { describe, expect, it } from 'vitest';
import { markOf } from '../../../../main/apply/stack/put-secret.ts';
import { guardStorageKey } from '../../../../main/apply/stack/storage-key.ts';
import { renderStack } from '../../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../../fakes/stack-templates.ts';

const secretName = 'stack/lab/authelia-storage-key';
const rendering = renderStack({ answers: someAnswers(), templates: bundledTemplates(), facts: someFacts() });
if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
const { stack } = rendering;

/** `database`: whether there is one; `key`: the one that is kept now; `written`: the one that Authelia has had. */
function guard(database: boolean, key: string | null, written: string | null): Promise<void> {
  const sign = (text: string): string => `signed ${text}`;
  const secrets = { sign, get: (name: string) => (name === secretName ? key : null) };
  const marks = written === null ? {} : { 'secrets/authelia-storage-key': markOf(written, secrets) };
  return guardStorageKey({
    stack,
    secrets,
    journal: { written: () => marks },
    folder: {
      look: async (path) => ({ exists: database && path === '/srv/lab/authelia/db.sqlite3', empty: true }),
    },
  });
}

describe("the key of Authelia's database", () => {
  it('may be made where there is no database', async () => {
    await expect(guard(false, null, null)).resolves.toBeUndefined();
  });

  it('may stay the same, and be the first that is seen', async () => {
    await expect(guard(true, 'key', 'key')).resolves.toBeUndefined();
    await expect(guard(true, 'key', null)).resolves.toBeUndefined();
  });

  it('is not made anew for a database that was made with another', async () => {
    await expect(guard(true, null, null)).rejects.toMatchObject({ key: 'stack.storage-key-lost' });
  });

  it('is not another one than before', async () => {
    await expect(guard(true, 'another', 'key')).rejects.toMatchObject({ key: 'stack.storage-key-changed' });
  });
});
