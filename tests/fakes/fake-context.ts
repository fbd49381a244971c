// What actions and coordinator work with besides engine and GitLab: secrets, host, log and store in memory.
import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { openStore } from '../../main/adapters/store/open-store.ts';
import type { ApplyContext, Progress } from '../../main/apply/context.ts';
import { createLog, createRedaction } from '../../main/log.ts';
import type { Log, LogRecord } from '../../main/log.ts';
import type { Clock, Engine, Gitlab, Host, Secrets, Store } from '../../main/ports.ts';
import { FakeClock } from './fake-clock.ts';
import { address } from './world.ts';

export function memorySecrets(values: Readonly<Record<string, string>> = {}): Secrets {
  const kept = new Map(Object.entries(values));
  return {
    get: (name) => kept.get(name) ?? null,
    set: async (name, value) => void kept.set(name, value),
    remove: async (name) => void kept.delete(name),
    names: () => [...kept.keys()],
    values: () => [...kept.values()],
    sign: (text) => createHmac('sha256', 'a key of this home').update(text).digest('hex'),
  };
}

/** Counts instead of throwing dice. `pushed` is told of repositories that were pushed. */
export function fakeHost(pushed: (url: string) => void = () => undefined): Host {
  let serial = 0;
  return {
    sandboxImageName: () => Promise.resolve('autogit-sandbox:new'),
    sandboxRootfs: () => Promise.resolve(Readable.from(['rootfs'])),
    packFiles: () => Readable.from(['programs']),
    pushRepository: async ({ url }) => pushed(url),
    randomHex: (bytes) => (serial += 1).toString(16).padStart(bytes * 2, '0'),
  };
}

/** A log whose records a test may read. */
export function recordedLog(records: LogRecord[] = []): Log {
  const sinks = [(record: LogRecord): number => records.push(record)];
  return createLog('test', { sinks, level: 'debug', redact: createRedaction(), now: () => 0 });
}

export interface Bench extends ApplyContext {
  readonly clock: FakeClock;
  readonly records: LogRecord[];
  readonly progressed: Progress[];
}

/** Everything an action needs, over a store in memory. */
export function applyBench(parts: {
  readonly engine: Engine;
  readonly gitlab: Gitlab;
  readonly store?: Store;
  readonly secrets?: Secrets;
  readonly clock?: FakeClock;
}): Bench {
  const clock = parts.clock ?? new FakeClock();
  const store = parts.store ?? memoryStore(clock);
  const records: LogRecord[] = [];
  const progressed: Progress[] = [];
  return {
    store,
    clock,
    records,
    progressed,
    secrets: parts.secrets ?? memorySecrets({ 'entry.default': 'glrt-default' }),
    host: fakeHost(),
    log: recordedLog(records),
    instance: store.instance,
    engine: () => parts.engine,
    gitlab: () => parts.gitlab,
    gitlabKey: () => address.runnerUrl,
    progress: (progress) => progressed.push(progress),
    inStartTurn: (_node, work) => work(),
  };
}

export function memoryStore(clock: Pick<Clock, 'now'>): Store {
  return openStore(':memory:', { now: () => clock.now() });
}
