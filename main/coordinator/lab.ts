// The running core: coordinator, live state and requests, wired together over the ports alone.
import { secretName } from '../apply/context.ts';
import { checkAll } from '../checks/index.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { detectEmulation } from '../detect/detect-emulation.ts';
import { toAutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Issue } from '../model/issue.ts';
import type { Door } from '../model/request.ts';
import { freshValue } from '../plan/freshness.ts';
import { sandboxElsewhere, sandboxHome } from '../plan/plan-sandbox.ts';
import { tokenIssue } from '../plan/sandbox-trouble.ts';
import type { Clock, ConnectBell, ConnectGitlab, Engines, Host, Secrets, Store } from '../ports.ts';
import type { Probe, StartLoop } from '../probe-port.ts';
import { addressOf } from './addresses.ts';
import { createCoordinator } from './coordinator.ts';
import type { Coordinator, Pass } from './coordinator.ts';
import { createHardwareWatch } from './hardware-watch.ts';
import type { HardwareWatch } from './hardware-watch.ts';
import { createHousekeeping } from './housekeeping.ts';
import type { Housekeeping } from './housekeeping.ts';
import { createLiveState } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import { writeFirstPools } from './ready-pools.ts';
import type { RequestContext } from './requests.ts';
import type { SettingsAccess } from './settings-access.ts';
import { renderSnapshot, runnersBySystemId } from './snapshot.ts';
import type { RunnerOf } from './snapshot.ts';

export interface LabOptions {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly host: Host;
  readonly clock: Clock;
  readonly log: Log;
  readonly engines: Engines;
  readonly probe: Probe;
  /** Missing: tools are started anew for each look. */
  readonly startLoop?: StartLoop;
  readonly connectGitlab: ConnectGitlab;
  readonly connectBell?: ConnectBell;
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
  const { clock, settings } = options;
  const stopping = new AbortController();
  let settling: Promise<void> | null = null;
  const settle = (pass: Pass): void => {
    if (!options.act || settling !== null || !isReset(pass)) return;
    settling = settleReset(options).then(() => {
      settling = null;
      coordinator.wake();
    });
  };
  let givingPools: Promise<void> | null = null;
  const givePools = ({ observed }: Pass): void => {
    if (!options.act || givingPools !== null) return;
    givingPools = givePoolsOnce(observed, options, coordinator).then(() => {
      givingPools = null;
    });
  };
  const house = createHousekeeping(options, () => coordinator);
  const hardware = createHardwareWatch(options);
  const parts: SnapshotParts = { adviceFor: house.adviceFor, hardware };
  const coordinator: Coordinator = createCoordinator({
    ...options,
    settings: () => settings.current(),
    wantedEngine: () => (settings.isFallback() ? null : settings.current().engine),
    mayAct: () => options.act && !settings.isFallback(),
    onPass: (pass) => {
      settle(pass);
      givePools(pass);
      house.see(pass.observed);
      hardware.see(pass);
      live.publish(snapshotOf(pass, options, coordinator, parts));
    },
    onFailure: (error) => {
      const { key, message, next } = toAutoGitError(error);
      const issue: Issue = { key, message, next, severity: 'error', subject: 'AutoGit' };
      live.publish({ ...live.current(), at: clock.now(), sentence: message, issues: [issue] });
    },
  });
  const live = createLiveState(snapshotOf(coordinator.look(), options, coordinator, parts), clock);
  let settingsLoop: Promise<void> = Promise.resolve();
  return {
    live,
    start: async () => {
      coordinator.start();
      house.start();
      settingsLoop = watchSettings(options, coordinator, stopping.signal);
      await live.until((snapshot) => hasLooked(snapshot, options.act), firstLookMs);
    },
    stop: async () => {
      stopping.abort();
      await Promise.all([coordinator.stop(), settingsLoop, house.stop(), hardware.stop()]);
      await Promise.all([settling, givingPools]);
    },
    requests: (door) => requestContext(door, options, { coordinator, live, hardware }),
  };
}

function requestContext(
  door: Door,
  options: LabOptions,
  parts: Pick<RequestContext, 'coordinator' | 'live' | 'hardware'>,
): RequestContext {
  const { store, secrets, host, engines, clock, settings, probe } = options;
  return {
    ...{ ...parts, store, secrets, host, engines, clock, settings, door },
    findEmulated: () => detectEmulation(probe),
    probe,
    // Read anew by each request: runners come and go.
    get runnerOf() {
      return runnerOf(options);
    },
  };
}

/** Never rejects: what could not be written is tried again in the next pass. */
async function givePoolsOnce(
  observed: Pass['observed'],
  { settings, store, clock, log, probe }: LabOptions,
  coordinator: Pick<Coordinator, 'reconsider'>,
): Promise<void> {
  try {
    const isChanged = await writeFirstPools(observed, {
      ...{ settings, store, clock },
      findEmulated: () => detectEmulation(probe),
    });
    if (isChanged) coordinator.reconsider();
  } catch (error) {
    log.warn('the ready-made pools could not be written', { error });
  }
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

function runnerOf({ store, settings }: Pick<LabOptions, 'store' | 'settings'>): RunnerOf {
  return runnersBySystemId(store.recentRunners(1_000), settings.current().pools);
}

/** Besides plan and observation, what a snapshot is made of. */
interface SnapshotParts extends Pick<Housekeeping, 'adviceFor'> {
  readonly hardware: Pick<HardwareWatch, 'issues'>;
}

function snapshotOf(
  { desired, observed, plan, now }: Pass,
  options: LabOptions,
  coordinator: Coordinator,
  { adviceFor, hardware }: SnapshotParts,
): Omit<Snapshot, 'version'> {
  const { store, settings } = options;
  return renderSnapshot({
    desired,
    observed,
    plan: {
      ...plan,
      issues: allIssues({ desired, observed, plan }, options, hardware),
    },
    gitlab: settings.current().gitlab,
    jobs: [...store.openJobs(), ...store.finishedJobs(shownFinished)],
    runnerOf: runnerOf(options),
    adviceFor,
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
  hardware: SnapshotParts['hardware'],
): readonly Issue[] {
  const { gitlab } = settings.current();
  const token = secrets.get(gitlab.kind === 'sandbox' ? secretName.sandboxRootToken : secretName.gitlabToken);
  const address = addressOf(settings.current(), observed.nodes);
  const lost = tokenIssue(gitlab, { address, gitlab: observed.gitlab }, token !== null);
  const known = lost === null ? plan.issues : plan.issues.filter(({ key }) => key !== 'gitlab.unauthorized');
  const own = [settings.issue(), clockIssue(clock.aheadMs?.() ?? 0), lost].filter((issue) => issue !== null);
  return [...own, ...known, ...hardware.issues(known), ...checkAll(desired, observed)];
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
