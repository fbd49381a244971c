// What the tries of processors have shown, among the notes of the home: the newest of each node and processor.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { architectures } from '../../model/pool-container.ts';
import type { Architecture } from '../../model/pool-container.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader, untilWritten } from './rows.ts';

const probeSchema = z.object({
  architecture: z.enum(architectures),
  at: z.int(),
  spec: z.string(),
  machine: z.string().nullable(),
  failure: z.string().nullable(),
});
const rowSchema = z.object({ value: jsonColumn.pipe(probeSchema) });

const keyOf = (node: string, architecture: Architecture): string => `arch-probe.${node}.${architecture}`;

/** The tries in an open, migrated database. */
export function archProbesIn(
  database: Database,
  log: Log | undefined,
): Pick<Store, 'archProbes' | 'saveArchProbe' | 'forgetArchProbe'> {
  const read = rowReader<z.output<typeof rowSchema>>('meta', rowSchema, log);
  const list = database.prepare(
    `SELECT key AS id, value FROM meta WHERE key GLOB 'arch-probe.' || @node || '.*' ORDER BY key`,
  );
  const write = database.prepare('INSERT OR REPLACE INTO meta VALUES (@key, @value)');
  const forget = database.prepare('DELETE FROM meta WHERE key = @key');
  const known = untilWritten((node: string) => read.all(list.all({ node })).map(({ value }) => value));
  return {
    archProbes: (node) => known.read(node),
    saveArchProbe: (node, probe) => {
      known.forget();
      write.run({ key: keyOf(node, probe.architecture), value: JSON.stringify(probe) });
    },
    forgetArchProbe: (node, architecture) => {
      known.forget();
      forget.run({ key: keyOf(node, architecture) });
    },
  };
}
