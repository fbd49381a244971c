// createCore: the one place where adapters meet the core.
import { homedir, hostname } from 'node:os';
import path from 'node:path';
import { createBackupFiles, finishSwap } from './adapters/backup/files.ts';
import { createBackupWords } from './adapters/backup/password.ts';
import { createBackupProofs } from './adapters/backup/proofs.ts';
import { createRestic } from './adapters/backup/restic.ts';
import { createCompose } from './adapters/compose/compose.ts';
import { connectDnsProvider } from './adapters/dns/connect.ts';
import { createResolver } from './adapters/dns/resolver.ts';
import type { EngineOptions } from './adapters/engine/connect.ts';
import { createEngines } from './adapters/engine/find.ts';
import { connectContainerFiles } from './adapters/engine/container-files.ts';
import { createTellTimes } from './adapters/engine/container-times.ts';
import { endpointOf } from './adapters/engine/places.ts';
import { createLookForImage, createResticContainer } from './adapters/engine/restic-container.ts';
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
import { checkDatabase, copyDatabase, projectsIn } from './adapters/store/copy-database.ts';
import { sqliteVersion } from './adapters/store/driver.ts';
import { acquireCoreLock } from './adapters/store/core-lock.ts';
import { openStore } from './adapters/store/open-store.ts';
import { createUpdates } from './adapters/updates/updates.ts';
import type { UpdatesOptions } from './adapters/updates/updates.ts';
import { changeStore } from './adapters/trust/change-store.ts';
import { showPage } from './adapters/trust/share-page.ts';
import { secretName } from './apply/context.ts';
import { saveSettings } from './config/load-settings.ts';
import type { BackupFiles, BackupJournal } from './backup-ports.ts';
import type { CoreDoor } from './contract/contract.ts';
import type { BackupAdapters } from './coordinator/backups/backup-ground.ts';
import { keepHome } from './coordinator/backups/home-keeper.ts';
import type { HomeKeeper, OpenedHome } from './coordinator/backups/home-keeper.ts';
import type { RestoreAdapters } from './coordinator/backups/restore-ground.ts';
import { foreignSecrets, identityOf } from './coordinator/home-identity.ts';
import { createLab } from './coordinator/lab.ts';
import { openSettingsAccess } from './coordinator/settings-access.ts';
import type { SettingsAccess } from './coordinator/settings-access.ts';
import type { StackAdapters } from './coordinator/stack/stack-desk.ts';
import { createLog, createRedaction } from './log.ts';
import type { Log, LogLevel, LogSink } from './log.ts';
import type { Door } from './model/request.ts';
import type { Settings } from './model/settings.ts';
import { updateKeys } from './model/update-keys.ts';
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
  /** In place of what this build knows of itself: whose updates it takes, how it is installed. For tests. */
  readonly updates?: Partial<Omit<UpdatesOptions, 'folder' | 'env'>>;
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
  const { env } = options;
  // Before anything of the home is opened: a kill may have left it between two.
  await finishSwap(paths.root);
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
  const files = createBackupFiles({ home: paths, copyDatabase });
  const keeper = await keepHome({
    ...{ files, log: log.topic('backups') },
    open: async (openNote, link) => {
      await prepareHome(paths);
      settings = await openSettingsAccess(openSettingsFile(paths.settings, now));
      const restoring = { openNote, link, files };
      return openHome({ options, paths, log, settings, restoring, remember: redact.remember });
    },
  });
  const stop = async (): Promise<void> => {
    await keeper.stop();
    await logFile.close();
    release();
  };
  return coreOf({ options, paths, log, keeper, stop });
}

interface HomeGround {
  readonly options: CoreOptions;
  readonly paths: HomePaths;
  readonly log: Log;
  readonly settings: SettingsAccess;
  readonly restoring: Pick<RestoreAdapters, 'openNote' | 'link'> & { readonly files: BackupFiles };
  /** Told of what must never be logged. */
  readonly remember: (secret: string) => void;
}

/** Opens what a home consists of; a restore may bring another home to the same place. */
async function openHome(ground: HomeGround): Promise<OpenedHome> {
  const { options, paths, log, settings, remember } = ground;
  const { env, act } = options;
  const secrets = await openSecrets(paths);
  await keepToken(env, secrets);
  remember(secrets.get(secretName.gitlabToken) ?? '');
  const store = openStore(paths.database, { now, log: log.topic('store'), instance: identityOf(secrets) });
  if (store.instance !== identityOf(secrets)) {
    store.close();
    throw foreignSecrets(paths);
  }
  let isClosed = false;
  const host = createHost(paths);
  const leftTools = createLeftTools();
  const lab = createLab({
    // A request that goes on while a restore brings another home is no part of what that remembers.
    store: {
      ...store,
      audit: (record) => {
        if (!isClosed) store.audit(record);
      },
    },
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
    backup: backupAdapters(ground, store.backups),
    updates: createUpdates({
      ...{ folder: path.join(paths.root, 'updates'), env, keys: updateKeys },
      ...options.updates,
    }),
    settings,
    sandboxImage: await imageName(host, log),
    act,
    home: paths.root,
    pid: process.pid,
  });
  return {
    lab,
    close: async () => {
      await lab.stop();
      isClosed = true;
      store.close();
    },
  };
}

/** The one that is named, or the first that answers; `null`: there is none. */
async function findEngine(engines: Engines, named: string | null): Promise<string | null> {
  for (const { host } of await engines.places(named)) {
    const answers = await engines.ask(host).then(
      () => true,
      () => false,
    );
    if (answers) return host;
  }
  return null;
}

function backupAdapters(
  { options: { env }, paths, log, settings, restoring: { openNote, link, files } }: HomeGround,
  journal: BackupJournal,
): BackupAdapters {
  const surroundings = { variables: env, home: env['HOME'] || homedir(), uid: process.getuid?.() ?? null };
  const readSecrets = (home: string): Promise<Secrets> => {
    const folder = path.join(home, 'secrets');
    return openSecrets({
      secretsFile: path.join(folder, 'secrets.enc'),
      secretsKey: path.join(folder, 'key'),
    });
  };
  const engineAt = (host: string): EngineOptions => ({
    ...{ host, log },
    endpoint: () => endpointOf(host, surroundings),
  });
  const imageGround = {
    engine: async () => {
      const host = await findEngine(enginesOf(env, log), settings.current().engine.host);
      return host === null ? null : engineAt(host);
    },
    image: () => settings.current().backups.image,
    home: paths.root,
  };
  return {
    ...{ journal, files, machine: hostname(), words: createBackupWords() },
    restic: createRestic({
      ...{ environment: env, folder: path.join(files.root, 'restic'), log: log.topic('restic') },
      image: createResticContainer(imageGround),
      lookForImage: createLookForImage(imageGround),
    }),
    connectContainers: (host) => connectContainerFiles(engineAt(host)),
    restoring: {
      ...{ openNote, link },
      proofs: createBackupProofs({
        checkDatabase,
        readSecrets,
        readProjects: (database) => Promise.resolve(projectsIn(database)),
      }),
    },
  };
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
  readonly keeper: HomeKeeper;
  readonly stop: () => Promise<void>;
}

function coreOf({ options, paths, log, keeper, stop }: Parts): OpenCore {
  const startedAt = systemClock.now();
  return {
    paths,
    log,
    start: async () => {
      log.info('started', { version, home: paths.root, act: options.act });
      await keeper.start();
    },
    stop,
    announce: ({ socket, address }) =>
      writeCoreFile(paths, { pid: process.pid, startedAt, socket, address, version }),
    withdraw: () => removeCoreFile(paths, { pid: process.pid, startedAt }),
    through: keeper.through,
  };
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

/** Where no image can be made (another system than Linux), the action that needs it says why. */
async function imageName(host: Host, log: Log): Promise<string> {
  try {
    return await host.sandboxImageName();
  } catch (error) {
    log.info('no sandbox image can be made here', { error });
    return 'autogit-sandbox:none';
  }
}
