// Runs planned actions: a few at a time per group, never two with the same key, failures dated and backed off.
import { problemOf } from '../errors.ts';
import type { Action, Instant, Observed, Problem } from '../model/world.ts';
import { assertNever } from '../model/assert.ts';
import type { ActionForm, ApplyContext, Progress } from './context.ts';
import { checkEntry } from './check-entry.ts';
import { adoptRunner, forgetRunner, removeRunner, stopRunner } from './end-runner.ts';
import { installEmulator, removeEmulator } from './emulators.ts';
import { removeEntry, writeEntry } from './entries.ts';
import { removeGateway, startGateway } from './gateway.ts';
import {
  createNetwork,
  importImage,
  pullImage,
  removeCache,
  removeContainer,
  removeImage,
  removeNetwork,
} from './ground.ts';
import { probeArchitectures } from './probe-architectures.ts';
import { endProof, startProof } from './proof.ts';
import { removeSandbox, startSandbox } from './sandbox.ts';
import { releaseRunner } from './release-runner.ts';
import { startRunner } from './start-runner.ts';
import { createStartTurns } from './start-turns.ts';

/** Of starts, how many are prepared at a time: their containers are made side by side and started in turns. */
const limits: Readonly<Record<ActionForm<'start-runner'>['group'], number>> = {
  'engine-start': 8,
  'engine-go': 16,
  engine: 4,
  image: 2,
  gitlab: 2,
  store: 8,
};

/** Waiting time after 1, 2, 3 … failures of the same action, in milliseconds. */
const backoffMs: readonly number[] = [1_000, 2_000, 5_000, 15_000, 60_000];

/** An action while it runs. */
export interface Task {
  readonly action: Action;
  readonly startedAt: Instant;
  readonly progress: Progress | null;
}

export interface Executor {
  /**
   * Takes the actions of a new plan in place of those that still wait for their turn. What runs goes on, and failures
   * of what is not wished for any more are forgotten.
   */
  replaceQueue(actions: readonly Action[]): void;
  tasks(): readonly Task[];
  /** Running actions, and ended ones whose effect cannot be seen yet, as `isVisible` says. */
  inFlight(isVisible: (action: Action, endedAt: Instant) => boolean): Observed['inFlight'];
  /** Of the actions that matter now: what failed on another engine says nothing of this one. */
  backoff(matters: (action: Action) => boolean): Observed['backoff'];
  /** What failed of these actions counts no more: they may be tried at once. */
  forgetFailures(matters: (action: Action) => boolean): void;
  /** Resolves when nothing runs any more; what is queued is dropped. */
  stop(): Promise<void>;
}

interface Failure {
  readonly action: Action;
  readonly count: number;
  readonly retryAt: Instant;
  /** `null`: it succeeded, and pauses. */
  readonly problem: Problem | null;
}

interface State {
  readonly queued: Map<string, Action>;
  readonly running: Map<string, Task>;
  readonly ended: Map<string, { readonly action: Action; readonly at: Instant }>;
  readonly failures: Map<string, Failure>;
}

export type ContextWithoutProgress = Omit<ApplyContext, 'progress' | 'inStartTurn'>;
type ContextInTurn = Omit<ApplyContext, 'progress'>;

/** `onEnd` is told after each action, whether it succeeded or not. */
export function createExecutor(context: ContextWithoutProgress, onEnd: (action: Action) => void): Executor {
  const state: State = { queued: new Map(), running: new Map(), ended: new Map(), failures: new Map() };
  const pending = new Set<Promise<void>>();
  const inTurn: ContextInTurn = { ...context, inStartTurn: createStartTurns(context.clock) };
  const pump = (): void => {
    for (const action of state.queued.values()) {
      const group = groupOf(action);
      const busy = [...state.running.values()].filter((task) => groupOf(task.action) === group).length;
      if (busy >= limits[group]) continue;
      state.queued.delete(action.key);
      state.running.set(action.key, { action, startedAt: context.clock.now(), progress: null });
      const run = runOne(action, inTurn, state).then(() => {
        pending.delete(run);
        onEnd(action);
        pump();
      });
      pending.add(run);
    }
  };
  return {
    replaceQueue: (actions) => {
      state.queued.clear();
      for (const action of actions) if (!state.running.has(action.key)) state.queued.set(action.key, action);
      forgetFailures(state, context.clock.now());
      pump();
    },
    tasks: () => [...state.running.values()],
    inFlight: (isVisible) => {
      for (const [key, { action, at }] of state.ended) if (isVisible(action, at)) state.ended.delete(key);
      return [...state.running.values(), ...state.ended.values()].map(({ action }) => action);
    },
    backoff: (matters) =>
      [...state.failures]
        .filter(([, { action }]) => matters(action))
        .map(([key, { retryAt, problem }]) => ({ key, retryAt, problem })),
    forgetFailures: (matters) => {
      for (const [key, { action, problem }] of state.failures)
        if (problem !== null && matters(action)) state.failures.delete(key);
    },
    stop: async () => {
      state.queued.clear();
      await Promise.all(pending);
    },
  };
}

function nodeOf(action: Action): string | null {
  return 'node' in action ? action.node : null;
}

/** Failures whose time has come count no more when nobody tries again. */
function forgetFailures({ queued, running, ended, failures }: State, now: Instant): void {
  for (const [key, { retryAt }] of failures) {
    const isWished = queued.has(key) || running.has(key) || ended.has(key);
    if (retryAt <= now && !isWished) failures.delete(key);
  }
}

/** Never rejects: a failure is remembered with its date. */
async function runOne(action: Action, context: ContextInTurn, state: State): Promise<void> {
  const { key } = action;
  const started = context.clock.monotonic();
  const progress = (now: Progress): void => {
    const task = state.running.get(key);
    if (task !== undefined) state.running.set(key, { ...task, progress: now });
  };
  try {
    await applyAction(action, { ...context, progress });
    state.failures.delete(key);
    const { pauseMs }: { readonly pauseMs?: number } = forms[action.kind];
    if (pauseMs !== undefined)
      state.failures.set(key, { action, count: 0, retryAt: context.clock.now() + pauseMs, problem: null });
    context.log.info(`${action.kind}: done`, {
      target: action.target,
      reason: action.reason,
      ms: Math.round(context.clock.monotonic() - started),
    });
  } catch (error) {
    const before = state.failures.get(key);
    const count = before === undefined || nodeOf(before.action) !== nodeOf(action) ? 1 : before.count + 1;
    const wait = backoffMs[Math.min(count, backoffMs.length) - 1] ?? 0;
    const retryAt = context.clock.now() + wait;
    state.failures.set(key, { action, count, retryAt, problem: problemOf(error) });
    context.log.warn(`${action.kind}: failed`, {
      target: action.target,
      reason: action.reason,
      count,
      error,
    });
  }
  state.running.delete(key);
  state.ended.set(key, { action, at: context.clock.now() });
}

const forms = {
  'import-image': importImage,
  'pull-image': pullImage,
  'remove-image': removeImage,
  'remove-container': removeContainer,
  'remove-cache': removeCache,
  'create-network': createNetwork,
  'remove-network': removeNetwork,
  'start-sandbox': startSandbox,
  'remove-sandbox': removeSandbox,
  'start-gateway': startGateway,
  'remove-gateway': removeGateway,
  'write-entry': writeEntry,
  'remove-entry': removeEntry,
  'check-entry': checkEntry,
  'start-runner': startRunner,
  'release-runner': releaseRunner,
  'start-proof': startProof,
  'end-proof': endProof,
  'probe-architectures': probeArchitectures,
  'install-emulator': installEmulator,
  'remove-emulator': removeEmulator,
  'stop-runner': stopRunner,
  'remove-runner': removeRunner,
  'adopt-runner': adoptRunner,
  'forget-runner': forgetRunner,
} as const;

function groupOf(action: Action): keyof typeof limits {
  return forms[action.kind].group;
}

/** Hands an action to its form. Rejects with what went wrong. */
export function applyAction(action: Action, context: ApplyContext): Promise<void> {
  switch (action.kind) {
    case 'import-image':
      return importImage.apply(action, context);
    case 'pull-image':
      return pullImage.apply(action, context);
    case 'remove-image':
      return removeImage.apply(action, context);
    case 'remove-container':
      return removeContainer.apply(action, context);
    case 'remove-cache':
      return removeCache.apply(action, context);
    case 'create-network':
      return createNetwork.apply(action, context);
    case 'remove-network':
      return removeNetwork.apply(action, context);
    case 'start-sandbox':
      return startSandbox.apply(action, context);
    case 'remove-sandbox':
      return removeSandbox.apply(action, context);
    case 'start-gateway':
      return startGateway.apply(action, context);
    case 'remove-gateway':
      return removeGateway.apply(action, context);
    case 'write-entry':
      return writeEntry.apply(action, context);
    case 'remove-entry':
      return removeEntry.apply(action, context);
    case 'check-entry':
      return checkEntry.apply(action, context);
    case 'start-runner':
      return startRunner.apply(action, context);
    case 'release-runner':
      return releaseRunner.apply(action, context);
    case 'start-proof':
      return startProof.apply(action, context);
    case 'end-proof':
      return endProof.apply(action, context);
    case 'probe-architectures':
      return probeArchitectures.apply(action, context);
    case 'install-emulator':
      return installEmulator.apply(action, context);
    case 'remove-emulator':
      return removeEmulator.apply(action, context);
    case 'stop-runner':
      return stopRunner.apply(action, context);
    case 'remove-runner':
      return removeRunner.apply(action, context);
    case 'adopt-runner':
      return adoptRunner.apply(action, context);
    case 'forget-runner':
      return forgetRunner.apply(action, context);
    default:
      return assertNever(action);
  }
}
