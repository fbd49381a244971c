// The meta and nodes tables: ids that we give to this home and to the engines it has seen.
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';

const instanceRow = z.object({ value: z.uuid() });
const nodeRow = z.object({ id: z.uuid() });
const nodeRows = z.array(z.object({ id: z.uuid(), host: z.string() }));
const noteRow = z.object({ value: z.coerce.number() }).optional();
const textRow = z.object({ value: z.string() }).optional();

type KeptHere =
  | 'instance'
  | 'nodeId'
  | 'nodes'
  | 'sandboxNode'
  | 'setSandboxNode'
  | 'noteOf'
  | 'setNote'
  | 'textOf'
  | 'setText';

/** The identities of an open, migrated database; made where they are missing: a new home's own is `instance`. */
export function identitiesIn(database: Database, instance: string = randomUUID()): Pick<Store, KeptHere> {
  const nameInstance = database.prepare(
    `INSERT INTO meta VALUES ('instance', @value) ON CONFLICT (key) DO UPDATE SET value = value RETURNING value`,
  );
  const nameNode = database.prepare(
    'INSERT INTO nodes VALUES (@id, @host) ON CONFLICT (host) DO UPDATE SET host = host RETURNING id',
  );
  const listNodes = database.prepare('SELECT id, host FROM nodes ORDER BY rowid');
  const readSandbox = database.prepare(`SELECT value FROM meta WHERE key = 'sandbox-node'`);
  const writeSandbox = database.prepare(
    `INSERT INTO meta VALUES ('sandbox-node', @node) ON CONFLICT (key) DO UPDATE SET value = @node`,
  );
  const clearSandbox = database.prepare(`DELETE FROM meta WHERE key = 'sandbox-node'`);
  const read = database.prepare('SELECT value FROM meta WHERE key = @key');
  const write = database.prepare('INSERT OR REPLACE INTO meta VALUES (@key, @value)');
  const removeText = database.prepare('DELETE FROM meta WHERE key = @key');
  return {
    instance: instanceRow.parse(nameInstance.get({ value: instance })).value,
    nodeId: (host) => nodeRow.parse(nameNode.get({ id: randomUUID(), host })).id,
    nodes: () => nodeRows.parse(listNodes.all()),
    noteOf: (name) => noteRow.parse(read.get({ key: `note.${name}` }))?.value ?? null,
    setNote: (name, at) => void write.run({ key: `note.${name}`, value: String(at) }),
    textOf: (name) => textRow.parse(read.get({ key: `text.${name}` }))?.value ?? null,
    setText: (name, text) => {
      const key = `text.${name}`;
      if (text === null) removeText.run({ key });
      else write.run({ key, value: text });
    },
    sandboxNode: () => textRow.parse(readSandbox.get())?.value ?? null,
    setSandboxNode: (node) => {
      if (node === null) clearSandbox.run();
      else writeSandbox.run({ node });
    },
  };
}
