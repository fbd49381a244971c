// Who signs people in, whether that works for each program, and trying it again by itself when something of it is another.
import type { SignInWeb, WebWay } from '../../access-ports.ts';
import { rootOf } from '../../apply/stack/certificates.ts';
import { certificatesIn } from '../../apply/stack/directory-root.ts';
import { heedStop, placeOf, projectOf, stackSecret } from '../../apply/stack/context.ts';
import type { Log } from '../../log.ts';
import type { Issue } from '../../model/issue.ts';
import { oidcProviders } from '../../model/oidc-providers.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { hashOf } from '../../model/stack/content-hash.ts';
import { isGood } from '../../model/stack/sign-in-test.ts';
import type { SignInRecord, SignInStep, SignInTest } from '../../model/stack/sign-in-test.ts';
import type { RenderedStack, Rendering } from '../../model/stack/stack.ts';
import type { Clock, Secrets } from '../../ports.ts';
import type { Compose, StackFolder, StackJournal } from '../../stack-ports.ts';
import { refusedAnswers } from './refused-answers.ts';
import { createSsoFailures } from './sso-failures.ts';
import type { SsoFailures } from './sso-failures.ts';
import { tryForward } from './sso-forward.ts';
import { tryGitlab } from './sso-gitlab.ts';
import { tryProvider } from './sso-provider.ts';
import type { ProviderEntry } from './sso-provider.ts';
import type { StackRuns } from './stack-runs.ts';

/** Of looks whether something is another since the last try. Milliseconds. */
const roundMs = 30_000;
/** What has failed is tried again, whatever has changed. Milliseconds. */
const againMs = 600_000;
/** The same of what may only be starting. Milliseconds. */
const soonMs = 120_000;

/** Name of the secret that only the person has. */
export const oidcSecret = 'oidc-client-secret';
const autheliaSecret = 'authelia-gitlab-secret';

/** A program that people sign in to. */
export interface SsoClient {
  readonly id: string;
  readonly title: string;
  /** `oidc`: it asks by itself; `forward`: Traefik asks before it. */
  readonly how: 'oidc' | 'forward';
  readonly url: string;
  /** `null`: none. */
  readonly redirect: string | null;
}

/** What is tried, as the stack has it. */
export interface SsoSubject {
  readonly stack: RenderedStack;
  readonly entry: ProviderEntry;
  readonly label: string;
  readonly clients: readonly SsoClient[];
  readonly way: WebWay;
  /** The provider is reached as everything else of the lab, or as its own name says. */
  readonly providerWay: WebWay;
}

export interface SsoDesk {
  /** `null`: nobody signs in to more than GitLab. Rejects with the first problem of the answers. */
  subject(answers: StackAnswers): Promise<SsoSubject | null>;
  /** Of one program, or of all. Rejects like `subject`. */
  test(answers: StackAnswers, client?: string): Promise<readonly SignInTest[]>;
  /** The newest of each program. */
  kept(lab: string): readonly SignInTest[];
  start(): void;
  /** One look, now; nothing is tried that need not be. Never rejects. */
  look(): Promise<void>;
  issues(): readonly Issue[];
  stop(): Promise<void>;
}

export interface SsoDeskOptions {
  readonly web: SignInWeb;
  readonly compose: Pick<Compose, 'exec'>;
  readonly folder: StackFolder;
  readonly journal: StackJournal;
  readonly secrets: Pick<Secrets, 'get'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly runs: Pick<StackRuns, 'aside'>;
  engine(): string;
  render(answers: StackAnswers): Promise<Rendering>;
  readonly readText: (path: string) => Promise<string>;
  /** Issues have come or gone. */
  readonly onChange: () => void;
}

export function redirectOf(gitlabUrl: string): string {
  return `${gitlabUrl}/users/auth/openid_connect/callback`;
}

/** Nothing runs before `start`. */
export function createSsoDesk(options: SsoDeskOptions): SsoDesk {
  const { clock, log, journal, onChange } = options;
  const stopping = new AbortController();
  const memory: Memory = { triedAt: -Infinity, triedMark: null, failures: createSsoFailures(clock) };
  let loop: Promise<void> = Promise.resolve();
  let told = '[]';
  const tell = (): void => {
    const now = JSON.stringify(issuesIn(journal, memory));
    if (now !== told) onChange();
    told = now;
  };
  const test = async (
    answers: StackAnswers,
    client?: string,
    signal: AbortSignal = stopping.signal,
  ): Promise<readonly SignInTest[]> => {
    const mark = markOf(answers, journal);
    const tried = await testAll(answers, client, heeding(signal, options));
    // What was cut off says nothing.
    heedStop(signal);
    if (client === undefined) Object.assign(memory, { triedAt: clock.monotonic(), triedMark: mark });
    keep({ answers, mark, isWhole: client === undefined }, tried, { journal, memory });
    tell();
    return tried.tests;
  };
  const look = async (): Promise<void> => {
    try {
      if (stopping.signal.aborted) return;
      const answers = whatIsDue(options, memory);
      if (answers !== null) await tryAside(answers, test, { options, memory, stop: stopping.signal });
      tell();
    } catch (error) {
      log.warn('nobody could look whether people can sign in', { error });
    }
  };
  return {
    test: (answers, client) => test(answers, client),
    look,
    subject: (answers) => subjectOf(answers, options),
    kept: (lab) => recordOf(lab, journal)?.tests ?? [],
    issues: () => issuesIn(journal, memory),
    start: () => {
      loop = (async () => {
        while (!stopping.signal.aborted) {
          await clock.sleep(roundMs, stopping.signal);
          await look();
        }
      })();
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

interface Memory {
  /** Of the last try of everything; an instant of the monotonic clock. */
  triedAt: number;
  /** Of what that was about, also where it came to nothing. */
  triedMark: string | null;
  readonly failures: SsoFailures;
}

type Test = (answers: StackAnswers, client: undefined, signal: AbortSignal) => Promise<unknown>;

/** Never rejects. It gives way to a run, and is made up for afterwards. */
async function tryAside(
  answers: StackAnswers,
  test: Test,
  { options, memory, stop }: { options: SsoDeskOptions; memory: Memory; stop: AbortSignal },
): Promise<void> {
  const { runs, clock, log, journal } = options;
  let isCut = (): boolean => stop.aborted;
  try {
    await runs.aside((given) => {
      const signal = AbortSignal.any([given, stop]);
      isCut = () => signal.aborted;
      return test(answers, undefined, signal);
    });
  } catch (error) {
    if (isCut()) return;
    Object.assign(memory, { triedAt: clock.monotonic(), triedMark: markOf(answers, journal) });
    memory.failures.noteProblem(answers.lab, error);
    log.warn('nobody knows whether people can sign in', { error });
  }
}

/** The same, but nothing is waited for any more once the signal fires. */
function heeding(signal: AbortSignal, options: SsoDeskOptions): SsoDeskOptions {
  const { web, compose } = options;
  return {
    ...options,
    web: {
      resolve: (host) => untilStop(web.resolve(host), signal),
      ask: async (url, question, way) => {
        heedStop(signal);
        return web.ask(url, { ...question, signal }, way);
      },
    },
    compose: {
      exec: async (project, service, command, input, ms) => {
        heedStop(signal);
        return compose.exec(project, service, command, input, ms, signal);
      },
    },
  };
}

/** Of what cannot be ended, but ends by itself. */
async function untilStop<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  heedStop(signal);
  const { promise, reject } = Promise.withResolvers<never>();
  const end = (): void => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

function recordOf(lab: string, journal: Pick<StackJournal, 'signInTests'>): SignInRecord | null {
  const record = journal.signInTests();
  return record?.lab === lab ? record : null;
}

/** Another mark: something that signing in depends on is another. Services have hashes of all that they read. */
function markOf({ sso, oidc }: StackAnswers, journal: StackJournal): string {
  const services = journal.standing()?.services ?? {};
  const parts = ['gitlab', 'authelia', 'traefik'].map((name) => services[name] ?? '');
  return hashOf(JSON.stringify([sso, oidc, parts]));
}

/** Answers of the stack that stands, where it is to be tried; `null`: nothing is. */
function whatIsDue({ journal, clock }: SsoDeskOptions, memory: Memory): StackAnswers | null {
  const { triedAt, triedMark, failures } = memory;
  const standing = journal.standing();
  if (standing?.isUp !== true || standing.answers.sso === 'off') {
    failures.forget();
    return null;
  }
  if (journal.open() !== null) return null;
  const { answers } = standing;
  const record = recordOf(answers.lab, journal);
  const mark = markOf(answers, journal);
  const since = clock.monotonic() - triedAt;
  const isLate = since >= (failures.areWaiting() ? soonMs : againMs);
  const failing = record?.tests.some((one) => !one.good) === true;
  const isOther = record?.mark !== mark && mark !== triedMark;
  return isOther || ((failing || record?.mark !== mark) && isLate) ? answers : null;
}

interface Trial {
  readonly answers: StackAnswers;
  readonly mark: string;
  /** Every program was tried. */
  readonly isWhole: boolean;
}

/** What was found of programs that nobody signs in to any more is forgotten. */
function keep(
  { answers: { lab }, mark, isWhole }: Trial,
  { tests, clients }: Tried,
  { journal, memory }: { readonly journal: StackJournal; readonly memory: Memory },
): void {
  const record = recordOf(lab, journal);
  const former = record?.tests ?? [];
  const others = former.filter(
    ({ client }) => clients.includes(client) && !tests.some((one) => one.client === client),
  );
  memory.failures.noteTests(tests, former);
  journal.setSignInTests({ lab, mark: isWhole ? mark : (record?.mark ?? ''), tests: [...tests, ...others] });
}

function issuesIn(journal: StackJournal, { failures }: Memory): readonly Issue[] {
  const standing = journal.standing();
  if (standing?.isUp !== true || standing.answers.sso === 'off') return [];
  return failures.issues(recordOf(standing.answers.lab, journal)?.tests ?? []);
}

async function subjectOf(answers: StackAnswers, options: SsoDeskOptions): Promise<SsoSubject | null> {
  const { secrets, readText } = options;
  const rendering = await options.render(answers);
  if (!rendering.ok) throw refusedAnswers(rendering.problems);
  const { stack } = rendering;
  const { sso, oidc, lab } = stack.answers;
  if (sso === 'off') return null;
  const { ca, reach } = placeOf({ stack, secrets }, rootOf);
  const way = { ca, connect: reach };
  const redirectUri = redirectOf(stack.gitlabUrl);
  const port = new URL(stack.gitlabUrl).port;
  const urlOf = (name: string): string => `https://${name}.${stack.domain}${port === '' ? '' : `:${port}`}`;
  const gitlab: SsoClient = {
    id: 'gitlab',
    title: 'GitLab',
    how: 'oidc',
    url: stack.gitlabUrl,
    redirect: redirectUri,
  };
  if (sso === 'oidc' && oidc !== null) {
    const root = oidc.ca === null ? null : certificatesIn(await readText(oidc.ca)).join('\n');
    return {
      ...{ stack, way, clients: [gitlab], providerWay: { ca: root, connect: null } },
      entry: { ...entryOf(oidc, secrets.get(stackSecret(lab, oidcSecret))), redirectUri },
      label: oidc.label ?? oidcProviders[oidc.provider]?.title ?? oidc.provider,
    };
  }
  const traefik: SsoClient = {
    ...{ id: 'traefik', title: "Traefik's dashboard", how: 'forward', url: urlOf('traefik'), redirect: null },
  };
  const label = stack.answers.templates['authelia']?.['label'];
  const secret = secrets.get(stackSecret(lab, autheliaSecret));
  return {
    ...{ stack, way, clients: [gitlab, traefik], providerWay: way },
    entry: { ...autheliaEntry, issuer: urlOf('auth'), secret, redirectUri },
    label: typeof label === 'string' ? label : 'Authelia',
  };
}

/** GitLab's entry at Authelia, but for what each stack has of its own. */
const autheliaEntry = {
  ...{ clientId: 'gitlab', scopes: ['openid', 'profile', 'email', 'groups'], pkce: true },
  advice:
    "Authelia and GitLab get the same from AutoGit; bring both into step: autogit stack up. Somebody's own change of a file is shown first.",
} as const;

/** GitLab's entry at another provider, without the address that it has. */
export function entryOf(
  { provider, issuer, clientId }: NonNullable<StackAnswers['oidc']>,
  secret: string | null,
): Omit<ProviderEntry, 'redirectUri'> {
  const { scopes = ['openid', 'profile', 'email'], title = 'the provider' } = oidcProviders[provider] ?? {};
  return {
    ...{ issuer, clientId, secret, scopes, pkce: true },
    advice: `Compare GitLab's entry at ${title} with: autogit sso providers. Another secret is given with: autogit stack set-secret ${oidcSecret}`,
  };
}

interface Tried {
  readonly tests: readonly SignInTest[];
  /** All that there are. */
  readonly clients: readonly string[];
}

async function testAll(
  answers: StackAnswers,
  client: string | undefined,
  options: SsoDeskOptions,
): Promise<Tried> {
  const subject = await subjectOf(answers, options);
  const tests: SignInTest[] = [];
  for (const one of subject?.clients ?? []) {
    if (subject === null || (client !== undefined && one.id !== client)) continue;
    const steps = [...(await stepsFor(one, subject, options))];
    tests.push({ client: one.id, at: options.clock.now(), good: isGood(steps), steps });
  }
  return { tests, clients: subject?.clients.map(({ id }) => id) ?? [] };
}

async function stepsFor(
  { how, url }: SsoClient,
  { entry, label, way, providerWay, stack }: SsoSubject,
  options: SsoDeskOptions,
): Promise<readonly SignInStep[]> {
  const { web, compose } = options;
  if (how === 'forward') return tryForward({ url, portal: entry.issuer, web, way });
  const { steps, document } = await tryProvider({ entry, web, way: providerWay });
  const project = () => projectOf(stack.lab, options);
  return [...steps, ...(await tryGitlab({ url, entry, label, document, web, way, compose, project }))];
}
