// The notices table: what a person was told, and beside it what the planner of notices remembers.
import { z } from 'zod';
import type { Log } from '../../log.ts';
import { noticeActionSchema, noticeSchema } from '../../model/notice.ts';
import type { Notice } from '../../model/notice.ts';
import { parseNoticeMemory, renderNoticeMemory } from '../../model/notice-memory.ts';
import type { Store } from '../../ports.ts';
import type { Database } from './database.ts';
import { jsonColumn, rowReader } from './rows.ts';

const rowSchema = noticeSchema.extend({
  actions: jsonColumn.pipe(z.array(noticeActionSchema)),
}) satisfies z.ZodType<Notice>;

const columns = `id, kind, subject, title, body, severity, at, updated_at AS updatedAt, ended_at AS endedAt,
  read_at AS readAt, silent, actions`;

/** What was told, in an open, migrated database. At most `most` are kept. */
export function noticesIn(
  database: Database,
  log: Log | undefined,
  most: number,
): Pick<Store, 'notices' | 'noticeMemory' | 'saveNotices'> {
  const read = rowReader<Notice>('notices', rowSchema, log);
  const newest = database.prepare(`SELECT ${columns} FROM notices ORDER BY id DESC LIMIT @limit`);
  const save = database.prepare(
    `INSERT OR REPLACE INTO notices VALUES (@id, @kind, @subject, @title, @body, @severity, @at, @updatedAt, @endedAt,
       @readAt, @silent, @actions)`,
  );
  const prune = database.prepare(
    'DELETE FROM notices WHERE id <= (SELECT id FROM notices ORDER BY id DESC LIMIT 1 OFFSET @most)',
  );
  const memory = database.prepare('SELECT memory FROM notice_memory WHERE one = 1');
  const remember = database.prepare('INSERT OR REPLACE INTO notice_memory VALUES (1, @memory)');
  const memoryRow = z.object({ memory: jsonColumn });
  return {
    notices: (limit) => read.all(newest.all({ limit })),
    noticeMemory: () => {
      const row = memoryRow.safeParse(memory.get());
      return row.success ? parseNoticeMemory(row.data.memory) : null;
    },
    saveNotices: (changed, now) =>
      database.transaction(() => {
        for (const { actions, ...notice } of changed)
          save.run({ ...notice, actions: JSON.stringify(actions) });
        remember.run({ memory: renderNoticeMemory(now) });
        prune.run({ most });
      }),
  };
}
