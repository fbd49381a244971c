// Copies of databases, and looks at such copies, without disturbing whoever has them open.
import { chmod, rm } from 'node:fs/promises';
import { z } from 'zod';
import { openConnection } from './database.ts';
import { namedError } from './sqlite-error.ts';

/** Milliseconds to wait for another's lock. */
const timeoutMs = 5_000;

/**
 * A whole copy of a database that is in use, as it is at one moment (mode 0600). https://www.sqlite.org/backup.html: pages are
 * copied a few at a time, and once more when somebody writes meanwhile. Rejects with the errors of the database.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  await rm(to, { force: true });
  const connection = openConnection(from, timeoutMs);
  try {
    if (connection.backup === undefined) connection.prepare('VACUUM INTO @to').run({ to });
    else await connection.backup(to);
    await chmod(to, 0o600);
  } catch (error) {
    throw namedError(error, to);
  } finally {
    connection.close();
  }
}

const findingsSchema = z.array(z.object({ integrity_check: z.string() }));

/** What is wrong with a copy of a database that nobody has open, as SQLite says it; nothing for a sound one. Rejects with the errors of the database. */
export function checkDatabase(file: string): readonly string[] {
  const connection = openConnection(file, timeoutMs);
  try {
    const found = findingsSchema.parse(connection.prepare('PRAGMA integrity_check(20)').all({}));
    return found.map((row) => row.integrity_check).filter((sentence) => sentence !== 'ok');
  } catch (error) {
    throw namedError(error, file);
  } finally {
    connection.close();
  }
}

const projectRow = z.object({ id: z.int(), json: z.string() });
const projectJson = z.object({ fullPath: z.string() });

/** Full paths of the projects in a copy of a sandbox's database, by their ids. Rejects with the errors of the database. */
export function projectsIn(file: string): ReadonlyMap<number, string> {
  const connection = openConnection(file, timeoutMs);
  try {
    const found = connection.prepare("SELECT id, json FROM entity WHERE kind = 'project'").all({});
    const rows = z.array(projectRow).parse(found);
    return new Map(rows.map(({ id, json }) => [id, projectJson.parse(JSON.parse(json)).fullPath]));
  } catch (error) {
    throw namedError(error, file);
  } finally {
    connection.close();
  }
}
