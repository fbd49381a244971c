import { describe, expect, it } from 'vitest';
import type { Container, RunnerRecord, RunnerState } from '../../../main/model/runner.ts';
import { sortRunners, startsToCome } from '../../../main/plan/runners.ts';
import {
  deepFreeze,
  failed,
  fresh,
  never,
  now,
  sandboxContainer,
  someContainer,
  someJob,
  someNode,
  someObserved,
  someRecord,
  someView,
  stale,
} from '../../fakes/world.ts';

const startUnderWay = [{ key: 'start-runner:default:0', target: 'slot default/0' }];
const intended: Partial<RunnerRecord> = { phase: 'intended', startedAt: null };
const job = someJob({ status: 'running', systemId: 'r_autoaaaaaaaa' });

describe('the state of a runner', () => {
  it.each<[string, Partial<RunnerRecord> | null, Partial<Container> | null, boolean, boolean, RunnerState]>([
    ['up without a job', {}, {}, false, false, 'idle'],
    ['up with a job', {}, {}, true, false, 'busy'],
    ['asked to leave', { phase: 'leaving' }, {}, false, false, 'leaving'],
    ['wanted gone', { phase: 'draining' }, {}, false, false, 'leaving'],
    ['asked to leave, with a job', { phase: 'leaving' }, {}, true, false, 'busy'],
    ['paused', {}, { state: 'paused' }, false, false, 'idle'],
    ['restarting', {}, { state: 'restarting' }, false, false, 'idle'],
    ['exited', {}, { state: 'exited' }, false, false, 'finished'],
    ['exited while GitLab still has it busy', {}, { state: 'exited' }, true, false, 'finished'],
    ['dead', {}, { state: 'dead' }, false, false, 'finished'],
    ['created and never started', intended, { state: 'created' }, false, false, 'finished'],
    ['intended, its start under way', intended, null, false, true, 'starting'],
    ['created, its start under way', intended, { state: 'created' }, false, true, 'starting'],
    ['up, its start under way', intended, {}, false, true, 'starting'],
    ['up, its start interrupted', intended, {}, false, false, 'idle'],
    ['intended and not there', intended, null, false, false, 'lost'],
    ['started and not there', {}, null, false, false, 'lost'],
    ['started after the look', { startedAt: now }, null, false, false, 'starting'],
    [
      'started after the look, seen as created',
      { startedAt: now },
      { state: 'created' },
      false,
      false,
      'starting',
    ],
    ['started after the look, seen up', { startedAt: now }, {}, false, false, 'idle'],
    ['written down after the look', { ...intended, createdAt: now }, null, false, false, 'starting'],
    ['started, another start for its slot under way', {}, {}, false, true, 'idle'],
    ['up without a record', null, {}, false, false, 'idle'],
    ['up without a record, with a job', null, {}, true, false, 'busy'],
    ['exited without a record', null, { state: 'exited' }, false, false, 'finished'],
  ])('%s', (_, record, container, busy, underWay, state) => {
    const observed = someObserved({
      records: record === null ? [] : [someRecord(record)],
      view: { containers: container === null ? [] : [someContainer(container)] },
      jobs: busy ? [job] : [],
      inFlight: underWay ? startUnderWay : [],
    });
    expect(sortRunners(deepFreeze(observed)).map((runner) => runner.state)).toEqual([state]);
  });

  it.each([
    ['never seen', never, 'starting'],
    ['failed', failed, 'starting'],
    ['stale, with it', stale(someView({ containers: [someContainer()] })), 'idle'],
    ['stale, without it', stale(someView()), 'starting'],
  ] as const)('on an engine that is %s nothing is lost', (_, engine, state) => {
    const observed = someObserved({ records: [someRecord()], nodes: [someNode(engine)] });
    expect(sortRunners(observed).map((runner) => runner.state)).toEqual([state]);
  });

  it.each(['pending', 'running', 'canceling'] as const)('a job that is %s keeps it busy or not', (status) => {
    const jobs = [{ ...job, status }];
    const observed = someObserved({ records: [someRecord()], view: { containers: [someContainer()] }, jobs });
    const [runner] = sortRunners(observed);
    expect(runner?.job?.id ?? null).toBe(status === 'pending' ? null : 1);
  });

  it('an old queue still says who is busy', () => {
    const gitlab = stale({ jobs: [job], lastBusy: {} });
    const observed = someObserved({
      records: [someRecord()],
      view: { containers: [someContainer()] },
      gitlab,
    });
    expect(sortRunners(observed)[0]?.state).toBe('busy');
  });
});

describe('putting runners together', () => {
  it('record and container of one name are one runner', () => {
    const observed = someObserved({ records: [someRecord()], view: { containers: [someContainer()] } });
    expect(sortRunners(observed)).toMatchObject([
      { id: 'aaaaaaaa', node: 'node-1', pool: 'default', record: someRecord(), container: someContainer() },
    ]);
  });

  it('a container alone tells pool, fingerprint and id', () => {
    const containers = [someContainer({ runner: 'cccccccc', pool: 'other', specHash: 'abc' })];
    expect(sortRunners(someObserved({ view: { containers } }))).toMatchObject([
      { id: 'cccccccc', pool: 'other', specHash: 'abc', record: null },
    ]);
  });

  it('one whose name or pool says nothing is still a runner', () => {
    const containers = [someContainer({ name: 'renamed', pool: null })];
    expect(sortRunners(someObserved({ view: { containers } }))).toMatchObject([
      { id: 'container-aaaaaaaa', pool: '' },
    ]);
  });

  it('the sandbox is none', () => {
    expect(sortRunners(someObserved({ view: { containers: [sandboxContainer()] } }))).toEqual([]);
  });

  it('records of a node that is not known are out of sight, unless their container is seen elsewhere', () => {
    const records = [someRecord({ node: 'node-9' })];
    expect(sortRunners(someObserved({ records }))).toMatchObject([
      { id: 'aaaaaaaa', node: 'node-9', state: 'lost', record: records[0], container: null },
    ]);
    const view = { containers: [someContainer()] };
    expect(sortRunners(someObserved({ records, view }))).toMatchObject([
      { id: 'aaaaaaaa', node: 'node-1', state: 'idle', record: null },
    ]);
  });

  it('a container of the same name on another node is another runner', () => {
    const nodes = [
      someNode(fresh(someView()), 'node-1'),
      someNode(fresh(someView({ containers: [someContainer({ node: 'node-2' })] })), 'node-2'),
    ];
    const runners = sortRunners(someObserved({ nodes, records: [someRecord()] }));
    expect(runners.map(({ node, state }) => [node, state])).toEqual([
      ['node-1', 'lost'],
      ['node-2', 'idle'],
    ]);
  });

  it.each<[string, Partial<RunnerRecord> | null, Record<string, number>, number]>([
    ['its start', {}, {}, now - 60_000],
    ['its record, while it is not started', intended, {}, now - 61_000],
    ['its last job', {}, { r_autoaaaaaaaa: now - 5 }, now - 5],
    ['its start, when the job was before', {}, { r_autoaaaaaaaa: 5 }, now - 60_000],
    ['ever, without a record', null, {}, 0],
    ['its last job, without a record', null, { r_autoaaaaaaaa: now - 5 }, now - 5],
    ['its start, whatever others did', {}, { r_autobbbbbbbb: now - 5 }, now - 60_000],
  ])('it is free since %s', (_, record, lastBusy, since) => {
    const records = record === null ? [] : [someRecord(record)];
    const observed = someObserved({ records, view: { containers: [someContainer()] }, lastBusy });
    expect(sortRunners(observed)[0]?.freeSince).toBe(since);
  });
});

describe('starts to come', () => {
  const count = (pool: string, keys: readonly string[], slots: readonly number[] = []): number => {
    const records = slots.map((slot, index) => someRecord({ id: `0000000${index}`, slot }));
    const runners = sortRunners(someObserved({ records }));
    return startsToCome(
      pool,
      runners,
      keys.map((key) => ({ key, target: key })),
    );
  };

  it('those under way that no runner stands for yet', () => {
    expect(count('default', ['start-runner:default:0', 'start-runner:default:1'])).toBe(2);
    expect(count('default', ['start-runner:default:0', 'start-runner:default:1'], [1])).toBe(1);
  });

  it('of this pool only, and starts only', () => {
    const keys = [
      'start-runner:default-2:0',
      'start-runner:other:0',
      'remove-runner:aaaaaaaa',
      'start-sandbox',
    ];
    expect(count('default', keys)).toBe(0);
    expect(count('default-2', keys)).toBe(1);
  });

  it('slots of two digits too', () => {
    expect(count('default', ['start-runner:default:10'])).toBe(1);
  });
});
