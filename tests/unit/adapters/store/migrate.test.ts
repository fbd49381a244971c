// Schema steps: each one, all of them, and a database from the future.
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, type Database } from '../../../../main/adapters/store/database.ts';
import { migrate, schemaVersion, type Migration } from '../../../../main/adapters/store/migrate.ts';
import { migrations } from '../../../../main/adapters/store/migrations/index.ts';
import { openStore } from '../../../../main/adapters/store/open-store.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'autogit-migrate-'));
  file = path.join(folder, 'state.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const steps: readonly Migration[] = [
  { version: 1, sql: 'CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (1);' },
  { version: 2, sql: 'CREATE TABLE b (y INTEGER) STRICT; INSERT INTO b SELECT x + 1 FROM a;' },
];

function tables(database: Database): readonly unknown[] {
  return database
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
    .all();
}

describe('migrate', () => {
  it('brings an empty database to the newest schema, without a copy of nothing', () => {
    const database = openDatabase(file);
    migrate(database, migrations);
    expect(schemaVersion(database)).toBe(migrations.length);
    expect(existsSync(`${file}.before-1`)).toBe(false);
    database.close();
  });

  it('applies only what is missing, after a private copy of the file', () => {
    const database = openDatabase(file);
    migrate(database, steps.slice(0, 1));
    migrate(database, steps);
    expect(database.prepare('SELECT y FROM b').get()).toEqual({ y: 2 });
    migrate(database, steps);
    database.close();

    expect(statSync(`${file}.before-2`).mode & 0o777).toBe(0o600);
    const copy = openDatabase(`${file}.before-2`);
    expect(schemaVersion(copy)).toBe(1);
    expect(tables(copy)).toEqual([{ name: 'a' }]);
    copy.close();
  });

  it('leaves a database as it was when a step fails half-way', () => {
    const database = openDatabase(file);
    migrate(database, steps.slice(0, 1));
    const broken = { version: 2, sql: 'CREATE TABLE b (y INTEGER) STRICT; INSERT INTO nowhere VALUES (1);' };
    expect(() => migrate(database, steps.slice(0, 1).concat(broken))).toThrow(/nowhere/);
    expect(schemaVersion(database)).toBe(1);
    expect(tables(database)).toEqual([{ name: 'a' }]);
    database.close();
  });

  it('refuses a database from the future and leaves it alone', () => {
    const database = openDatabase(file);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openStore(file, { now: () => 0 })).toThrow(
      expect.objectContaining({ key: 'store.from-future' }),
    );
    const after = openDatabase(file);
    expect(schemaVersion(after)).toBe(99);
    expect(tables(after)).toEqual([]);
    after.close();
  });

  it('refuses a list with a gap or a wrong order', () => {
    const database = openDatabase(':memory:');
    expect(() => migrate(database, steps.toReversed())).toThrow(/Migration 2 stands where 1/);
    expect(() => migrate(database, steps.slice(1))).toThrow(/expected/);
    database.close();
  });
});

describe('migration 1', () => {
  it('makes strict tables for every noun, and one live runner per slot', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations.slice(0, 1));
    expect(schemaVersion(database)).toBe(1);
    const strict = database.prepare(
      `SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'`,
    );
    const made = strict.all().filter((row) => !JSON.stringify(row).includes('sqlite_'));
    expect(new Set(made)).toEqual(
      new Set(
        ['meta', 'nodes', 'runners', 'jobs', 'entries', 'requests', 'audit'].map((name) => ({
          name,
          strict: 1,
        })),
      ),
    );
    const runner = (id: string, phase: string): string =>
      `INSERT INTO runners VALUES ('${id}', 'n', 'p', 0, '${id}', 'h', 's', '${phase}', 1, NULL, NULL, NULL)`;
    database.exec(runner('1', 'gone') + ';' + runner('2', 'gone') + ';' + runner('3', 'started'));
    expect(() => database.exec(runner('4', 'intended'))).toThrow(/UNIQUE/);
    expect(() => database.exec(`INSERT INTO nodes VALUES (x'00', 'h')`)).toThrow(/BLOB/);
    database.close();
  });
});

describe('the second step', () => {
  it('gives entries of before the terms that they had', () => {
    const database = openDatabase(file);
    migrate(database, migrations.slice(0, 1));
    database.prepare("INSERT INTO entries VALUES ('default', 'http://x', 3, '[\"a\"]', 1)").run();
    migrate(database, migrations);
    database.close();
    const store = openStore(file, { now: () => 5000 });
    expect(store.entries()).toEqual([
      {
        ...{ pool: 'default', gitlabUrl: 'http://x', entryId: 3, tags: ['a'], runUntagged: true },
        ...{ protectedOnly: false, paused: false, scope: { kind: 'instance' } },
      },
    ]);
    store.close();
  });
});

describe('the third step', () => {
  it('gives runners a place for their graphics cards; those of before had none', () => {
    const database = openDatabase(file);
    migrate(database, migrations.slice(0, 2));
    database.exec(
      "INSERT INTO runners VALUES ('00000001', 'n', 'p', 0, 'r', 'h', 's', 'started', 1, 1, NULL, NULL)",
    );
    migrate(database, migrations);
    database.close();
    const store = openStore(file, { now: () => 5000 });
    expect(store.liveRunners()).toMatchObject([{ id: '00000001', grant: null }]);
    store.close();
  });

  it('keeps runners of before the step that says how they ended, of which that is not known', () => {
    const database = openDatabase(file);
    migrate(database, migrations.slice(0, 3));
    database.exec(
      `INSERT INTO runners VALUES ('00000001', 'n', 'default', 0, 'a', 'h', 'r_auto00000001', 'started', 1, 2, NULL, NULL, NULL)`,
    );
    database.close();
    const store = openStore(file, { now: () => 5_000 });
    const [runner] = store.liveRunners();
    expect(runner).toMatchObject({ id: '00000001', startedAt: 2 });
    expect([runner?.outOfMemoryAt, runner?.vanished, runner?.refusal]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    store.updateRunner('00000001', { outOfMemoryAt: 3, vanished: true, refusal: 'no' });
    expect(store.liveRunners()[0]).toMatchObject({ outOfMemoryAt: 3, vanished: true, refusal: 'no' });
    expect(store.usages()).toEqual([]);
    store.close();
  });

  it('keeps runners of before the step that says what of the machine they were given: that is not known', () => {
    const database = openDatabase(file);
    migrate(database, migrations.slice(0, 6));
    database.exec(
      `INSERT INTO runners VALUES ('00000001', 'n', 'default', 0, 'a', 'h', 'r_auto00000001', 'started', 1, 2, NULL, NULL, NULL, NULL, 0, 'no')`,
    );
    database.close();
    const store = openStore(file, { now: () => 5_000 });
    const [runner] = store.liveRunners();
    expect(runner).toMatchObject({ id: '00000001', refusal: 'no' });
    expect(runner?.size).toBeUndefined();
    store.close();
  });
});
