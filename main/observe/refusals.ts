// What the gateway refused to runners whose job failed: it is found in the gateway's own log, and kept with the runner.
import { z } from 'zod';
import type { Log } from '../log.ts';
import type { Pool } from '../model/pool.ts';
import type { RunnerRecord } from '../model/runner.ts';
import type { Observed } from '../model/world.ts';
import type { Clock, Engine, Store } from '../ports.ts';

/** How often it is looked for jobs that failed, in milliseconds. */
const lookMs = 10_000;
/** Among so many of the newest that ended. */
const newest = 200;
/** Lines read of the log: one for each refusal and each sweep. */
const lines = 500;
/** With these reasons a runner tells that it could not do what it was to do. */
const telling: readonly string[] = [
  ...['runner_system_failure', 'unknown_failure', 'image_pull_failure'],
  ...['runner_configuration_error', 'runner_external_dependency_failure'],
];

const noteSchema = z.object({ event: z.literal('refused'), runner: z.string(), message: z.string() });

/** The last refusal of each runner, by the name of its container, in the words of the gateway. */
export function parseRefusals(log: string): ReadonlyMap<string, string> {
  return new Map(
    log.split('\n').flatMap((line) => {
      try {
        const note = noteSchema.safeParse(JSON.parse(line));
        return note.success ? [[note.data.runner, note.data.message.slice(0, 300)] as const] : [];
      } catch {
        return [];
      }
    }),
  );
}

export interface RefusalsOptions {
  readonly store: Pick<Store, 'finishedJobs' | 'recentRunners' | 'updateRunner'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly observed: () => Pick<Observed, 'nodes'>;
  readonly engine: (node: string) => Engine | null;
  readonly pools: () => readonly Pool[];
}

/** Looks until the signal fires. While no such job fails, nothing is asked of the engine. */
export async function watchRefusals(options: RefusalsOptions, signal: AbortSignal): Promise<void> {
  const { clock, log } = options;
  const isStopping = (): boolean => signal.aborted;
  let asked: ReadonlySet<string> = new Set();
  while (!isStopping()) {
    await clock.sleep(lookMs, signal);
    if (isStopping()) return;
    try {
      asked = await look(options, asked);
    } catch (error) {
      log.debug("the gateway's log could not be read", { error });
    }
  }
}

/** Gives the runners about which the gateway has been asked, so that it is asked once about each. */
async function look(options: RefusalsOptions, asked: ReadonlySet<string>): Promise<ReadonlySet<string>> {
  const { store, observed, engine } = options;
  const open = suspects(options);
  const news = open.filter(({ id }) => !asked.has(id));
  for (const { id: node, engine: seen } of observed().nodes) {
    const here = news.filter((record) => record.node === node);
    const containers = seen.state === 'fresh' ? seen.value.containers : [];
    const gateway = containers.find(({ role, state }) => role === 'gateway' && state === 'running');
    const found = here.length === 0 || gateway === undefined ? null : engine(node);
    if (found === null || gateway === undefined) continue;
    const refusals = parseRefusals(await found.containerLog(gateway.id, lines));
    for (const { id, name } of here) {
      const refusal = refusals.get(name);
      if (refusal !== undefined) store.updateRunner(id, { refusal });
    }
  }
  return new Set(open.map(({ id }) => id));
}

/** Runners behind the gateway whose job failed in a way that a refusal would explain. */
function suspects({ store, pools }: RefusalsOptions): readonly RunnerRecord[] {
  const failed = new Set(
    store
      .finishedJobs(newest)
      .filter(({ status, failureReason }) => status === 'failed' && telling.includes(failureReason ?? ''))
      .map(({ systemId }) => systemId),
  );
  if (failed.size === 0) return [];
  const behind = new Set(
    pools()
      .filter(({ executor }) => executor === 'image')
      .map(({ name }) => name),
  );
  return store
    .recentRunners(1_000)
    .filter((record) => failed.has(record.systemId) && behind.has(record.pool))
    .filter(({ refusal }) => refusal === undefined);
}
