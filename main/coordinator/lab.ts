// The running core: coordinator, live state and requests, wired together over the ports alone.
import { secretName } from '../apply/context.ts';
import { checkAll } from '../checks/index.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { toAutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Issue } from '../model/issue.ts';
import type { Door } from '../model/request.ts';
import { freshValue } from '../plan/freshness.ts';
import { sandboxElsewhere, sandboxHome } from '../plan/plan-sandbox.ts';
import { tokenIssue } from '../plan/sandbox-trouble.ts';
import type { Clock, ConnectGitlab, Engines, Host, Secrets, Store } from '../ports.ts';
import { addressOf, createCoordinator } from './coordinator.ts';
import type { Coordinator, Pass } from './coordinator.ts';
import { createLiveState } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import type { RequestContext } from './requests.ts';
import type { SettingsAccess } from './settings-access.ts';
import { namesBySystemId, renderSnapshot } from './snapshot.ts';

export interface LabOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly engines: Engines;
  readonly connectGitlab: ConnectGitlab;
  readonly settings: SettingsAccess;
  readonly sandboxImage: string;
  /** False: only observe. */
  readonly act: boolean;
  readonly home: string;
  readonly pid: number;
}

export interface Lab {
  readonly live: LiveState;
  /** Resolves when engine, and GitLab where there is one, have been looked at once. */
  start(): Promise<void>;
  stop(): Promise<void>;
  requests(door: Door): RequestContext;
}

/** Finished jobs that a snapshot shows. */
const shownFinished = 200;
/** How often the settings file is looked at, in milliseconds. */
const settingsMs = 5_000;
/** How long a start waits for the first observations, in milliseconds. */
const firstLookMs = 5_000;

/** Nothing runs before `start`. */
export function createLab(options: LabOptions): Lab {
  const { store, secrets, host, clock, settings } = options;
  const stopping = new AbortController();
  let settling: Promise<void> | null = null;
  const settle = (pass: Pass): void => {
    if (!options.act || settling !== null || !isReset(pass)) return;
    settling = settleReset(options).then(() => {
      settling = null;
      coordinator.wake();
    });
  };
  const coordinator: Coordinator = createCoordinator({
    ...options,
    settings: () => settings.current(),
    wantedEngine: () => (settings.isFallback() ? null : settings.current().engine),
    mayAct: () => options.act && !settings.isFallback(),
    onPass: (pass) => {
      settle(pass);
      live.publish(snapshotOf(pass, options, coordinator));
    },
    onFailure: (error) => {
      const { key, message, next } = toAutoGitError(error);
      const issue: Issue = { key, message, next, severity: 'error', subject: 'AutoGit' };
      live.publish({ ...live.current(), at: clock.now(), sentence: message, issues: [issue] });
    },
  });
  const live = createLiveState(snapshotOf(coordinator.look(), options, coordinator), clock);
  let settingsLoop: Promise<void> = Promise.resolve();
  return {
    live,
    start: async () => {
      coordinator.start();
      settingsLoop = watchSettings(options, coordinator, stopping.signal);
      await live.until((snapshot) => hasLooked(snapshot, options.act), firstLookMs);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([coordinator.stop(), settingsLoop]);
      await settling;
    },
    requests: (door) => ({
      coordinator,
      live,
      store,
      secrets,
      host,
      engines: options.engines,
      clock,
      settings,
      // Read anew by each request: runners come and go.
      get runnerNames() {
        return runnerNames(store);
      },
      door,
    }),
  };
}

function hasLooked({ nodes, gitlab }: Snapshot, act: boolean): boolean {
  const hasEngine = nodes.length > 0 && nodes.every(({ engine }) => engine.state !== 'never');
  return hasEngine && (act || gitlab.state !== 'starting');
}

async function watchSettings(
  { settings, clock, log }: LabOptions,
  coordinator: Coordinator,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await clock.sleep(settingsMs, signal);
    try {
      if (await settings.reload()) coordinator.reconsider();
    } catch (error) {
      log.warn('the settings file could not be taken up', { error });
    }
  }
}

function runnerNames(store: Store): (systemId: string) => string | null {
  return namesBySystemId(store.recentRunners(1_000));
}

function snapshotOf(
  { desired, observed, plan, now }: Pass,
  options: LabOptions,
  coordinator: Coordinator,
): Omit<Snapshot, 'version'> {
  const { store, settings } = options;
  return renderSnapshot({
    desired,
    observed,
    plan: {
      ...plan,
      issues: allIssues({ desired, observed, plan }, options),
    },
    gitlab: settings.current().gitlab,
    jobs: [...store.openJobs(), ...store.finishedJobs(shownFinished)],
    runnerNames: runnerNames(store),
    totals: store.runnerTotals(),
    tasks: coordinator.executor.tasks().map(({ action, startedAt, progress }) => {
      const { key, kind, reason } = action;
      return { key, kind, reason, startedAt, progress };
    }),
    home: options.home,
    pid: options.pid,
    now,
  });
}

/** What the plan cannot know is joined to what it states. */
function allIssues(
  { desired, observed, plan }: Pick<Pass, 'desired' | 'observed' | 'plan'>,
  { settings, secrets, clock }: LabOptions,
): readonly Issue[] {
  const { gitlab } = settings.current();
  const token = secrets.get(gitlab.kind === 'sandbox' ? secretName.sandboxRootToken : secretName.gitlabToken);
  const address = addressOf(settings.current(), observed.nodes);
  const lost = tokenIssue(gitlab, { address, gitlab: observed.gitlab }, token !== null);
  const known = lost === null ? plan.issues : plan.issues.filter(({ key }) => key !== 'gitlab.unauthorized');
  const own = [settings.issue(), clockIssue(clock.aheadMs?.() ?? 0), lost].filter((issue) => issue !== null);
  return [...own, ...known, ...checkAll(desired, observed)];
}

/** A clock that was set back by less than this is nobody's business. Milliseconds. */
const notableMs = 60_000;

function clockIssue(aheadMs: number): Issue | null {
  if (aheadMs < notableMs) return null;
  return {
    key: 'host.clock-set-back',
    severity: 'warning',
    subject: 'clock',
    message: `The clock of this machine was set back by ${Math.round(aheadMs / 60_000)} min while AutoGit ran. It counts on from the old time, so the times that it shows are ahead.`,
    next: 'Start AutoGit again when it suits; runners go on.',
  };
}

/** True once nothing of the sandbox, of its runners and of their network is left, as a fresh look shows. */
function isReset({ desired, observed }: Pass): boolean {
  const node = sandboxHome(observed);
  const view = node === undefined ? null : freshValue(node.engine);
  const { sandbox, network } = desired;
  if (view === null || sandbox?.state !== 'absent') return false;
  if (sandboxElsewhere(sandbox.volume, observed) !== null) return false;
  const left = view.volumes.includes(sandbox.volume) || view.networks.includes(network);
  return !left && view.containers.length + observed.records.length + observed.inFlight.length === 0;
}

/**
 * Ends the request to reset the sandbox. The settings change first: while the request is open, nobody starts a
 * sandbox again, and a kill between the two does this once more.
 */
async function settleReset({ store, settings, log }: LabOptions): Promise<void> {
  const request = store.openRequests().find(({ kind }) => kind === 'reset-sandbox');
  if (request === undefined) return;
  try {
    const present = settings.current();
    if (present.gitlab.kind === 'sandbox') await settings.save({ ...present, gitlab: { kind: 'none' } });
    store.forgetGitlab();
    store.setSandboxNode(null);
    // With the sandbox gone there is nothing left that a drain or a teardown could hold back.
    for (const { id } of store.openRequests()) store.finishRequest(id, 'done');
  } catch (error) {
    log.error('the settings could not be written after the reset', { error });
  }
}
