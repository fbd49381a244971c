// The stack of a home: its runs, what is there of it, and how it is rendered now; made once over the ports.
import type {
  ChangeStore,
  ConnectGitlabPeople,
  Directories,
  LookAtPlace,
  LookOutside,
  TryDnsToken,
  PeopleFile,
  RenderQr,
  ShowPage,
  SignInWeb,
} from '../../access-ports.ts';
import { provenWays } from '../../apply/stack/acme.ts';
import { projectOf } from '../../apply/stack/context.ts';
import type { GitlabPlace } from '../../apply/stack/context.ts';
import { readDirectoryRoot, withDirectoryRoot } from '../../apply/stack/directory-root.ts';
import { judgeOwnFor, withOwnRoot } from '../../apply/stack/own-certificate.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import type { Finding } from '../../checks/hardware/check.ts';
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { DirectoryRoot, RenderedStack, Rendering, StackFacts } from '../../model/stack/stack.ts';
import type { Clock, Engines, Secrets, Store } from '../../ports.ts';
import type { Probe } from '../../probe-port.ts';
import type {
  Compose,
  ConnectDnsProvider,
  ConnectGitlabAdmin,
  Crypto,
  LookAtDoor,
  LookAtSsh,
  Resolver,
  StackFolder,
  StackImages,
  StackJournal,
  Templates,
} from '../../stack-ports.ts';
import { renderStack } from '../../templates/render-stack.ts';
import type { Coordinator } from '../coordinator.ts';
import type { SettingsAccess } from '../settings-access.ts';
import { findingsBeforeUp, takenPorts } from './doctor-stack.ts';
import type { StackLookContext, StackLookParts } from './look-parts.ts';
import { isPodman, runsHealthChecks, stackFacts } from './stack-facts.ts';
import { createRenewals } from './renewals.ts';
import type { RenewalsOptions, StackRenewals } from './renewals.ts';
import { createPeopleDesk } from './people-desk.ts';
import type { PeopleDesk, PeopleDeskOptions } from './people-desk.ts';
import { createRootShare } from './root-share.ts';
import type { RootShare } from './root-share.ts';
import { createSsoDesk } from './sso-desk.ts';
import type { SsoDesk, SsoDeskOptions } from './sso-desk.ts';
import { createStackEngine } from './stack-engine.ts';
import { createStackHome } from './stack-home.ts';
import { lookAtAuthelia } from './look-at-authelia.ts';
import { createStackLook } from './stack-look.ts';
import { createStackRuns } from './stack-runs.ts';
import type { StackRuns } from './stack-runs.ts';

/** The edges of the stack. */
export interface StackAdapters {
  readonly journal: StackJournal;
  readonly compose: Compose;
  readonly folder: StackFolder;
  readonly templates: Templates;
  readonly crypto: Crypto;
  readonly resolver: Resolver;
  readonly lookAtDoor: LookAtDoor;
  readonly connectDnsProvider: ConnectDnsProvider;
  readonly lookAtSsh: LookAtSsh;
  /** `engine`: asked for its address with each call. */
  readonly createImages: (engine: () => string) => StackImages;
  readonly changeStore: ChangeStore;
  readonly tryDnsToken: TryDnsToken;
  readonly lookOutside: LookOutside;
  readonly peopleFile: PeopleFile;
  readonly connectPeople: ConnectGitlabPeople;
  readonly renderQr: RenderQr;
  readonly directories: Directories;
  readonly lookAtPlace: LookAtPlace;
  readonly signInWeb: SignInWeb;
  readonly showPage: ShowPage;
  /** A text file that a person named. */
  readonly readText: (path: string) => Promise<string>;
}

export interface StackDeskOptions extends StackAdapters {
  readonly store: Store;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly log: Log;
  readonly engines: Engines;
  readonly probe: Probe;
  readonly settings: SettingsAccess;
  readonly connectAdmin: ConnectGitlabAdmin;
  readonly coordinator: Coordinator;
  readonly snapshot: () => Snapshot;
  /** See `RunTools`. */
  readonly beforeUpgrade?: (services: readonly string[], signal: AbortSignal) => Promise<void>;
}

/** A stack as answers make it on this machine now. */
export interface RenderedNow {
  readonly rendering: Rendering;
  readonly facts: StackFacts;
}

type HandedOn = Pick<
  StackAdapters,
  | 'directories'
  | 'readText'
  | 'signInWeb'
  | 'journal'
  | 'compose'
  | 'folder'
  | 'templates'
  | 'crypto'
  | 'connectDnsProvider'
  | 'lookAtSsh'
  | 'changeStore'
  | 'tryDnsToken'
  | 'lookOutside'
  | 'renderQr'
>;

export interface StackDesk extends HandedOn {
  readonly runs: StackRuns;
  readonly renewals: StackRenewals;
  /** The root of a directory's certificate, out of the file that the answers name. Never rejects. */
  readDirectoryRoot(path: string): Promise<DirectoryRoot>;
  readonly people: PeopleDesk;
  readonly sso: SsoDesk;
  /** For looks at machine and stack. */
  readonly look: StackLookContext;
  readonly stackLook: StackLookParts;
  /** Address of the engine in use. Throws `stack.no-engine`. */
  engine(): string;
  /** Whether the engine runs health checks: Podman without systemd does not. */
  runsHealthChecks(): boolean;
  /** Answers of the stack that is or was up here. Throws `stack.none`. */
  requireCurrent(): StackAnswers;
  render(answers: StackAnswers): Promise<RenderedNow>;
  /** What is wrong with a certificate that the person has. Never rejects. */
  ownFindings(stack: RenderedStack): Promise<readonly Finding[]>;
  /** The root as other devices are shown it. */
  readonly share: RootShare;
}

/** The first answer of GitLab itself is a refusal, because nobody is named; a proxy in front says something else. */
function whyNotReady(lookAtDoor: LookAtDoor): (place: GitlabPlace) => Promise<string | null> {
  return async ({ url, reach }) => {
    const { hostname, port } = new URL(url);
    const at = /^\[?(.*?)\]?:(\d+)$/.exec(reach ?? '');
    const host = at?.[1] ?? hostname;
    const number = Number(at?.[2] ?? (port === '' ? 443 : port));
    const { status } = await lookAtDoor(`${url}/api/v4/version`, { host, port: number });
    if (status === 401 || status === 200) return null;
    return status === null ? `nothing answers at ${url}` : `${url} answers with status ${status}`;
  };
}

/** What is wrong with a certificate that the person has. Never rejects. */
async function ownFindings(
  stack: RenderedStack,
  tools: Pick<StackDeskOptions, 'crypto' | 'clock' | 'readText'>,
): Promise<readonly Finding[]> {
  const { tls } = stack.answers;
  if (tls.mode !== 'own') return [];
  const checks = await judgeOwnFor(tls, { ...tools, stack });
  return checks.flatMap(({ state, problem, message, next }): readonly Finding[] => {
    if (state !== 'bad' && state !== 'warning') return [];
    const severity = state === 'bad' ? 'error' : 'warning';
    return [{ key: problem, severity, subject: tls.certificate, message, next: next ?? '', evidence: [] }];
  });
}

function requireCurrent({ journal }: Pick<StackAdapters, 'journal'>): StackAnswers {
  const answers = journal.current();
  if (answers !== null) return answers;
  throw new AutoGitError({
    key: 'stack.none',
    message: 'This home has no stack.',
    next: 'Make one: autogit stack up. What it would do: autogit stack plan',
  });
}

/** Renders answers with all that the files they name say. */
function renderer(options: StackDeskOptions): (given: StackAnswers, facts: StackFacts) => Promise<Rendering> {
  return async (given, known) => {
    const answers = await withOwnRoot(given, options);
    const facts = await withDirectoryRoot(answers, known, options);
    return renderStack({ answers, facts, templates: await options.templates.read() });
  };
}

/** What goes on by itself while a stack is up. */
function createWatches(
  { peopleFile, connectPeople, signInWeb }: StackDeskOptions,
  common: Omit<RenewalsOptions & PeopleDeskOptions & SsoDeskOptions, 'peopleFile' | 'connectPeople' | 'web'>,
): Pick<StackDesk, 'renewals' | 'people' | 'sso'> {
  return {
    renewals: createRenewals(common),
    people: createPeopleDesk({ ...common, peopleFile, connectPeople }),
    sso: createSsoDesk({ ...common, web: signInWeb }),
  };
}

/** Edges that requests use as they are, and what needs nothing else. */
function handedOn(
  options: StackDeskOptions,
): HandedOn & Pick<StackDesk, 'readDirectoryRoot' | 'requireCurrent' | 'ownFindings'> {
  const { journal, compose, folder, templates, crypto, connectDnsProvider, lookAtSsh, changeStore } = options;
  const { renderQr, tryDnsToken, lookOutside, directories, readText, signInWeb } = options;
  return {
    ...{ journal, compose, folder, templates, crypto, connectDnsProvider, lookAtSsh, changeStore },
    ...{ renderQr, tryDnsToken, lookOutside, directories, readText, signInWeb },
    readDirectoryRoot: (path) => readDirectoryRoot(path, options),
    requireCurrent: () => requireCurrent(options),
    ownFindings: (stack) => ownFindings(stack, options),
  };
}

/** Nothing goes on before somebody begins a run, or `runs.resume`. */
export function createStackDesk(options: StackDeskOptions): StackDesk {
  const { coordinator, settings, probe, clock, journal, compose, folder, templates, crypto } = options;
  const { store, secrets, engines, lookAtDoor, readText, connectAdmin } = options;
  // The doctor looks at what runs do, and they ask it first: each is asked only once both are there.
  const look: StackLookContext = {
    ...{ engines, settings, coordinator, probe, clock },
    get stackLook() {
      return stackLook;
    },
  };
  const { host: engine, find } = createStackEngine(look);
  const audit = (request: string, outcome: string): void =>
    store.audit({ at: clock.now(), door: 'core', request, outcome });
  const home = createStackHome(options);
  const common = {
    ...{ journal, compose, folder, clock, crypto, secrets, connectAdmin, engine, readText, home },
    ...{ log: options.log.topic('stack'), instance: store.instance, lookAtDoor },
    whyNotReady: whyNotReady(lookAtDoor),
  };
  const runs: StackRuns = createStackRuns({
    ...{ ...common, templates },
    images: options.createImages(engine),
    facts: (lab) => stackFacts(look, lab),
    render: renderStack,
    findings: async (stack, known) => {
      const present = await stackLook.presentOf(stack).catch(() => null);
      const findings = await findingsBeforeUp(look, stack, { facts: known, present });
      return [...(await ownFindings(stack, options)), ...findings];
    },
    takenPorts: (stack) => takenPorts(look, stack),
    beforeUpgrade: options.beforeUpgrade,
    runsHealthChecks: () => runsHealthChecks(coordinator),
    showsChanges: () => !isPodman(coordinator),
    onEnd: ({ verb, outcome }) => audit(`stack.${verb}, its end`, outcome ?? 'open'),
  });
  const render = renderer(options);
  const stackLook = createStackLook({
    ...{ journal, compose, folder, resolver: options.resolver, lookAtDoor, render },
    provenWays: (lab) => provenWays(lab, secrets),
    logOf: (lab, service) => compose.logs(projectOf(lab, { folder, engine }), [service], 400),
    runs: { ...runs, readPresent: (lab, stack) => find().then(() => runs.readPresent(lab, stack)) },
    ownFindings: (stack) => ownFindings(stack, options),
    lookAtAuthelia: (stack, hasRun) => lookAtAuthelia(stack, options, hasRun),
  });
  const renderNow = async (answers: StackAnswers): Promise<RenderedNow> => {
    const facts = await stackFacts(look, answers.lab);
    return { rendering: await render(answers, facts), facts };
  };
  const watches = createWatches(options, {
    ...{ ...common, runs, audit },
    render: async (answers: StackAnswers) => (await renderNow(answers)).rendering,
    onChange: () => coordinator.wake(),
  });
  return {
    ...handedOn(options),
    ...{ ...watches, runs, look, stackLook, engine, render: renderNow },
    share: createRootShare({ showPage: options.showPage, clock }),
    runsHealthChecks: () => runsHealthChecks(coordinator),
  };
}
