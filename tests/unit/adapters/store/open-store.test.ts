// What the store keeps, finds, refuses and forgets.
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../../main/adapters/store/database.ts';
import { openStore, retentionMs } from '../../../../main/adapters/store/open-store.ts';
import { createLog, createRedaction, type LogRecord } from '../../../../main/log.ts';
import { isFinished } from '../../../../main/model/job.ts';
import type { Job, JobStatus } from '../../../../main/model/job.ts';
import { sampleJob, sampleRunner } from './samples.ts';
import { someEntry } from '../../../fakes/world.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'autogit-store-'));
  file = path.join(folder, 'state.db');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const memory = (now = () => 5000) => openStore(':memory:', { now });

describe('a store', () => {
  it('takes the identity that it is given when it is new, and keeps it', () => {
    const instance = '0a1b2c3d-0000-8000-a000-000000000000';
    const first = openStore(file, { now: () => 5000, instance });
    expect(first.instance).toBe(instance);
    first.close();
    const second = openStore(file, { now: () => 5000, instance: '99999999-0000-8000-a000-000000000000' });
    expect(second.instance).toBe(instance);
    second.close();
  });

  it('keeps everything over a reopen', () => {
    const first = openStore(file, { now: () => 5000 });
    first.insertRunner(sampleRunner());
    first.saveJobs([sampleJob()]);
    const entry = someEntry({
      ...{ tags: ['a'], protectedOnly: true, paused: true, scope: { kind: 'group', path: 'lab/tools' } },
    });
    first.saveEntry(entry);
    const request = first.addRequest('drain', 'cli');
    first.audit({ at: 1, door: 'http', request: 'drain', outcome: 'accepted' });
    first.audit({ at: 2, door: 'cli', request: 'pool.set', outcome: 'done', subject: 'gpu', dryRun: true });
    const node = first.nodeId('unix:///run/docker.sock');
    first.close();

    const second = openStore(file, { now: () => 5000 });
    expect(second.instance).toBe(first.instance);
    expect(second.nodeId('unix:///run/docker.sock')).toBe(node);
    expect(second.nodeId('unix:///other.sock')).not.toBe(node);
    expect(second.liveRunners()).toEqual([sampleRunner()]);
    expect(second.job(1)).toEqual(sampleJob());
    expect(second.entries()).toEqual([entry]);
    expect(second.openRequests()).toEqual([request]);
    expect(second.auditLog(10)).toEqual([
      { at: 2, door: 'cli', request: 'pool.set', outcome: 'done', subject: 'gpu', dryRun: true },
      { at: 1, door: 'http', request: 'drain', outcome: 'accepted' },
    ]);
    second.close();
  });

  it('pulls back dates that a clock gave which was ahead, and leaves the others', () => {
    const first = openStore(file, { now: () => 90_000 });
    first.insertRunner(sampleRunner({ id: '00000001', createdAt: 80_000, startedAt: 81_000 }));
    first.insertRunner(
      sampleRunner({ id: '00000002', slot: 1, createdAt: 4000, phase: 'gone', goneAt: 82_000 }),
    );
    first.saveJobs([sampleJob({ id: 1, firstSeenAt: 80_000 }), sampleJob({ id: 2, firstSeenAt: 4000 })]);
    first.addRequest('drain', 'cli');
    first.close();
    const second = openStore(file, { now: () => 5000 });
    expect(second.liveRunners()).toMatchObject([{ createdAt: 5000, startedAt: 5000 }]);
    expect(second.goneRunners('default', 1)).toMatchObject([{ createdAt: 4000, goneAt: 5000 }]);
    expect(second.openJobs().map(({ firstSeenAt }) => firstSeenAt)).toEqual([5000, 4000]);
    expect(second.openRequests()).toMatchObject([{ at: 5000 }]);
    second.close();
  });

  it('is a file that only its owner can read, with its companions', () => {
    const store = openStore(file, { now: () => 5000 });
    for (const suffix of ['', '-wal', '-shm']) expect(statSync(file + suffix).mode & 0o777).toBe(0o600);
    store.close();
  });

  it('syncs every commit', () => {
    const database = openDatabase(file);
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
    expect(database.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(database.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 });
    database.close();
  });
});

describe('runners', () => {
  it('never share a slot of a pool while they live', () => {
    const store = memory();
    store.insertRunner(sampleRunner({ id: '00000001', slot: 2 }));
    expect(() => store.insertRunner(sampleRunner({ id: '00000002', slot: 2 }))).toThrow(
      expect.objectContaining({ key: 'store.runner-exists' }),
    );
    store.insertRunner(sampleRunner({ id: '00000003', slot: 2, pool: 'gpu' }));
    store.updateRunner('00000001', { phase: 'leaving' });
    expect(() => store.insertRunner(sampleRunner({ id: '00000002', slot: 2 }))).toThrow();
    store.updateRunner('00000001', { phase: 'gone', goneAt: 2000 });
    store.insertRunner(sampleRunner({ id: '00000004', slot: 2 }));
    expect(store.liveRunners().map(({ id }) => id)).toEqual(['00000003', '00000004']);
    expect(() => store.updateRunner('00000001', { phase: 'started' })).toThrow(
      expect.objectContaining({ key: 'store.runner-exists' }),
    );
  });

  it('are counted once they started, and again once they are gone', () => {
    const store = memory();
    store.insertRunner(sampleRunner({ id: '00000001', slot: 0 }));
    store.insertRunner(sampleRunner({ id: '00000002', slot: 1 }));
    store.updateRunner('00000001', { phase: 'started', startedAt: 1500 });
    expect(store.runnerTotals()).toEqual({ created: 1, removed: 0 });
    store.updateRunner('00000001', { phase: 'gone', goneAt: 1600 });
    store.updateRunner('00000002', { phase: 'gone', goneAt: 1700, failure: 'no image' });
    expect(store.runnerTotals()).toEqual({ created: 1, removed: 1 });
    expect(store.goneRunners('default', 1)).toMatchObject([{ id: '00000002', failure: 'no image' }]);
    expect(store.goneRunners('default', 5).map(({ id }) => id)).toEqual(['00000002', '00000001']);
    expect(store.goneRunners('gpu', 5)).toEqual([]);
    expect(store.recentRunners(1).map(({ id }) => id)).toEqual(['00000002']);
  });

  it('keep their graphics cards, which go with them to another name of their node', () => {
    const store = openStore(file, { now: () => 5000 });
    const grant = { node: 'node-1', vendor: 'amd', ids: ['card-1'], mode: { kind: 'exclusive' } } as const;
    store.insertRunner(sampleRunner({ grant }));
    expect(store.liveRunners()).toMatchObject([{ grant }]);
    store.updateRunner('00000001', { node: 'node-2' });
    expect(store.liveRunners()).toMatchObject([{ grant: { ...grant, node: 'node-2' } }]);
    store.close();
  });

  it('are moved on only from a phase that is expected', () => {
    const store = memory();
    store.insertRunner(sampleRunner({ phase: 'prepared' }));
    expect(store.moveRunner('00000001', ['prepared', 'warm'], { phase: 'started', startedAt: 9 })).toBe(true);
    expect(store.moveRunner('00000001', ['prepared'], { phase: 'gone', goneAt: 10 })).toBe(false);
    expect(store.liveRunners()).toMatchObject([{ phase: 'started', startedAt: 9, goneAt: null }]);
    expect(store.moveRunner('ffffffff', ['prepared'], { phase: 'started' })).toBe(false);
  });

  it('keep what they were given of the machine, where that is known', () => {
    const store = openStore(file, { now: () => 5000 });
    store.insertRunner(sampleRunner({ size: { cpus: 1.5, memoryMiB: 0 } }));
    store.insertRunner(sampleRunner({ id: '00000002', slot: 1 }));
    store.updateRunner('00000001', { phase: 'leaving' });
    expect(store.liveRunners().map(({ size }) => size)).toEqual([{ cpus: 1.5, memoryMiB: 0 }, undefined]);
    store.close();
  });

  it('cannot be updated when they were never written down', () => {
    expect(() => memory().updateRunner('ffffffff', { phase: 'gone' })).toThrow(/ffffffff/);
  });
});

describe('jobs, entries and requests', () => {
  it.each([
    'created',
    'pending',
    'running',
    'canceling',
    'success',
    'failed',
    'canceled',
    'skipped',
    'unknown',
  ] as const)('agrees with the model on whether a job that is %s has ended', (status) => {
    const store = memory();
    const job = sampleJob({ status });
    store.saveJobs([job]);
    expect([store.openJobs(), store.finishedJobs(9)]).toEqual(isFinished(job) ? [[], [job]] : [[job], []]);
  });

  it('lists jobs newest first, and the open ones', () => {
    const store = memory();
    store.saveJobs([sampleJob({ id: 1 }), sampleJob({ id: 2, status: 'running' }), sampleJob({ id: 3 })]);
    store.saveJobs([sampleJob({ id: 3, status: 'success', finishedAt: 4000, waitedMs: 12.5 })]);
    expect(store.jobs(2).map(({ id }) => id)).toEqual([3, 2]);
    expect(store.openJobs().map(({ id }) => id)).toEqual([1, 2]);
    expect(store.job(3)?.waitedMs).toBe(12.5);
    expect(store.finishedJobs(9).map(({ id }) => id)).toEqual([3]);
    expect(store.job(4)).toBeNull();
  });

  it('lists the newest jobs of a status and of a project', () => {
    const store = memory();
    const job = (id: number, status: JobStatus, project: string): Job => sampleJob({ id, status, project });
    store.saveJobs([job(1, 'failed', 'a/b'), job(2, 'failed', 'a/c'), job(3, 'failed', 'a/b')]);
    store.saveJobs([job(4, 'pending', 'a/b'), job(5, 'pending', 'a/bc')]);
    const ids = (...asked: Parameters<typeof store.jobs>): readonly number[] =>
      store.jobs(...asked).map(({ id }) => id);
    expect(ids(9, { status: 'failed' })).toEqual([3, 2, 1]);
    expect(ids(2, { status: 'failed' })).toEqual([3, 2]);
    expect(ids(9, { project: 'a/b' })).toEqual([4, 3, 1]);
    expect(ids(1, { status: 'failed', project: 'a/b' })).toEqual([3]);
    expect(ids(9, { status: 'running' })).toEqual([]);
  });

  it('saves all jobs of a call or none', () => {
    const store = memory();
    const broken = sampleJob({ id: 2, firstSeenAt: 1.5 });
    expect(() => store.saveJobs([sampleJob({ id: 1 }), broken])).toThrow(/REAL/);
    expect(store.jobs(10)).toEqual([]);
  });

  it('forgets what a reset sandbox gave, and nothing else', () => {
    const store = memory();
    store.saveJobs([sampleJob()]);
    store.saveEntry(someEntry());
    store.insertRunner(sampleRunner());
    store.forgetGitlab();
    expect([store.jobs(9), store.entries()]).toEqual([[], []]);
    expect(store.liveRunners()).toHaveLength(1);
  });

  it('keeps a request open until it is finished, once', () => {
    const store = memory();
    const drain = store.addRequest('drain', 'cli');
    const teardown = store.addRequest('teardown', 'desktop');
    expect(teardown.id).toBeGreaterThan(drain.id);
    store.finishRequest(drain.id, 'done');
    store.finishRequest(drain.id, 'again');
    expect(store.openRequests()).toEqual([{ id: teardown.id, kind: 'teardown', at: 5000, door: 'desktop' }]);
  });
});

describe('opening', () => {
  it('prunes what ended more than 30 days ago, and still counts it', () => {
    const past = openStore(file, { now: () => 5000 });
    past.insertRunner(sampleRunner({ id: '00000001', slot: 0, phase: 'gone', startedAt: 1, goneAt: 900 }));
    past.insertRunner(sampleRunner({ id: '00000002', slot: 0, phase: 'gone', startedAt: 1, goneAt: 1100 }));
    past.insertRunner(sampleRunner({ id: '00000003', slot: 0, phase: 'started', startedAt: 1 }));
    past.saveJobs([
      sampleJob({ id: 1, status: 'success', finishedAt: 900 }),
      sampleJob({ id: 2, status: 'success', finishedAt: 1100 }),
      sampleJob({ id: 3, status: 'unknown', firstSeenAt: 900 }),
      sampleJob({ id: 4, status: 'running', firstSeenAt: 900 }),
    ]);
    past.close();
    for (const visit of [1, 2]) {
      const later = openStore(file, { now: () => 1000 + retentionMs });
      expect(later.goneRunners('default', 9).map(({ id }) => id)).toEqual(['00000002']);
      expect(later.liveRunners().map(({ id }) => id)).toEqual(['00000003']);
      expect(later.runnerTotals(), `visit ${String(visit)}`).toEqual({ created: 3, removed: 2 });
      expect(later.jobs(9).map(({ id }) => id)).toEqual([4, 2]);
      later.close();
    }
  });

  it('skips rows that do not parse, and says so', () => {
    openStore(file, { now: () => 5000 }).close();
    const raw = openDatabase(file);
    raw.exec(`INSERT INTO jobs VALUES (1, 'a', 'waiting_for_resource', '[]', 1, 'p', 'main', 1, NULL, NULL, NULL, NULL, NULL),
      (2, 'b', 'running', '[oops', 1, 'p', 'main', 1, NULL, NULL, NULL, NULL, NULL),
      (3, 'c', 'running', '["x"]', 1, 'p', 'main', 1, NULL, NULL, NULL, NULL, NULL)`);
    raw.close();
    const records: LogRecord[] = [];
    const log = createLog('store', {
      sinks: [(record) => records.push(record)],
      level: 'debug',
      redact: createRedaction(),
      now: () => 0,
    });
    const store = openStore(file, { now: () => 5000, log });
    expect(store.jobs(9).map(({ id }) => id)).toEqual([3]);
    expect(records.map(({ level, fields }) => [level, fields.table, fields.id])).toEqual([
      ['warn', 'jobs', 2],
      ['warn', 'jobs', 1],
    ]);
    store.close();
  });
});
