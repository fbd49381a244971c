// Every table is bounded, in age and in rows, also while AutoGit is never started anew.
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../main/adapters/store/database.ts';
import { migrate } from '../../../../main/adapters/store/migrate.ts';
import { migrations } from '../../../../main/adapters/store/migrations/index.ts';
import { mostKept, storeOn } from '../../../../main/adapters/store/open-store.ts';
import type { UsedByJob } from '../../../../main/model/usage.ts';
import { sampleJob, sampleRunner } from './samples.ts';
import { z } from 'zod';

const hour = 3_600_000;

function open() {
  const database = openDatabase(':memory:');
  migrate(database, migrations);
  const clock = { now: 5_000 };
  const store = storeOn(database, { now: () => clock.now });
  const rows = (table: string): number =>
    z.object({ rows: z.int() }).parse(database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()).rows;
  return { database, store, clock, rows };
}

const used = (change: Partial<UsedByJob> = {}): UsedByJob => ({
  ...{ projectId: 7, project: 'group/project', job: 'build', pool: 'default', endedAt: 5_000 },
  ...{ lastedMs: 60_000, memoryBytes: 300 * 1024 ** 2, cpus: 0.5, outOfMemory: false },
  limits: { cpus: 2, memoryMiB: 1024 },
  ...change,
});

describe('the database', () => {
  it('of 20,000 jobs over 60 days holds those of the last 30, with nobody starting anew', () => {
    const { store, clock, rows, database } = open();
    const eachMs = (60 * 24 * hour) / 20_000;
    let most = 0;
    // One transaction: a test need not wait for the disk 80,000 times.
    database.transaction(() => {
      for (let id = 1; id <= 20_000; id += 1) {
        clock.now += eachMs;
        const at = Math.round(clock.now);
        const runner = id.toString(16).padStart(8, '0');
        store.saveJobs([
          sampleJob({ id, status: 'success', firstSeenAt: at, startedAt: at, finishedAt: at }),
        ]);
        store.insertRunner(sampleRunner({ id: runner, phase: 'gone', startedAt: at, goneAt: at }));
        store.audit({ at, door: 'cli', request: 'pool.set', outcome: 'done' });
        store.addUsage(used({ job: `job ${id % 900}`, endedAt: at }));
        if (id % 100 === 0) store.finishRequest(store.addRequest('drain', 'cli').id, 'done');
        if (id % 200 !== 0) continue;
        store.prune();
        most = Math.max(most, rows('jobs'), rows('runners'));
      }
    });
    expect(most).toBeLessThanOrEqual(10_200);
    expect(rows('usage')).toBe(mostKept.usage);
    expect(rows('audit')).toBe(20_000);
    expect(store.runnerTotals()).toEqual({ created: 20_000, removed: 20_000 });
    clock.now += 400 * 24 * hour;
    store.prune();
    expect(['jobs', 'runners', 'audit', 'requests', 'usage'].map(rows)).toEqual([0, 0, 0, 0, 0]);
    expect(store.runnerTotals()).toEqual({ created: 20_000, removed: 20_000 });
  });

  it('keeps no more rows than it says, however young, and nothing that is still open is forgotten', () => {
    const { store, rows, database } = open();
    const fill = (table: string, count: number, values: string): void =>
      database.exec(
        `INSERT INTO ${table} WITH RECURSIVE n(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM n LIMIT ${count}) SELECT ${values} FROM n`,
      );
    store.saveJobs([sampleJob({ id: 1, status: 'running', firstSeenAt: 1 })]);
    store.insertRunner(sampleRunner({ id: 'eeeeeeee', phase: 'started', createdAt: 1, startedAt: 1 }));
    const request = store.addRequest('drain', 'cli');
    fill('jobs', 50_500, `i, 'a', 'success', '[]', 1, 'p', 'main', 5000, 5000, 5000, NULL, NULL, NULL`);
    fill('audit', 50_500, `i, 5000, 'cli', 'r', 'done', NULL, 0`);
    fill('requests', 10_500, `i, 'drain', 5000, 'cli', 5000, 'done'`);
    store.prune();
    expect([rows('jobs'), rows('audit')]).toEqual([mostKept.jobs + 1, mostKept.audit]);
    expect(rows('requests')).toBe(mostKept.requests + 1);
    expect(store.openJobs().map(({ id }) => id)).toEqual([1]);
    expect(store.liveRunners()).toHaveLength(1);
    expect(store.openRequests()).toEqual([request]);
  });
});

describe('every table', () => {
  it('stands in the list of what is kept for how long', async () => {
    const { database } = open();
    const page = await readFile(new URL('../../../../docs/architecture.md', import.meta.url), 'utf8');
    const tables = z
      .array(z.object({ name: z.string() }))
      .parse(
        database
          .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`)
          .all(),
      );
    const kept = page.slice(page.indexOf('Nothing in `state.db` grows for ever'));
    for (const { name } of tables) expect(kept).toContain(`\`${name}\``);
  });
});

describe('what jobs used', () => {
  it('is kept by project, name and pool, and is of a fixed size', () => {
    const { store } = open();
    for (let index = 1; index <= 500; index += 1) {
      store.addUsage(
        used({ job: `test ${index % 3}/3`, memoryBytes: index * 1024 ** 2, endedAt: 5_000 + index }),
      );
    }
    store.addUsage(used({ job: 'test', pool: 'large' }));
    store.addUsage(used({ job: 'test', projectId: 8 }));
    expect(store.usages()).toHaveLength(3);
    const [test] = store.usages('default').filter(({ projectId }) => projectId === 7);
    expect(test).toMatchObject({ job: 'test', updatedAt: 5_500, measured: 500 });
    expect(test?.memory).toMatchObject({ jobs: 500, most: 500 });
    expect(JSON.stringify(test).length).toBeLessThan(700);
  });

  it('counts anew what hit the limits once there are others, and keeps how much was used', () => {
    const { store } = open();
    for (let index = 0; index < 3; index += 1) store.addUsage(used({ outOfMemory: true, cpus: 2 }));
    expect(store.usages()[0]).toMatchObject({ measured: 3, outOfMemory: 3, allCpus: 3 });
    store.addUsage(used({ limits: { cpus: 4, memoryMiB: 2048 }, cpus: 2 }));
    expect(store.usages()[0]).toMatchObject({ measured: 1, outOfMemory: 0, allCpus: 0 });
    expect(store.usages()[0]?.cpu.jobs).toBe(4);
  });

  it('is forgotten with the GitLab that it is about', () => {
    const { store } = open();
    store.addUsage(used());
    store.forgetGitlab();
    expect(store.usages()).toEqual([]);
  });
});

describe('jobs for replaying', () => {
  it('are those that ran and ended since, part by part', () => {
    const { store } = open();
    const ran = (id: number, finishedAt: number) =>
      sampleJob({ id, status: 'success', startedAt: finishedAt - 10, finishedAt });
    store.saveJobs([ran(1, 100), ran(2, 200), ran(3, 300), ran(4, 400)]);
    store.saveJobs([sampleJob({ id: 5, status: 'canceled', finishedAt: 500 }), sampleJob({ id: 6 })]);
    const ids = (below: number | null, limit: number) =>
      store.endedJobs({ since: 200, below, limit }).map(({ id }) => id);
    expect(ids(null, 2)).toEqual([4, 3]);
    expect(ids(3, 2)).toEqual([2]);
  });
});
