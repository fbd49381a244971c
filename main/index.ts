// createCore: the one place where adapters meet the core.
import { homedir } from 'node:os';
import path from 'node:path';
import { createCompose } from './adapters/compose/compose.ts';
import { connectDnsProvider } from './adapters/dns/connect.ts';
import { createResolver } from './adapters/dns/resolver.ts';
import { createEngines } from './adapters/engine/find.ts';
import { createTellTimes } from './adapters/engine/container-times.ts';
import { createStackImages } from './adapters/engine/stack-images.ts';
import { connectGitlabAdmin } from './adapters/gitlab/connect-admin.ts';
import { connectBell } from './adapters/gitlab/connect-bell.ts';
import { connectGitlabPeople } from './adapters/gitlab/people.ts';
import { createPeopleFile } from './adapters/identity/people-file.ts';
import { renderQr } from './adapters/identity/qr.ts';
import { connectGitlab } from './adapters/gitlab/connect-gitlab.ts';
import { readCertificateFile } from './adapters/host/certificate-file.ts';
import { systemClock } from './adapters/host/clock.ts';
import { readCoreFile, removeCoreFile, writeCoreFile } from './adapters/host/core-file.ts';
import { createHost } from './adapters/host/host.ts';
import { createLeftTools } from './adapters/host/left-tools.ts';
import { readLicences } from './adapters/host/licences.ts';
import { createStartLoop } from './adapters/host/loop-program.ts';
import { homePaths } from './adapters/host/home.ts';
import type { HomePaths } from './adapters/host/home.ts';
import { openLogFile } from './adapters/host/log-file.ts';
import { prepareHome } from './adapters/host/prepare-home.ts';
import { createProbe } from './adapters/host/probe.ts';
import { openSecrets } from './adapters/host/secrets.ts';
import { openSettingsFile } from './adapters/host/settings-file.ts';
import { createLookAtSsh } from './adapters/host/look-at-ssh.ts';
import { readOwnLog } from './adapters/host/read-log.ts';
import { readTextFile } from './adapters/host/read-text.ts';
import { terminalSink } from './adapters/host/terminal.ts';
import { createCrypto } from './adapters/stack/crypto.ts';
import { createLookAtDoor } from './adapters/stack/look-at-door.ts';
import { createStackFolder } from './adapters/stack/stack-folder.ts';
import { createSignInWeb } from './adapters/identity/oidc.ts';
import { createLookOutside } from './adapters/dns/look-outside.ts';
import { createTryDnsToken } from './adapters/dns/try-token.ts';
import { lookAtPlace } from './adapters/identity/look-at-place.ts';
import { createDirectories } from './adapters/identity/directories.ts';
import { createTemplates } from './adapters/stack/templates.ts';
import { writeArchive } from './adapters/host/write-archive.ts';
import { sqliteVersion } from './adapters/store/driver.ts';
import { acquireCoreLock } from './adapters/store/core-lock.ts';
import { openStore } from './adapters/store/open-store.ts';
import { changeStore } from './adapters/trust/change-store.ts';
import { showPage } from './adapters/trust/share-page.ts';
import { secretName } from './apply/context.ts';
import { saveSettings } from './config/load-settings.ts';
import type { CoreDoor } from './contract/contract.ts';
import { createDispatch } from './coordinator/dispatch.ts';
import { createLab } from './coordinator/lab.ts';
import type { Lab } from './coordinator/lab.ts';
import { openSettingsAccess } from './coordinator/settings-access.ts';
import type { SettingsAccess } from './coordinator/settings-access.ts';
import type { StackAdapters } from './coordinator/stack/stack-desk.ts';
import { AutoGitError } from './errors.ts';
import { createLog, createRedaction } from './log.ts';
import type { Log, LogLevel, LogSink } from './log.ts';
import type { Door } from './model/request.ts';
import type { Settings } from './model/settings.ts';
import type { Engines, Host, Secrets } from './ports.ts';
import type { StackJournal } from './stack-ports.ts';
import { version } from './version.ts';

export { homePaths, prepareHome, readCoreFile as readCoreRecord, writeArchive };
export type { HomePaths };

const now = (): number => systemClock.now();

type Environment = Readonly<Record<string, string | undefined>>;

export interface CoreOptions {
  /** `AUTOGIT_HOME`, `DOCKER_HOST` and the like; `AUTOGIT_GITLAB_TOKEN` is kept among the secrets when given. */
  readonly env: Environment;
  readonly home: 'default' | 'demo';
  /** False: observes and answers, and changes nothing. */
  readonly act: boolean;
  readonly terminalLogLevel: LogLevel;
}

/** A core with its home locked. */
export interface Core {
  readonly paths: HomePaths;
  /** There was none before this start. */
  readonly isNewHome: boolean;
  readonly log: Log;
  /** Resolves when the first look at the engine has succeeded or failed. */
  start(): Promise<void>;
  /** Leaves runners to be adopted, and lets go of the home. */
  stop(): Promise<void>;
  /** Writes run/core.json, so that other doors find this core. */
  announce(doors: { readonly socket: string; readonly address: string | null }): Promise<void>;
  withdraw(): Promise<void>;
  /** The core for one door, under whose name its requests are kept. */
  through(door: Door): CoreDoor;
}

/**
 * Opens a home and everything in it; nothing runs before `start`.
 * Rejects with `core.already-running`, and with the errors of home, store, secrets and settings; without `act`, a
 * home that is not there is not made: `host.home-missing`.
 */
export async function createCore(options: CoreOptions): Promise<Core> {
  const paths = homePaths(options.env, { demo: options.home === 'demo' });
  const isNewHome = await prepareHome(paths, { make: options.act });
  const lock = await acquireCoreLock(paths);
  try {
    return { ...(await openCore(options, paths, () => lock.release())), isNewHome };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Writes the settings of a home that no core holds; makes the home if need be, and says whether it did. */
export async function writeSettings(paths: HomePaths, settings: Settings): Promise<boolean> {
  const isNewHome = await prepareHome(paths);
  await saveSettings(openSettingsFile(paths.settings, now), settings);
  return isNewHome;
}

type OpenCore = Omit<Core, 'isNewHome'>;

async function openCore(options: CoreOptions, paths: HomePaths, release: () => void): Promise<OpenCore> {
  const { env, act } = options;
  const redact = createRedaction();
  const terminal = levelled(terminalSink(process.stderr, env), () => options.terminalLogLevel);
  const logFile = openLogFile({
    folder: paths.logs,
    onFailure: (error) => process.stderr.write(`The log cannot be written: ${String(error)}\n`),
  });
  let settings: SettingsAccess | null = null;
  const file = levelled(logFile.sink, () => settings?.current().log.level ?? 'info');
  const log = createLog('core', {
    sinks: [terminal, file],
    level: 'debug',
    redact,
    now,
  });
  settings = await openSettingsAccess(openSettingsFile(paths.settings, now));
  const secrets = await openSecrets(paths);
  await keepToken(env, secrets);
  redact.remember(secrets.get(secretName.gitlabToken) ?? '');
  const store = openStore(paths.database, { now, log: log.topic('store'), instance: identityOf(secrets) });
  if (store.instance !== identityOf(secrets)) {
    store.close();
    throw foreignSecrets(paths);
  }
  const host = createHost(paths);
  const leftTools = createLeftTools();
  const lab = createLab({
    store,
    secrets,
    host,
    clock: systemClock,
    log,
    engines: enginesOf(env, log),
    probe: createProbe(leftTools),
    startLoop: createStartLoop(leftTools),
    ...{ connectGitlab, readCertificate: readCertificateFile },
    connectBell,
    connectGitlabAdmin,
    program: {
      ...{ version, sqlite: sqliteVersion(), readLicences },
      readLog: () => readOwnLog(paths.logs),
    },
    stack: stackAdapters({ env, paths, log, journal: store.stack }),
    settings,
    sandboxImage: await imageName(host, log),
    act,
    home: paths.root,
    pid: process.pid,
  });
  const stop = async (): Promise<void> => {
    await lab.stop();
    store.close();
    await logFile.close();
    release();
  };
  return coreOf({ options, paths, log, lab, stop });
}

function enginesOf(env: Environment, log: Log): Engines {
  const uid = process.getuid?.() ?? null;
  return createEngines({ variables: env, home: env['HOME'] || homedir(), uid, log });
}

interface StackGround {
  readonly env: Environment;
  readonly paths: HomePaths;
  readonly log: Log;
  readonly journal: StackJournal;
}

function stackAdapters({ env, paths, log, journal }: StackGround): StackAdapters {
  const surroundings = { variables: env, home: env['HOME'] || homedir(), uid: process.getuid?.() ?? null };
  return {
    journal,
    compose: createCompose({
      ...{ environment: env, log: log.topic('compose') },
      times: createTellTimes(surroundings, log),
    }),
    folder: createStackFolder({ stacks: path.join(paths.root, 'stack') }),
    templates: createTemplates({ own: path.join(paths.root, 'templates') }),
    crypto: createCrypto(),
    resolver: createResolver(),
    lookAtDoor: createLookAtDoor(now),
    connectDnsProvider,
    lookAtSsh: createLookAtSsh(),
    showPage,
    changeStore,
    tryDnsToken: createTryDnsToken(),
    lookOutside: createLookOutside(),
    directories: createDirectories(now),
    lookAtPlace,
    signInWeb: createSignInWeb(),
    peopleFile: createPeopleFile({ clock: systemClock }),
    connectPeople: connectGitlabPeople,
    renderQr,
    createImages: (engine) => createStackImages({ engine, surroundings, log }),
    readText: readTextFile,
  };
}

interface Parts {
  readonly options: CoreOptions;
  readonly paths: HomePaths;
  readonly log: Log;
  readonly lab: Lab;
  readonly stop: () => Promise<void>;
}

function coreOf({ options, paths, log, lab, stop }: Parts): OpenCore {
  const startedAt = systemClock.now();
  let stopping = false;
  return {
    paths,
    log,
    start: async () => {
      log.info('started', { version, home: paths.root, act: options.act });
      await lab.start();
    },
    stop: async () => {
      stopping = true;
      await stop();
    },
    announce: ({ socket, address }) =>
      writeCoreFile(paths, { pid: process.pid, startedAt, socket, address, version }),
    withdraw: () => removeCoreFile(paths, { pid: process.pid, startedAt }),
    through: (door) => {
      const dispatch = createDispatch(lab.requests(door));
      return {
        call: async (name, input) => {
          if (stopping) throw isStopping();
          return dispatch.call(name, input);
        },
        stream: (name, input, signal) => dispatch.stream(name, input, signal),
      };
    },
  };
}

function isStopping(): AutoGitError {
  return new AutoGitError({
    key: 'core.stopping',
    message: 'AutoGit is stopping; runners go on.',
    next: 'Ask again when it has been started again.',
    retry: true,
  });
}

function levelled(sink: LogSink, level: () => LogLevel): LogSink {
  const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
  return (record) => {
    if (order.indexOf(record.level) >= order.indexOf(level())) sink(record);
  };
}

async function keepToken(env: Environment, secrets: Secrets): Promise<void> {
  const token = env['AUTOGIT_GITLAB_TOKEN'];
  if (token !== undefined && token !== '' && secrets.get(secretName.gitlabToken) !== token) {
    await secrets.set(secretName.gitlabToken, token);
  }
}

/**
 * The identity that a home takes when it gets its database: made from its key, so that a home which has lost the
 * database, but not the key, still knows its containers. A UUID of the free form, https://www.rfc-editor.org/rfc/rfc9562#section-5.8
 */
function identityOf(secrets: Secrets): string {
  const hex = secrets.sign('the identity of this home');
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `a${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-');
}

/** With another key than before, no container of this home can be told from one that somebody made to look like it. */
function foreignSecrets({ secrets, database }: HomePaths): AutoGitError {
  return new AutoGitError({
    key: 'secrets.not-of-this-home',
    message: `The key in ${secrets} is not the one that this home was made with, so AutoGit cannot know its own containers. It has touched nothing.`,
    next: `Put ${secrets} back from a backup. If it is lost, move ${database} away as well to begin anew; containers that are left are then yours to remove.`,
    fields: { secrets, database },
  });
}

/** Where no image can be made (another system than Linux), the action that needs it says why. */
async function imageName(host: Host, log: Log): Promise<string> {
  try {
    return await host.sandboxImageName();
  } catch (error) {
    log.info('no sandbox image can be made here', { error });
    return 'autogit-sandbox:none';
  }
}
