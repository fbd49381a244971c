// What happens to the disk happens to the store: each failure has its name, and nothing acknowledged is lost.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openConnection, openDatabase } from '../../../../main/adapters/store/database.ts';
import { driverName, loadDriver } from '../../../../main/adapters/store/driver.ts';
import { migrate } from '../../../../main/adapters/store/migrate.ts';
import { migrations } from '../../../../main/adapters/store/migrations/index.ts';
import { openStore, storeOn } from '../../../../main/adapters/store/open-store.ts';
import { codeOf, namedError } from '../../../../main/adapters/store/sqlite-error.ts';
import { sampleJob } from './samples.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'autogit-failures-'));
  file = path.join(folder, 'state.db');
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

const now = (): number => 5000;
const named = (key: string): unknown =>
  expect.objectContaining({ key, next: expect.stringMatching(/\w/) as unknown });

function fill(count: number): void {
  const store = openStore(file, { now });
  store.saveJobs(Array.from({ length: count }, (_, id) => sampleJob({ id, project: 'x'.repeat(500) })));
  store.close();
}

/** Four pages in the middle become noise. SQLite has no checksums: a changed letter in a text goes unnoticed. */
function overwrite(): void {
  const handle = openSync(file, 'r+');
  writeSync(handle, Buffer.alloc(4 * 4096, 0xff), 0, 4 * 4096, 12 * 4096);
  closeSync(handle);
}

/** Root ignores permissions: for this one call the process is somebody else. */
function asOrdinaryUser<T>(work: () => T): T {
  if (process.getuid?.() !== 0) return work();
  process.seteuid?.(65_534);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}

describe('a damaged database', () => {
  it.each([
    ['cut in the middle', () => truncateSync(file, Math.floor(statSync(file).size / 2))],
    ['with pages of something else inside', overwrite],
    [
      'some other file',
      () => writeFileSync(file, 'this was never a database, it only has its name\n'.repeat(100)),
    ],
  ])('%s is store.corrupt', (_name, damage) => {
    fill(200);
    damage();
    expect(() => openStore(file, { now })).toThrow(named('store.corrupt'));
  });
});

describe('a journal that was cut off or overwritten', () => {
  /** The files as a core leaves them that is killed: rows in the journal that the database does not have yet. */
  function killed(): string {
    const store = openStore(file, { now });
    for (const id of [1, 2, 3]) store.saveJobs([sampleJob({ id })]);
    const copy = path.join(folder, 'killed.db');
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${copy}${end}`);
    store.close();
    return copy;
  }

  it('whole, has every row', () => {
    const store = openStore(killed(), { now });
    expect(store.openJobs().map(({ id }) => id)).toEqual([1, 2, 3]);
    store.close();
  });

  it.each([
    ['cut off in the last row', (wal: string) => truncateSync(wal, statSync(wal).size - 100)],
    ['empty', (wal: string) => truncateSync(wal, 0)],
    ['something else', (wal: string) => writeFileSync(wal, 'x'.repeat(9000))],
  ])('%s, costs the rows that were in that part and no other, and all goes on', (_name, damage) => {
    const copy = killed();
    damage(`${copy}-wal`);
    const store = openStore(copy, { now });
    const left = store.openJobs().map(({ id }) => id);
    expect(left).toEqual([1, 2, 3].slice(0, left.length));
    expect(left.length).toBeLessThan(3);
    store.saveJobs([sampleJob({ id: 9 })]);
    store.close();
    const again = openStore(copy, { now });
    expect(again.openJobs().map(({ id }) => id)).toEqual([...left, 9]);
    again.close();
  });
});

describe('a database that cannot be written', () => {
  it('because a folder lies there is store.cannot-open', () => {
    mkdirSync(file);
    expect(() => openStore(file, { now })).toThrow(named('store.cannot-open'));
  });

  it('because others own the file and the folder is store.read-only', () => {
    fill(1);
    chmodSync(file, 0o444);
    chmodSync(folder, 0o555);
    asOrdinaryUser(() => {
      expect(() => openStore(file, { now })).toThrow(named('store.read-only'));
    });
  });

  it('because others own the file alone is store.read-only', () => {
    fill(1);
    chmodSync(file, 0o444);
    chmodSync(folder, 0o777);
    asOrdinaryUser(() => {
      expect(() => openStore(file, { now })).toThrow(named('store.read-only'));
    });
  });

  it('because there is no folder for it is store.cannot-open', () => {
    expect(() => openStore(path.join(folder, 'missing', 'state.db'), { now })).toThrow(
      named('store.cannot-open'),
    );
  });

  it('because another program writes for long is store.locked, and works afterwards', () => {
    const store = openStore(file, { now });
    const other = openConnection(file, 0);
    other.exec('BEGIN IMMEDIATE');
    expect(() => store.saveJobs([sampleJob()])).toThrow(named('store.locked'));
    expect(() => openStore(file, { now })).toThrow(named('store.locked'));
    other.exec('ROLLBACK');
    other.close();
    store.saveJobs([sampleJob()]);
    expect(store.jobs(9)).toHaveLength(1);
    store.close();
  });

  it('because it is full is store.full, keeps what was there, and works once there is room', () => {
    const database = openDatabase(file);
    migrate(database, migrations);
    const store = storeOn(database, { now });
    store.saveJobs([sampleJob({ id: 1 })]);
    database.exec('PRAGMA max_page_count = 40');
    const many = Array.from({ length: 500 }, (_, index) =>
      sampleJob({ id: index + 2, project: 'x'.repeat(900) }),
    );
    expect(() => store.saveJobs(many)).toThrow(named('store.full'));
    expect(store.jobs(9).map(({ id }) => id)).toEqual([1]);
    database.exec('PRAGMA max_page_count = 100000');
    store.saveJobs(many);
    expect(store.jobs(1000)).toHaveLength(501);
    store.close();
  });
});

describe('the library', () => {
  it('is the one that does not crash this Node-API', () => {
    expect(['9', '10', '11', undefined].map(driverName)).toEqual([
      'libsql',
      'better-sqlite3',
      'better-sqlite3',
      'libsql',
    ]);
  });

  it('may give codes as numbers, which mean the same', () => {
    const thrown = (code: string): Error => Object.assign(new Error('x'), { code });
    expect(namedError(thrown('UNKNOWN_SQLITE_ERROR_1544'), file)).toEqual(named('store.read-only'));
    expect(namedError(thrown('UNKNOWN_SQLITE_ERROR_779'), file)).toEqual(named('store.corrupt'));
    expect(codeOf(thrown('UNKNOWN_SQLITE_ERROR_2067'))).toBe('SQLITE_CONSTRAINT');
  });

  it.skipIf(isInstalled('libsql'))('is store.driver-missing where it is not installed', () => {
    expect(() => loadDriver('libsql')).toThrow(named('store.driver-missing'));
  });
});

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}

describe('kill -9 while writing', () => {
  it('loses no row that was acknowledged', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const target = path.join(folder, `round-${String(round)}.db`);
      const child = spawn(process.execPath, [path.join(import.meta.dirname, 'writer.ts'), target], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > 9 * (100 + round * 57)) child.kill('SIGKILL');
      });
      await once(child, 'close');
      acknowledged.length = 0;
      acknowledged.push(...text.split('\n').slice(0, -1));
      const store = openStore(target, { now });
      const kept = new Set(store.liveRunners().map(({ id }) => id));
      expect(acknowledged.length).toBeGreaterThan(100);
      expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
      store.close();
    }
  });
});
