// The journal of stacks: the one in the database, and the fake that tests believe in, under one suite.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../main/adapters/store/database.ts';
import { migrate } from '../../../../main/adapters/store/migrate.ts';
import { migrations } from '../../../../main/adapters/store/migrations/index.ts';
import { openStore, storeOn } from '../../../../main/adapters/store/open-store.ts';
import type { StackJournal } from '../../../../main/stack-ports.ts';
import { FakeStackJournal } from '../../../fakes/fake-stack-journal.ts';
import { benchAnswers, benchWish } from '../../../fakes/stack-bench.ts';

const answers = benchAnswers();
const up = { verb: 'up', answers, wish: benchWish, at: 1_000 } as const;

interface Opened {
  readonly journal: StackJournal;
  readonly close: () => void;
}

function inDatabase(): Opened {
  const store = openStore(':memory:', { now: () => 5_000 });
  return { journal: store.stack, close: () => store.close() };
}

describe.each([
  ['in the database', inDatabase],
  ['of the fake', (): Opened => ({ journal: new FakeStackJournal(), close: () => undefined })],
])('the journal %s', (_, open) => {
  let opened: Opened;
  let journal: StackJournal;
  beforeEach(() => {
    opened = open();
    journal = opened.journal;
  });
  afterEach(() => opened.close());

  it('is empty at first', () => {
    expect([journal.open(), journal.last(), journal.current(), journal.standing()]).toEqual([
      null,
      null,
      null,
      null,
    ]);
    expect([journal.written('lab'), journal.started('lab'), journal.unfinished('lab')]).toEqual([{}, {}, []]);
  });

  it('keeps a run with its answers, its wish and how far it came, until it ends', () => {
    const wish = { files: { 'a/b': 'keep' }, services: ['gitlab'], deleteData: true } as const;
    const id = journal.begin({ ...up, wish });
    journal.stepBegan(id, 'preflight', 1_001);
    journal.stepEnded(id, 'preflight', 1_002);
    journal.stepBegan(id, 'folders', 1_003);
    const run = {
      ...{ id, verb: 'up', answers, wish, startedAt: 1_000, endedAt: null, outcome: null },
      steps: [
        { step: 'preflight', startedAt: 1_001, endedAt: 1_002 },
        { step: 'folders', startedAt: 1_003, endedAt: null },
      ],
    };
    expect(journal.open()).toEqual(run);
    expect(journal.last()).toEqual(run);
    journal.end(id, 'done', 1_004);
    expect(journal.open()).toBeNull();
    expect(journal.last('up')).toEqual({ ...run, outcome: 'done', endedAt: 1_004 });
    expect(journal.last('down')).toBeNull();
  });

  it('has one open run at a time', () => {
    const id = journal.begin(up);
    const next = journal.begin({ ...up, verb: 'down', at: 2_000 });
    expect(journal.last('up')).toMatchObject({ id, outcome: 'interrupted', endedAt: 2_000 });
    expect(journal.open()).toMatchObject({ id: next, verb: 'down' });
  });

  it('keeps the first reason why a run cannot go on', () => {
    const id = journal.begin(up);
    const failure = { step: 'start', key: 'compose.failed', message: 'No.', next: 'Mend it.' } as const;
    journal.failed(id, failure);
    journal.failed(id, { ...failure, key: 'other.thing' });
    expect(journal.open()?.failure).toEqual(failure);
  });

  it('knows who has to be restarted, also after a run that did not come to it', () => {
    const id = journal.begin(up);
    journal.setRestarts(id, ['gitlab']);
    expect(journal.open()?.restarts).toEqual(['gitlab']);
    journal.end(id, 'engine.pull-stalled', 2_000);
    const next = journal.begin(up);
    expect(journal.open()?.restarts).toEqual(['gitlab']);
    journal.setRestarts(next, []);
    expect(journal.open()?.restarts ?? []).toEqual([]);
  });

  it('knows what was written, removed, and cut off in the middle, of each lab', () => {
    journal.wrote('lab', 'a', 'hash-a');
    journal.wrote('lab', 'b', 'hash-b');
    journal.wrote('other', 'a', 'hash-c');
    journal.writing('lab', 'a');
    journal.writing('lab', 'new');
    expect(journal.unfinished('lab').toSorted()).toEqual(['a', 'new']);
    expect(journal.written('lab')).toEqual({ a: 'hash-a', b: 'hash-b' });
    journal.wrote('lab', 'a', 'hash-2');
    journal.wrote('lab', 'b', null);
    journal.wrote('lab', 'new', null);
    expect(journal.written('lab')).toEqual({ a: 'hash-2' });
    expect(journal.unfinished('lab')).toEqual([]);
    expect(journal.written('other')).toEqual({ a: 'hash-c' });
  });

  it('knows with what services were started last, whole', () => {
    journal.setStarted('lab', { gitlab: 'a', traefik: 'b' });
    journal.setStarted('lab', { gitlab: 'c' });
    expect(journal.started('lab')).toEqual({ gitlab: 'c' });
    expect(journal.started('other')).toEqual({});
  });

  it('knows whose place is taken', () => {
    const labs = [{ lab: 'lab', data: '/srv/lab' }];
    journal.setFormer(labs);
    expect(journal.former()).toEqual(labs);
    journal.setFormer([]);
    expect(journal.former()).toEqual([]);
  });

  it('knows whose files and secrets may be here', () => {
    const labs = [
      { lab: 'lab', data: '/srv/lab' },
      { lab: 'other', data: '/srv/lab' },
    ];
    journal.setLabs(labs);
    expect(journal.labs()).toEqual(labs);
    expect(journal.former()).toEqual([]);
    journal.setLabs([]);
    expect(journal.labs()).toEqual([]);
  });

  it('knows what is and what stands', () => {
    const standing = {
      ...{ answers, isUp: true, isKept: true, isOutgrown: true, services: { gitlab: 'a' } },
      ...{ images: { gitlab: 'example/gitlab:1' }, written: { 'compose.yaml': 'hash' } },
    };
    journal.setCurrent(answers);
    journal.setStanding(standing);
    expect([journal.current(), journal.standing()]).toEqual([answers, standing]);
    journal.setCurrent(null);
    journal.setStanding(null);
    expect([journal.current(), journal.standing()]).toEqual([null, null]);
  });
});

describe('what another version has written', () => {
  const ofAnother = { ...answers, policy: { sessionDays: 'for ever' }, colour: 'red', preset: 'small' };

  it('of a run stands in the way of no other one', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations);
    const { stack, close } = storeOn(database, { now: () => 5_000 });
    const id = stack.begin(up);
    database.prepare('UPDATE stack_runs SET answers = @answers').run({ answers: JSON.stringify(ofAnother) });
    expect(stack.open()).toBeNull();
    expect(stack.begin({ ...up, verb: 'down' })).toBeGreaterThan(id);
    expect(stack.open()).toMatchObject({ verb: 'down' });
    close();
  });

  it('of a stack is read as far as it can be', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations);
    const { stack, close } = storeOn(database, { now: () => 5_000 });
    const put = database.prepare('INSERT OR REPLACE INTO stack_state VALUES (@name, @value)');
    const standing = { answers: ofAnother, isUp: true, isKept: false, services: {} };
    put.run({ name: 'current', value: JSON.stringify(ofAnother) });
    put.run({ name: 'standing', value: JSON.stringify(standing) });
    const readable = { lab: 'lab', data: '/srv/lab', address: '192.168.1.10', policy: { sessionDays: 7 } };
    expect(stack.current()).toMatchObject(readable);
    expect(stack.standing()).toMatchObject({ answers: readable, isUp: true });
    put.run({ name: 'current', value: JSON.stringify({ name: 'lab' }) });
    expect(stack.current()).toBeNull();
    close();
  });
});

describe('the ninth step of the schema', () => {
  it('leaves what was there and begins with no stack', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations.slice(0, 8));
    database.exec("INSERT INTO nodes VALUES ('7f5d3c1e-0000-4000-8000-000000000001', 'unix:///x')");
    migrate(database, migrations);
    const store = storeOn(database, { now: () => 5_000 });
    expect(store.stack.last()).toBeNull();
    expect(store.nodes()).toHaveLength(1);
    store.close();
  });

  it('forgets the oldest runs, and their steps with them, never an open one', () => {
    const database = openDatabase(':memory:');
    migrate(database, migrations);
    const store = storeOn(database, { now: () => 5_000 });
    for (let count = 0; count < 120; count += 1) {
      const id = store.stack.begin(up);
      store.stack.stepBegan(id, 'preflight', 1);
      store.stack.end(id, 'done', 2);
    }
    store.stack.begin(up);
    store.prune();
    expect(database.prepare('SELECT count(*) AS count FROM stack_runs').get()).toEqual({ count: 100 });
    expect(database.prepare('SELECT count(*) AS count FROM stack_steps').get()).toEqual({ count: 99 });
    expect(store.stack.open()).not.toBeNull();
    store.close();
  });
});
