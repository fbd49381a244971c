// Lets runners go, and clears up after those that have gone. A runner with a job is never removed.
import { parseGpuLabel } from '../model/gpu.ts';
import { endedWith, interruptedStart, systemIdOf, runnerIdOf } from '../model/runner.ts';
import type { RunnerEntry } from '../model/pool.ts';
import type { Container, RunnerRecord } from '../model/runner.ts';
import type { Action } from '../model/world.ts';
import type { LabelledContainer } from '../ports.ts';
import { isOwn, nameTaken, secretName } from './context.ts';
import type { ActionForm, ApplyContext } from './context.ts';
import { releaseRunner } from './release-runner.ts';

/**
 * SIGQUIT lets the runner finish a job that it may have got meanwhile: this can never end one, not even the second
 * time (gitlab-runner commands/single.go, waitForInterrupts). So it is sent first: a record must not say that a
 * runner is leaving which was never told.
 */
export const stopRunner: ActionForm<'stop-runner'> = {
  kind: 'stop-runner',
  group: 'engine',
  // A program that runs as process 1 and is not ready for the signal yet loses it.
  pauseMs: 15_000,
  apply: async ({ container, node }, context) => {
    await context.engine(node).signalContainer(container.id, 'SIGQUIT');
    const record = recordOf(container, context);
    // What a person wants holds until it is gone.
    if (record !== null && record.phase !== 'draining')
      context.store.updateRunner(record.id, { phase: 'leaving' });
  },
};

/**
 * Removes the container of a runner that has ended. One that runs after all is left alone. What became of it is written
 * down first: should AutoGit end before GitLab was told, `forget-runner` does the rest.
 */
export const removeRunner: ActionForm<'remove-runner'> = {
  kind: 'remove-runner',
  // GitLab may be slow, and holds up nothing else that the engine has to do.
  group: 'store',
  apply: async ({ container, node }, context) => {
    const engine = context.engine(node);
    const now = await engine.inspectContainer(container.id);
    if (now !== null && ['running', 'paused', 'restarting'].includes(now.state)) return;
    const record = recordOf(container, context);
    const isExpected = record?.phase === 'leaving' || record?.phase === 'draining';
    const failure = now === null || isExpected ? null : await failureOf(now, node, context);
    if (record !== null) {
      const goneAt = context.clock.now();
      // Not every engine tells it when it happens.
      const isLate = now?.outOfMemory === true && record.outOfMemoryAt === undefined;
      const end = isLate ? { outOfMemoryAt: goneAt } : {};
      context.store.updateRunner(record.id, { goneAt, failure, ...end });
    }
    await engine.removeContainer(container.id, { force: false });
    await forgetManager(container, context);
    if (record !== null) context.store.updateRunner(record.id, { phase: 'gone' });
  },
};

/** Among so many of the newest records a runner is looked for that is back. */
const rememberedRunners = 1_000;

/**
 * Takes a running container of ours into the records: after a crash, or when the records were lost. It gets the go,
 * since it may be one that waits for it; should that fail, the next plan gives it.
 */
export const adoptRunner: ActionForm<'adopt-runner'> = {
  kind: 'adopt-runner',
  group: 'engine-go',
  apply: async (action, context) => {
    takeOver(action, context);
    await releaseRunner.apply({ ...action, kind: 'release-runner' }, context);
  },
};

function takeOver(
  { container, node }: Extract<Action, { kind: 'adopt-runner' }>,
  context: ApplyContext,
): void {
  const { store, clock } = context;
  const record = recordOf(container, context);
  const startedAt = clock.now();
  if (record !== null) {
    // The engine may have another address than before, and with it another name among the nodes.
    const isGoing = record.phase === 'leaving' || record.phase === 'draining';
    store.updateRunner(record.id, isGoing ? { node } : { phase: 'released', node, startedAt });
    return;
  }
  const id = runnerIdOf(container.name);
  if (id === null || container.pool === null) return;
  const slot = freeSlot(container.pool, store.liveRunners());
  if (store.recentRunners(rememberedRunners).some((gone) => gone.id === id)) {
    // An engine that had lost sight of it for a while: it was closed, and is back.
    store.updateRunner(id, { phase: 'released', node, slot, startedAt, goneAt: null, failure: null });
    return;
  }
  store.insertRunner({
    id,
    node,
    pool: container.pool,
    slot,
    name: container.name,
    specHash: container.specHash,
    systemId: systemIdOf(id),
    grant: container.gpu === undefined ? null : parseGpuLabel(node, container.gpu),
    phase: 'released',
    createdAt: startedAt,
    startedAt,
    goneAt: null,
    failure: null,
  });
}

/** Closes the record of a runner whose container is not there any more. */
export const forgetRunner: ActionForm<'forget-runner'> = {
  kind: 'forget-runner',
  group: 'store',
  apply: async ({ record, failure }, context) => {
    const { name } = record;
    const found = await context.engine(record.node).inspectContainer(name);
    if (found !== null && !isOwn(found, context)) throw nameTaken('container', name);
    if (found !== null) return;
    await forgetManager(record, context);
    const { store, clock } = context;
    const isRemoved = store.liveRunners().some(({ id, goneAt }) => id === record.id && goneAt !== null);
    const vanished = record.startedAt !== null;
    const end = isRemoved ? {} : { goneAt: clock.now(), failure, vanished };
    store.updateRunner(record.id, { phase: 'gone', ...end });
  },
};

function recordOf(container: Container, context: ApplyContext): RunnerRecord | null {
  return context.store.liveRunners().find((record) => record.name === container.name) ?? null;
}

function freeSlot(pool: string, records: readonly RunnerRecord[]): number {
  const taken = new Set(records.filter((record) => record.pool === pool).map((record) => record.slot));
  let slot = 0;
  while (taken.has(slot)) slot += 1;
  return slot;
}

/** Why a runner ended other than it should, with the last thing it said; `null` when all is well. */
async function failureOf(
  ended: LabelledContainer,
  node: string,
  context: ApplyContext,
): Promise<string | null> {
  if (ended.state === 'created') return interruptedStart;
  if (ended.exitCode === 0 || ended.exitCode === null) return null;
  const last = await lastWords(ended, node, context);
  return endedWith(ended.exitCode, last.slice(0, 300));
}

/** The last line that a container printed. Engines may keep no logs at all: that must not keep it from being removed. */
async function lastWords(ended: LabelledContainer, node: string, context: ApplyContext): Promise<string> {
  try {
    const log = await context.engine(node).containerLog(ended.id, 5);
    return log.trim().split('\n').at(-1) ?? '';
  } catch (error) {
    context.log.info(`the log of ${ended.name} could not be read`, { error });
    return '';
  }
}

/**
 * Which jobs a runner took, GitLab forgets with the runner's process: a job that came and went between two readings of
 * the queue would be nobody's.
 */
async function noteJobs(pool: string | null, systemId: string, context: ApplyContext): Promise<void> {
  const { store } = context;
  const own = ({ pool: name, gitlabUrl }: RunnerEntry): boolean =>
    name === pool && gitlabUrl === context.gitlabKey();
  const entry = store.entries().find(own);
  if (entry === undefined) return;
  for (const { id } of await context.gitlab().jobsOf(entry.entryId, systemId)) {
    const job = store.job(id);
    if (job?.systemId === null) store.saveJobs([{ ...job, systemId }]);
  }
}

interface NamedRunner {
  readonly name: string;
  readonly pool: string | null;
}

/** So long its slot and its cards wait for GitLab. What takes longer goes on beside. Milliseconds. */
const gitlabMs = 5_000;

/** Tidies GitLab's list of runner processes; it forgets them by itself after 7 days, so a failure is only logged. */
async function forgetManager(runner: NamedRunner, context: ApplyContext): Promise<void> {
  const enough = new AbortController();
  const told = tellGitlab(runner, context).finally(() => enough.abort());
  await Promise.race([told, context.clock.sleep(gitlabMs, enough.signal)]);
}

/** Never rejects. */
async function tellGitlab(runner: NamedRunner, context: ApplyContext): Promise<void> {
  const id = runnerIdOf(runner.name);
  const token = runner.pool === null ? null : context.secrets.get(secretName.entryToken(runner.pool));
  if (id === null || token === null) return;
  try {
    await noteJobs(runner.pool, systemIdOf(id), context);
    await context.gitlab().removeManager(token, systemIdOf(id));
  } catch (error) {
    context.log.info(`GitLab keeps the process of ${runner.name} for now`, { error });
  }
}
