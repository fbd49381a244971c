// The stack of a home: its runs, what is there of it, and how it is rendered now; made once over the ports.
import type { GitlabPlace } from '../../apply/stack/context.ts';
import type { Snapshot } from '../../contract/snapshot.ts';
import { AutoGitError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { Rendering, StackFacts } from '../../model/stack/stack.ts';
import { freshValue } from '../../plan/freshness.ts';
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
import { stackFacts } from './stack-facts.ts';
import { createStackHome } from './stack-home.ts';
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
}

/** A stack as answers make it on this machine now. */
export interface RenderedNow {
  readonly rendering: Rendering;
  readonly facts: StackFacts;
}

export interface StackDesk extends Pick<
  StackAdapters,
  'journal' | 'compose' | 'folder' | 'templates' | 'crypto' | 'connectDnsProvider' | 'lookAtSsh'
> {
  readonly runs: StackRuns;
  /** For looks at machine and stack. */
  readonly look: StackLookContext;
  readonly stackLook: StackLookParts;
  /** Address of the engine in use. Throws `stack.no-engine`. */
  engine(): string;
  /** Answers of the stack that is or was up here. Throws `stack.none`. */
  requireCurrent(): StackAnswers;
  render(answers: StackAnswers): Promise<RenderedNow>;
}

function noEngine(): AutoGitError {
  return new AutoGitError({
    key: 'stack.no-engine',
    message: 'No container engine answers, and the stack is made of containers.',
    next: 'See why: autogit engine list',
    retry: true,
  });
}

/** The first answer of GitLab itself is a refusal, because nobody is named; a proxy in front says something else. */
function whyNotReady(lookAtDoor: LookAtDoor): (place: GitlabPlace) => Promise<string | null> {
  return async ({ url, reach }) => {
    const { hostname, port } = new URL(url);
    const at = /^(.*):(\d+)$/.exec(reach ?? '');
    const host = at?.[1] ?? hostname;
    const number = Number(at?.[2] ?? (port === '' ? 443 : port));
    const { status } = await lookAtDoor(`${url}/api/v4/version`, { host, port: number });
    if (status === 401 || status === 200) return null;
    return status === null ? `nothing answers at ${url}` : `${url} answers with status ${status}`;
  };
}

/** Podman leaves them to systemd's timers. */
function runsHealthChecks({ coordinator }: StackDeskOptions): boolean {
  const { observed } = coordinator.look();
  const infos = observed.nodes.map(({ engine }) => freshValue(engine)?.info ?? null);
  return infos.every((info) => info?.kind !== 'podman');
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

/** Nothing goes on before somebody begins a run, or `runs.resume`. */
export function createStackDesk(options: StackDeskOptions): StackDesk {
  const { coordinator, settings, probe, clock, journal, compose, folder, templates, crypto } = options;
  const { store, secrets, engines, lookAtDoor, readText, connectAdmin } = options;
  const { connectDnsProvider, lookAtSsh } = options;
  const engine = (): string => {
    const host = coordinator.node()?.place.host;
    if (host === undefined) throw noEngine();
    return host;
  };
  // The doctor looks at what runs do, and runs ask the doctor first: each is asked only once both are there.
  const look: StackLookContext = {
    ...{ engines, settings, coordinator, probe, clock },
    get stackLook() {
      return stackLook;
    },
  };
  const runs: StackRuns = createStackRuns({
    ...{ journal, compose, folder, clock, templates, crypto, secrets, connectAdmin, engine, readText },
    ...{ log: options.log.topic('stack'), instance: store.instance, home: createStackHome(options) },
    images: options.createImages(engine),
    facts: (lab) => stackFacts(look, lab),
    render: renderStack,
    findings: async (stack, known) => {
      const present = await stackLook.presentOf(stack).catch(() => null);
      return findingsBeforeUp(look, stack, { facts: known, present });
    },
    takenPorts: (stack) => takenPorts(look, stack),
    whyNotReady: whyNotReady(lookAtDoor),
    runsHealthChecks: () => runsHealthChecks(options),
    onEnd: ({ verb, outcome }) => {
      const request = `stack.${verb}, its end`;
      store.audit({ at: clock.now(), door: 'core', request, outcome: outcome ?? 'open' });
    },
  });
  const render = async (answers: StackAnswers, facts: StackFacts): Promise<Rendering> =>
    renderStack({ answers, facts, templates: await templates.read() });
  const stackLook = createStackLook({
    ...{ journal, compose, folder, resolver: options.resolver, lookAtDoor, runs, render },
  });
  return {
    ...{ runs, look, stackLook, engine, journal, compose, folder, templates, crypto },
    ...{ connectDnsProvider, lookAtSsh },
    requireCurrent: () => requireCurrent(options),
    render: async (answers) => {
      const facts = await stackFacts(look, answers.lab);
      return { rendering: await render(answers, facts), facts };
    },
  };
}
