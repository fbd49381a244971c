import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStore } from '../../../main/sandbox/store.ts';
import type { SandboxStore } from '../../../main/sandbox/store.ts';

const createdAt = '2026-01-02T03:04:05.000Z';
const ada = { username: 'ada', name: 'Ada', email: 'ada@example.com', createdAt };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'autogit-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function reopen(store: SandboxStore): SandboxStore {
  store.close();
  return openStore(folder);
}

/** Runs a program that does things to the state and is killed without warning. */
function killedAfter(work: string): Promise<string | undefined> {
  const store = fileURLToPath(new URL('../../../main/sandbox/store.ts', import.meta.url));
  const program = `
    import { openStore } from ${JSON.stringify(store)};
    const store = openStore(${JSON.stringify(folder)});
    ${work}
    process.kill(process.pid, 'SIGKILL');`;
  return new Promise((resolve) => {
    execFile(process.execPath, ['--input-type=module-typescript', '-e', program], (error) =>
      resolve(error?.signal),
    );
  });
}

describe('openStore', () => {
  it('gives back what was stored before', () => {
    let store = openStore(folder);
    const user = store.users.insert(ada);
    store.users.update(user.id, { admin: true });
    store.files.appendTrace(4, Buffer.from('hello'));
    store = reopen(store);
    expect(store.users.get(1)).toEqual({ ...user, admin: true });
    expect(store.files.readTrace(4).toString()).toBe('hello');
    store.close();
  });

  it('loses nothing acknowledged when the process is killed', async () => {
    const signal = await killedAfter(`
      for (let n = 0; n < 50; n += 1) store.users.insert({ username: 'u' + n, name: 'U', email: 'e', createdAt: 'x' });
      store.users.remove(7);
      store.files.appendTrace(1, Buffer.from('kept'));`);
    expect(signal).toBe('SIGKILL');
    const store = openStore(folder);
    expect(store.users.size).toBe(49);
    expect(store.users.get(7)).toBeUndefined();
    expect(store.files.readTrace(1).toString()).toBe('kept');
    expect(store.users.insert(ada).id).toBe(51);
    store.close();
  });

  it('keeps nothing of a transaction that a kill interrupted', async () => {
    await killedAfter(`
      store.users.insert({ username: 'before', name: 'U', email: 'e', createdAt: 'x' });
      store.transaction(() => {
        store.users.insert({ username: 'inside', name: 'U', email: 'e', createdAt: 'x' });
        process.kill(process.pid, 'SIGKILL');
      });`);
    const store = openStore(folder);
    expect(store.users.all().map((user) => user.username)).toEqual(['before']);
    store.close();
  });

  it('never uses an id twice', () => {
    let store = openStore(folder);
    store.users.remove(store.users.insert(ada).id);
    store = reopen(store);
    expect(store.users.insert(ada).id).toBe(2);
    store.close();
  });

  it('names a file that is no database', () => {
    writeFileSync(
      join(folder, 'sandbox.db'),
      'not a database, but long enough to be read as a header of one'.repeat(20),
    );
    expect(() => openStore(folder)).toThrow(expect.objectContaining({ key: 'sandbox.state-damaged' }));
  });

  it.each(['{"id":1', '{"id":1,"username":5}'])('names a stored row that is damaged: %s', (json) => {
    const store = openStore(folder);
    store.users.insert(ada);
    store.close();
    const database = new DatabaseSync(join(folder, 'sandbox.db'));
    database.prepare("UPDATE entity SET json = ? WHERE kind = 'user'").run(json);
    database.close();
    expect(() => openStore(folder)).toThrow(expect.objectContaining({ key: 'sandbox.state-damaged' }));
  });

  it('refuses a folder that is in use, and one from the future', () => {
    const store = openStore(folder);
    expect(() => openStore(folder)).toThrow(expect.objectContaining({ key: 'sandbox.state-locked' }));
    store.close();
    const database = new DatabaseSync(join(folder, 'sandbox.db'));
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openStore(folder)).toThrow(expect.objectContaining({ key: 'sandbox.state-from-future' }));
  });

  it('fills in fields that an older sandbox did not write', () => {
    const store = openStore(folder);
    store.users.insert(ada);
    store.close();
    const database = new DatabaseSync(join(folder, 'sandbox.db'));
    database.exec("UPDATE entity SET json = json_remove(json, '$.bio') WHERE kind = 'user'");
    database.close();
    const again = openStore(folder);
    expect(again.users.need(1).bio).toBe('');
    again.close();
  });
});

describe('a collection', () => {
  let store: SandboxStore;
  beforeEach(() => {
    store = openStore(folder);
  });
  afterEach(() => {
    store.close();
  });

  it('finds by an indexed field, also after that field changed', () => {
    const user = store.users.insert(ada);
    store.users.update(user.id, { username: 'lovelace' });
    expect(store.users.by('username', 'ada')).toEqual([]);
    expect(store.users.by('username', 'lovelace')).toHaveLength(1);
    store.users.remove(user.id);
    expect(store.users.by('username', 'lovelace')).toEqual([]);
  });

  it('is as before when a transaction throws', () => {
    const user = store.users.insert(ada);
    expect(() =>
      store.transaction(() => {
        store.users.update(user.id, { name: 'changed' });
        store.users.insert({ ...ada, username: 'second' });
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(store.users.all()).toEqual([user]);
    expect(store.users.by('username', 'second')).toEqual([]);
    store = reopen(store);
    expect(store.users.all()).toEqual([user]);
  });

  it('says which entity is missing', () => {
    expect(() => store.users.need(3)).toThrow(expect.objectContaining({ key: 'sandbox_not_found' }));
    expect(store.users.remove(3)).toBe(false);
  });

  it('is in the order of ids after a removal that was undone', () => {
    for (const username of ['a', 'b', 'c']) store.users.insert({ ...ada, username });
    const undone = (): void => {
      store.transaction(() => {
        store.users.remove(1);
        throw new Error('no');
      });
    };
    expect(undone).toThrow('no');
    expect(store.users.all().map((user) => user.username)).toEqual(['a', 'b', 'c']);
  });
});

describe('files that belong to entities', () => {
  it('are removed when the transaction is stored, and stay when it is undone', () => {
    const store = openStore(folder);
    store.files.appendTrace(1, Buffer.from('kept'));
    const undone = (): void => {
      store.transaction(() => {
        store.files.removeTrace(1);
        throw new Error('no');
      });
    };
    expect(undone).toThrow('no');
    expect(store.files.readTrace(1).toString()).toBe('kept');
    store.transaction(() => {
      store.files.removeTrace(1);
      expect(store.files.traceSize(1)).toBe(4);
    });
    expect(store.files.traceSize(1)).toBe(0);
    store.close();
  });

  it('are all there when a kill interrupts the transaction that removes them', async () => {
    await killedAfter(`
      store.users.insert({ username: 'u', name: 'U', email: 'e', createdAt: 'x' });
      store.files.appendTrace(1, Buffer.from('kept'));
      store.transaction(() => {
        store.files.removeTrace(1);
        process.kill(process.pid, 'SIGKILL');
      });`);
    const store = openStore(folder);
    expect(store.files.readTrace(1).toString()).toBe('kept');
    store.close();
  });
});

describe('the numbers of pipelines', () => {
  it('go on where an older sandbox stopped, apart for each project, and are never used twice', () => {
    const store = openStore(folder);
    const at = { createdAt, updatedAt: createdAt };
    const pipeline = {
      ref: 'main',
      tag: false,
      sha: '',
      beforeSha: '',
      source: 'push',
      stages: [],
      userId: 1,
    } as const;
    store.pipelines.insert({ ...pipeline, ...at, projectId: 1, iid: 41, status: 'success' });
    expect([store.nextPipelineIid(1), store.nextPipelineIid(1), store.nextPipelineIid(2)]).toEqual([
      42, 43, 1,
    ]);
    store.close();
  });
});
