// What `gitlab.connect` does: looks at a GitLab that is there already, and has this home serve it.
import { secretName } from '../apply/context.ts';
import { diffSettings } from '../config/diff-settings.ts';
import type { Output, ParsedInput } from '../contract/contract.ts';
import { AutoGitError, problemOf } from '../errors.ts';
import type { GitlabSettings, Settings } from '../model/settings.ts';
import { isOnlyHere, judgeGitlab } from '../plan/judge-gitlab.ts';
import type { GitlabFacts, GitlabFinding } from '../plan/judge-gitlab.ts';
import type { Clock, Secrets } from '../ports.ts';
import type { ConnectGitlabAdmin, GitlabAdmin } from '../stack-ports.ts';
import type { ReadCertificate } from './ca-file.ts';
import type { Coordinator } from './coordinator.ts';
import type { LiveState } from './live-state.ts';
import { toOutcome } from './outcome.ts';
import type { StackLookParts } from './stack/look-parts.ts';
import type { SettingsAccess } from './settings-access.ts';

/** What connecting needs of the core. */
export interface ConnectContext {
  readonly settings: Pick<SettingsAccess, 'current' | 'edit'>;
  readonly secrets: Pick<Secrets, 'get' | 'set' | 'remove'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly live: Pick<LiveState, 'until'>;
  readonly coordinator: Pick<Coordinator, 'refresh' | 'reconsider'>;
  readonly connectGitlabAdmin: ConnectGitlabAdmin;
  readonly readCertificate: ReadCertificate;
  readonly stack: { readonly stackLook: Pick<StackLookParts, 'lookAtDoor'> };
}

type Input = ParsedInput<'gitlab.connect'>;
type Connected = Output<'gitlab.connect'>;
type Server = Extract<GitlabSettings, { kind: 'server' }>;

/** How long the first look at the new GitLab is waited for. Milliseconds. */
const firstLookMs = 30_000;

/**
 * Rejects with `gitlab.home-in-use`, `gitlab.token-missing`, `gitlab.ca-unreadable`, with what is wrong with the GitLab
 * (`gitlab.too-old`, `gitlab.not-admin`, `gitlab.scope-missing`, …), and like `GitlabAdmin`. A dry run says what was found,
 * and rejects where nothing could be.
 */
export async function connectExisting(input: Input, context: ConnectContext): Promise<Connected> {
  const present = context.settings.current().gitlab;
  const wanted = wantedOf(input, present);
  requireRoom(present, wanted, input.replace);
  const token = input.token ?? keptToken(present, wanted, context);
  const facts = await look(wanted, { token, isGiven: input.token !== undefined }, context);
  const findings = judgeGitlab(facts);
  const found = {
    ...{ version: facts.version, username: facts.username, admin: facts.admin },
    ...{ scopes: [...facts.scopes], expiresAt: facts.expiresAt, runnerUrl: wanted.runnerUrl ?? wanted.url },
  };
  const worst = findings.find(({ severity }) => severity === 'error');
  if (worst !== undefined && !input.dryRun) throw refusal(worst, wanted);
  const { dryRun } = input;
  const edit = (settings: Settings): Settings => ({ ...settings, gitlab: wanted });
  const { before, after } = await context.settings.edit(edit, { dryRun: true });
  const changes = diffSettings(before, after).map((one) => ({ ...one }));
  const shown = { found, findings: [...findings], changes, valid: worst === undefined };
  if (dryRun) return { ...toOutcome([], true, wouldSay(wanted, found.version, worst)), ...shown };
  // In between there is no token: neither GitLab ever sees that of the other.
  const { secrets } = context;
  if (secrets.get(secretName.gitlabToken) !== token) await secrets.remove(secretName.gitlabToken);
  await context.settings.edit(edit, { dryRun: false });
  await secrets.set(secretName.gitlabToken, token);
  return { ...(await settle(wanted, context)), ...shown };
}

/** A GitLab's address as it is kept: no slash at the end, nothing behind the path. Throws a `TypeError` for what is none. */
export function plainUrl(text: string): string {
  const { origin, pathname } = new URL(text);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function wantedOf({ url, runnerUrl, ca }: Input, present: GitlabSettings): Server {
  const plain = plainUrl(url);
  const runner = runnerUrl === undefined ? null : plainUrl(runnerUrl);
  const same = present.kind === 'server' && present.url === plain ? present : null;
  return {
    kind: 'server',
    url: plain,
    runnerUrl: runner ?? same?.runnerUrl ?? null,
    ca: ca ?? same?.ca ?? null,
    trustInJobs: same?.trustInJobs ?? true,
    stack: same?.stack ?? null,
  };
}

/** What is served now is not put aside without a word. */
function requireRoom(present: GitlabSettings, wanted: Server, replace: boolean): void {
  if (replace || present.kind === 'none') return;
  if (present.kind === 'server' && present.url === wanted.url) return;
  const isStack = present.kind === 'server' && present.stack !== null;
  const what =
    present.kind === 'sandbox'
      ? 'the sandbox'
      : `the GitLab at ${present.url}${isStack ? ', which is its own stack' : ''}`;
  throw new AutoGitError({
    key: 'gitlab.home-in-use',
    message: `This home serves ${what}. AutoGit would forget its jobs and runner entries; what is in it stays.`,
    next: 'Say so with --replace, or give the other GitLab a home of its own: AUTOGIT_HOME=~/autogit-other autogit gitlab connect …',
  });
}

/** The token of this home goes to the GitLab that it is of, and to no other. */
function keptToken(present: GitlabSettings, wanted: Server, { secrets }: ConnectContext): string {
  const isSame = present.kind === 'server' && present.url === wanted.url;
  const token = isSame ? secrets.get(secretName.gitlabToken) : null;
  if (token !== null) return token;
  throw new AutoGitError({
    key: 'gitlab.token-missing',
    message: `AutoGit has no token for the GitLab at ${wanted.url}.`,
    next: `Make one for an administrator, with the scopes api and admin_mode: ${wanted.url}/-/user_settings/personal_access_tokens. Give it on standard input, at the prompt, or in AUTOGIT_GITLAB_TOKEN.`,
  });
}

interface Token {
  readonly token: string;
  /** By the person in this very request; otherwise it is the kept one. */
  readonly isGiven: boolean;
}

/** Whether a token for one address may be sent to another: only what was just given leaves its origin, and not its host. */
function mayHaveToken(runnerUrl: string, url: string, isGiven: boolean): boolean {
  const [runner, own] = [new URL(runnerUrl), new URL(url)];
  if (runner.origin === own.origin) return true;
  const isWeaker = own.protocol === 'https:' && runner.protocol !== 'https:';
  return isGiven && !isWeaker && runner.hostname === own.hostname;
}

async function look(
  wanted: Server,
  { token, isGiven }: Token,
  context: ConnectContext,
): Promise<GitlabFacts> {
  const { connectGitlabAdmin, readCertificate, clock } = context;
  const ca = wanted.ca === null ? null : await readCertificate(wanted.ca);
  const connect = wanted.stack?.connect ?? null;
  const admin = connectGitlabAdmin({ url: wanted.url, ca, reach: connect }, token);
  const who = await admin.who();
  const runnerUrl = wanted.runnerUrl;
  const asks = runnerUrl !== null && runnerUrl !== wanted.url && !isOnlyHere(runnerUrl);
  return {
    ...{ ...who, url: wanted.url, runnerUrl, hasCa: ca !== null, now: clock.now() },
    settings: await readsSettings(admin),
    runnerWay: !asks
      ? null
      : mayHaveToken(runnerUrl, wanted.url, isGiven)
        ? await lookAtWay(() => connectGitlabAdmin({ url: runnerUrl, ca, reach: null }, token))
        : await knockAt(runnerUrl, context),
  };
}

/** What Admin Mode keeps from a token is refused with 403; nothing else that goes wrong here says anything about it. */
async function readsSettings(admin: GitlabAdmin): Promise<GitlabFacts['settings']> {
  try {
    await admin.settings();
    return 'read';
  } catch (error) {
    return problemOf(error).key === 'gitlab.forbidden' ? 'refused' : null;
  }
}

async function lookAtWay(connect: () => GitlabAdmin): Promise<NonNullable<GitlabFacts['runnerWay']>> {
  try {
    return { problem: null, version: (await connect().who()).version };
  } catch (error) {
    return { problem: problemOf(error), version: null };
  }
}

/** Without a token: GitLab's refusal to tell a stranger its version shows that it is reached. */
async function knockAt(
  url: string,
  { stack }: ConnectContext,
): Promise<NonNullable<GitlabFacts['runnerWay']>> {
  const { protocol, hostname, port } = new URL(url);
  const number = Number(port === '' ? (protocol === 'https:' ? 443 : 80) : port);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const { status } = await stack.stackLook.lookAtDoor(`${url}/api/v4/version`, { host, port: number });
  if (status === 401 || status === 200) return { problem: null, version: null };
  const isSilent = status === null;
  const problem = {
    key: isSilent ? 'gitlab.unreachable' : 'gitlab.unexpected',
    message: isSilent ? `nothing answers at ${url}.` : `${url} says ${status}, as GitLab would not.`,
    next: 'Correct --runner-url.',
  };
  return { problem, version: null };
}

function refusal({ key, message, next }: GitlabFinding, { url }: Server): AutoGitError {
  return new AutoGitError({ key, message, next: `Nothing was changed. ${next}`, fields: { url } });
}

function wouldSay({ url }: Server, version: string, worst: GitlabFinding | undefined): string {
  const what = `GitLab ${version} at ${url}`;
  return worst === undefined
    ? `${what} can be used: this home would serve it.`
    : `${what} cannot be used like this: ${worst.message}`;
}

async function settle(
  { url }: Server,
  { live, coordinator }: ConnectContext,
): Promise<ReturnType<typeof toOutcome>> {
  coordinator.reconsider();
  coordinator.refresh();
  const seen = await live.until(
    ({ gitlab }) => gitlab.kind === 'server' && gitlab.url === url && gitlab.state !== 'starting',
    firstLookMs,
  );
  const next = 'See whether its pools give their jobs what they should: autogit pool prove';
  if (seen?.gitlab.state === 'ready')
    return toOutcome([], false, `This home serves the GitLab at ${url} now.`, next);
  const why = seen?.gitlab.problem?.message ?? 'it has not been looked at yet';
  return toOutcome(
    [],
    false,
    `This home serves the GitLab at ${url} from now on; ${why}.`,
    'See: autogit status',
  );
}
