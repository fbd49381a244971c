// The running core: coordinator, live state and requests, wired together over the ports alone.
import type { Snapshot } from '../contract/snapshot.ts';
import { detectEmulation } from '../detect/detect-emulation.ts';
import { toAutoGitError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Issue } from '../model/issue.ts';
import type { Door } from '../model/request.ts';
import { queueFigures } from '../model/queue-history.ts';
import { createQueueHistory } from '../observe/queue-history.ts';
import type { QueueHistoryKeeper } from '../observe/queue-history.ts';
import type { Clock, ConnectBell, ConnectGitlab, Engines, Host, Secrets, Store } from '../ports.ts';
import type { Probe, StartLoop } from '../probe-port.ts';
import type { ConnectGitlabAdmin } from '../stack-ports.ts';
import type { BackupDesk } from './backups/backup-desk.ts';
import type { BackupAdapters } from './backups/backup-ground.ts';
import { createLabBackups } from './backups/lab-backups.ts';
import { createCaFile } from './ca-file.ts';
import type { ReadCertificate } from './ca-file.ts';
import { createCoordinator } from './coordinator.ts';
import type { Coordinator, Pass } from './coordinator.ts';
import { createHardwareWatch } from './hardware-watch.ts';
import type { OwnProgram } from './diagnose-requests.ts';
import type { HardwareWatch } from './hardware-watch.ts';
import { createHousekeeping } from './housekeeping.ts';
import type { Housekeeping } from './housekeeping.ts';
import { allIssues } from './lab-issues.ts';
import type { IssueParts } from './lab-issues.ts';
import { createLiveState } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import { createNoticeDesk } from './notice-desk.ts';
import type { NoticeDesk } from './notice-desk.ts';
import { writeFirstPools } from './ready-pools.ts';
import { pausedUntil } from './pause.ts';
import type { RequestContext } from './requests.ts';
import type { SettingsAccess } from './settings-access.ts';
import { isReset, settleReset } from './settle-reset.ts';
import { createStackDesk } from './stack/stack-desk.ts';
import type { StackAdapters, StackDesk } from './stack/stack-desk.ts';
import { createStackSummary } from './stack/stack-summary.ts';
import type { StackSummaryWatch } from './stack/stack-summary.ts';
import { createDoctorWatch } from './stack/doctor-watch.ts';
import type { DoctorWatch } from './stack/doctor-watch.ts';
import { renderSnapshot, runnersBySystemId } from './snapshot.ts';
import { openUpdateDesk } from './open-update-desk.ts';
import type { UpdateGround } from './open-update-desk.ts';
import type { RunnerOf } from './snapshot.ts';

export interface LabOptions extends Pick<UpdateGround, 'updates'> {
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
  /** Missing: none can be read. */
  readonly readCertificate?: ReadCertificate;
  /** Missing: none can be connected. */
  readonly connectGitlabAdmin?: ConnectGitlabAdmin;
  readonly connectBell?: ConnectBell;
  readonly settings: SettingsAccess;
  readonly stack: StackAdapters;
  /** Missing: this core makes no backups. */
  readonly backup?: BackupAdapters;
  /** Missing: nobody knows its version, and it writes no log. */
  readonly program?: OwnProgram;
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

/** Work that is not begun again while it goes on. It never rejects. */
function alone(work: (pass: Pass) => Promise<void>): {
  readonly begin: (pass: Pass) => void;
  readonly ended: () => Promise<void> | null;
} {
  let going: Promise<void> | null = null;
  return {
    begin: (pass) => {
      going ??= work(pass).then(() => {
        going = null;
      });
    },
    ended: () => going,
  };
}

/** Nothing runs before `start`. */
export function createLab(options: LabOptions): Lab {
  const { clock, settings, readCertificate = noFiles } = options;
  const once = onceOf(options, () => coordinator);
  const house = createHousekeeping(options, () => coordinator);
  const hardware = createHardwareWatch(options);
  const queue = createQueueHistory(hardware.history);
  const ca = createCaFile({ clock, read: readCertificate, onChange: () => coordinator.wake() });
  const requests = (door: Door): RequestContext =>
    requestContext(door, options, {
      ...{ coordinator, live, hardware, queue, stack, notices, restartLooks: doctor.looks },
      ...{ updates, backups },
    });
  const doctor = createDoctorWatch({
    ...{ context: () => requests('core'), log: options.log.topic('doctor') },
    onChange: () => coordinator.wake(),
  });
  const notices = noticesOf(options, () => coordinator);
  const updates = openUpdateDesk(options, () => coordinator.wake());
  const backups = createLabBackups(options, {
    snapshot: () => live.current(),
    ...{ coordinator: () => coordinator, desk: () => stack },
  });
  const parts: SnapshotParts = {
    notices: () => (options.act ? notices.summary() : null),
    ...{ adviceFor: house.adviceFor, hardware, ca, doctor, backups },
    stack: { summary: () => summary.summary() },
    renewals: { issues: () => [...issuesOf(stack), ...updates.issues(), ...backups.issues()] },
  };
  const coordinator: Coordinator = createCoordinator({
    ...options,
    trusted: (gitlab) => ca.of(gitlab),
    ...{ settings: () => settings.current(), onReadAgain: (at: number) => live.readAgain(at) },
    wantedEngine: () => (settings.isFallback() ? null : settings.current().engine),
    // Until a restore has put GitLab's data back, what is seen is not what there is.
    mayAct: () => options.act && !settings.isFallback() && !backups.holds(),
    onPass: (pass) => {
      once.begin(pass);
      house.see(pass.observed);
      hardware.see(pass);
      live.publish(snapshotOf(pass, options, coordinator, parts));
      queue.see(pass.now, queueFigures(live.current()));
      notices.see(live.current());
    },
    onFailure: (error) => publishFailure(error, live, clock),
  });
  const stack = createStackDesk({
    ...{ ...options, ...options.stack, coordinator, snapshot: () => live.current() },
    beforeUpgrade: (services, signal) => backups.beforeUpgrade(services, signal),
    connectAdmin: options.connectGitlabAdmin ?? noAdmin,
  });
  const summary = createStackSummary({ desk: stack, coordinator, clock, log: options.log.topic('stack') });
  const live = createLiveState(snapshotOf(coordinator.look(), options, coordinator, parts), clock);
  return {
    live,
    ...lifeOf(options, {
      ...{ coordinator, live, house, hardware, queue, doctor, notices, updates, backups, summary, once },
      ofStack: { start: () => goOnWith(stack), stop: () => endWith(stack) },
    }),
    requests,
  };
}

/** What is done once, beside the passes. */
function onceOf(options: LabOptions, coordinator: () => Coordinator) {
  const settling = alone(() => settleReset(options).then(() => coordinator().wake()));
  const givingPools = alone(({ observed }: Pass) => givePoolsOnce(observed, options, coordinator()));
  return {
    begin: (pass: Pass): void => {
      if (!options.act) return;
      for (const work of isReset(pass) ? [settling, givingPools] : [givingPools]) work.begin(pass);
    },
    ended: () => Promise.all([settling.ended(), givingPools.ended()]),
  };
}

function noticesOf({ store, clock, log, settings }: LabOptions, coordinator: () => Coordinator): NoticeDesk {
  return createNoticeDesk({
    ...{ store, clock, log: log.topic('notices'), settings: () => settings.current() },
    gitlab: () => coordinator().gitlab(),
    onChange: () => coordinator().wake(),
  });
}

interface LabParts {
  readonly coordinator: Coordinator;
  readonly live: LiveState;
  readonly house: Housekeeping;
  readonly hardware: HardwareWatch;
  readonly queue: QueueHistoryKeeper;
  readonly doctor: DoctorWatch;
  readonly notices: NoticeDesk;
  readonly updates: RequestContext['updates'];
  readonly backups: BackupDesk;
  readonly summary: StackSummaryWatch;
  readonly ofStack: { start(): Promise<void>; stop(): Promise<void> };
  /** What is done once and may still go on. */
  readonly once: { ended(): Promise<unknown> };
}

/** In what order the parts begin and end: what writes ends before what it writes to. */
function lifeOf(
  options: LabOptions,
  {
    coordinator,
    live,
    house,
    hardware,
    queue,
    doctor,
    notices,
    updates,
    backups,
    summary,
    ofStack,
    once,
  }: LabParts,
): Pick<Lab, 'start' | 'stop'> {
  const stopping = new AbortController();
  let settingsLoop: Promise<void> = Promise.resolve();
  return {
    start: async () => {
      coordinator.start();
      house.start();
      if (options.act) doctor.start();
      if (options.act) notices.start();
      if (options.act) updates.start();
      summary.start();
      settingsLoop = watchSettings(options, coordinator, stopping.signal);
      await live.until((snapshot) => hasLooked(snapshot, options.act), firstLookMs);
      if (options.act) await ofStack.start();
      if (options.act) await backups.start();
    },
    stop: async () => {
      stopping.abort();
      await backups.stop();
      await Promise.all([ofStack.stop(), summary.stop(), updates.stop()]);
      await Promise.all([coordinator.stop(), settingsLoop, house.stop(), doctor.stop()]);
      queue.settle();
      await hardware.stop();
      await notices.stop();
      await once.ended();
    },
  };
}

/** A run that a kill has left open goes on, what runs out is renewed, and people are kept in step. */
async function goOnWith({ runs, renewals, people, sso }: StackDesk): Promise<void> {
  await runs.resume();
  renewals.start();
  people.start();
  sso.start();
}

async function endWith({ runs, renewals, people, sso, share }: StackDesk): Promise<void> {
  await Promise.all([runs.stop(), renewals.stop(), people.stop(), sso.stop(), share.end()]);
}

function issuesOf({ renewals, people, sso }: StackDesk): readonly Issue[] {
  return [...renewals.issues(), ...people.issues(), ...sso.issues()];
}

/** A pass that failed is told in place of everything else that could be said. */
function publishFailure(error: unknown, live: LiveState, clock: Pick<Clock, 'now'>): void {
  const { key, message, next } = toAutoGitError(error);
  const issue: Issue = { key, message, next, severity: 'error', subject: 'AutoGit' };
  live.publish({ ...live.current(), at: clock.now(), sentence: message, issues: [issue] });
}

function requestContext(
  door: Door,
  options: LabOptions,
  parts: Pick<
    RequestContext,
    | 'coordinator'
    | 'live'
    | 'hardware'
    | 'queue'
    | 'restartLooks'
    | 'stack'
    | 'notices'
    | 'updates'
    | 'backups'
  >,
): RequestContext {
  const { store, secrets, host, engines, clock, settings, probe } = options;
  return {
    ...{ ...parts, store, secrets, host, engines, clock, settings, door },
    findEmulated: () => detectEmulation(probe),
    probe,
    stackLook: parts.stack.stackLook,
    connectGitlabAdmin: options.connectGitlabAdmin ?? noAdmin,
    readCertificate: options.readCertificate ?? noFiles,
    program: options.program ?? { version: 'unknown', readLog: () => Promise.resolve('') },
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
interface SnapshotParts extends IssueParts, Pick<Housekeeping, 'adviceFor'> {
  readonly stack: Pick<StackSummaryWatch, 'summary'>;
  readonly notices: () => ReturnType<NoticeDesk['summary']> | null;
  readonly backups: Pick<BackupDesk, 'summary'>;
}

function noAdmin({ url }: Parameters<ConnectGitlabAdmin>[0]): never {
  throw new Error(`${url} is not connected here`);
}

function noFiles(file: string): Promise<never> {
  return Promise.reject(new Error(`${file} is not read here`));
}

function snapshotOf(
  { desired, observed, plan, now }: Pass,
  options: LabOptions,
  coordinator: Coordinator,
  { adviceFor, hardware, ca, doctor, renewals, stack, notices, backups }: SnapshotParts,
): Omit<Snapshot, 'version'> {
  const { store, settings } = options;
  const rendered = renderSnapshot({
    desired,
    observed,
    plan: {
      ...plan,
      issues: allIssues({ desired, observed, plan }, options, { hardware, ca, doctor, renewals }),
    },
    gitlab: settings.current().gitlab,
    jobs: [...store.openJobs(), ...store.finishedJobs(shownFinished)],
    runnerOf: runnerOf(options),
    adviceFor,
    totals: store.runnerTotals(),
    stack: stack.summary(),
    pausedUntil: pausedUntil(store),
    notices: notices(),
    tasks: coordinator.executor.tasks().map(({ action, startedAt, progress }) => {
      const { key, kind, reason } = action;
      return { key, kind, reason, startedAt, progress };
    }),
    home: options.home,
    pid: options.pid,
    now,
  });
  return { ...rendered, ...backups.summary() };
}
