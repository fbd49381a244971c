// What the desk of backups remembers over a restart besides runs: which due times are settled, and the recovery sheet.
import { z } from 'zod';
import type { Store } from '../../ports.ts';

const memoryName = 'backups';
const instant = z.number();

const ruleSchema = z.object({
  /** A changed rule begins anew. */
  cron: z.string(),
  settledAt: instant,
  failures: z.int(),
  failedAt: instant.nullable(),
  failedTargets: z.array(z.string()),
});

const memorySchema = z.object({
  rules: z.record(z.string(), ruleSchema),
  sheetKeptAt: instant.nullable(),
  /** When the first target was added. */
  since: instant.nullable(),
});
export type BackupMemory = z.infer<typeof memorySchema>;

const nothingYet: BackupMemory = { rules: {}, sheetKeptAt: null, since: null };

export interface MemoryKeeper {
  read(): BackupMemory;
  change(change: (memory: BackupMemory) => BackupMemory): void;
}

/** Durable when `change` returns. One that cannot be read begins anew: due times count from now on. */
export function createMemory(store: Pick<Store, 'textOf' | 'setText'>): MemoryKeeper {
  let memory = parse(store.textOf(memoryName));
  return {
    read: () => memory,
    change: (change) => {
      const next = change(memory);
      if (next === memory) return;
      store.setText(memoryName, JSON.stringify(next));
      memory = next;
    },
  };
}

function parse(text: string | null): BackupMemory {
  try {
    return memorySchema.safeParse(JSON.parse(text ?? 'null')).data ?? nothingYet;
  } catch {
    return nothingYet;
  }
}
