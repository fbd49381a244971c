// AutoGit's token at the stack's GitLab: made once by GitLab's own console, rotated by the API before it ends.
import { AutoGitError } from '../../errors.ts';
import type { GitlabAdmin } from '../../stack-ports.ts';
import { secretName } from '../context.ts';
import { stackError, stackSecret } from './context.ts';
import type { GitlabPlace, StepContext } from './context.ts';

const day = 24 * 3_600_000;
/** GitLab allows a year at most. */
const lifeDays = 365;
/** With less than this left it is rotated. Milliseconds. */
const renewalMs = 30 * day;
/** The queue of all projects, settings and hooks need `api`; `admin_mode` counts only where an administrator has switched that on. */
export const tokenScopes = ['api', 'create_runner', 'manage_runner', 'admin_mode'] as const;
/** Rails takes a minute to start on a small machine. */
const consoleMs = 5 * 60_000;

/** An administrator's access with a good token, which is among the home's secrets. Rejects with `stack.token-failed`. */
export async function adminOf(place: GitlabPlace, context: TokenContext): Promise<GitlabAdmin> {
  const { secrets, connectAdmin } = context;
  const kept = secrets.get(secretName.gitlabToken);
  const known = kept === null ? null : await accepted(connectAdmin(place, kept));
  if (kept === null || known === null || !suffices(known))
    return connectAdmin(place, await makeToken(context));
  if (isEnding(known, context)) return connectAdmin(place, await rotate(place, kept, context));
  await noteEnd(known.expiresAt, context);
  return connectAdmin(place, kept);
}

/**
 * Between runs: true when the token is another one now. One that GitLab refuses is made anew only where AutoGit knows why:
 * it has ended, or a kill came between GitLab's answer to its rotation and the store. Rejects with
 * `stack.token-refused`, `stack.token-failed` and the errors of GitLab.
 */
export async function renewToken(place: GitlabPlace, context: TokenContext): Promise<boolean> {
  const { secrets, connectAdmin, clock, stack } = context;
  const kept = secrets.get(secretName.gitlabToken);
  const known = kept === null ? null : await accepted(connectAdmin(place, kept));
  if (kept !== null && known !== null && suffices(known)) {
    if (isEnding(known, context)) {
      await rotate(place, kept, context);
      return true;
    }
    await noteEnd(known.expiresAt, context);
    return false;
  }
  const until = Number(secrets.get(stackSecret(stack.lab, endSecret)) ?? Infinity);
  if (until > clock.now())
    throw stackError(
      'stack.token-refused',
      known === null
        ? "GitLab does not know AutoGit's token any more: somebody has revoked it."
        : "AutoGit's token at GitLab has fewer rights than AutoGit needs, or its user is no administrator any more.",
      'Let AutoGit make another one: autogit stack up',
    );
  await makeToken(context);
  return true;
}

/** What a token is made and rotated with. */
export type TokenContext = Pick<
  StepContext,
  'secrets' | 'connectAdmin' | 'clock' | 'compose' | 'instance' | 'project' | 'tell'
> & { readonly stack: Pick<StepContext['stack'], 'lab'>; readonly signal?: AbortSignal };

/** Instant from which on the token may be no more, whoever is asked. */
const endSecret = 'token-until';

async function noteEnd(at: number | null, { secrets, stack }: TokenContext): Promise<void> {
  const name = stackSecret(stack.lab, endSecret);
  if (at === null) return secrets.remove(name);
  if (secrets.get(name) !== String(at)) await secrets.set(name, String(at));
}

/** That it is begun is written down first: after a kill nobody may know the token that GitLab has made. */
async function rotate(place: GitlabPlace, kept: string, context: TokenContext): Promise<string> {
  const { secrets, connectAdmin, clock } = context;
  context.tell({ message: "Rotating AutoGit's token at GitLab" });
  await noteEnd(clock.now(), context);
  const end = clock.now() + lifeDays * day;
  const next = await connectAdmin(place, kept).rotateToken(end);
  await secrets.set(secretName.gitlabToken, next);
  await noteEnd(end, context);
  return next;
}

function isEnding({ expiresAt }: Who, { clock }: TokenContext): boolean {
  return expiresAt !== null && expiresAt - clock.now() <= renewalMs;
}

type Who = Awaited<ReturnType<GitlabAdmin['who']>>;

/** `null`: GitLab knows no such token. */
async function accepted(admin: GitlabAdmin): Promise<Who | null> {
  try {
    return await admin.who();
  } catch (error) {
    if (error instanceof AutoGitError && error.key === 'gitlab.unauthorized') return null;
    throw error;
  }
}

function suffices({ admin, scopes }: Who): boolean {
  return admin && tokenScopes.every((scope) => scopes.includes(scope));
}

/**
 * Those of the same name end first: one that a kill has left without anybody knowing it is no use and no danger.
 * The value comes back on standard output, and stands in no argument.
 */
async function makeToken(context: TokenContext): Promise<string> {
  const { compose, project, secrets, instance, clock, signal } = context;
  context.tell({ message: "Making AutoGit's token at GitLab, which takes its console a minute" });
  const script = tokenScript({
    name: `AutoGit ${instance.slice(0, 8)}`,
    scopes: tokenScopes,
    days: lifeDays,
  });
  const { code, stdout, stderr } = await compose.exec(
    project,
    'gitlab',
    ['gitlab-rails', 'runner', '-'],
    script,
    consoleMs,
    signal,
  );
  const token = /^(\S{20,})$/.exec(stdout.trim().split('\n').at(-1)?.trim() ?? '')?.[1];
  if (code !== 0 || token === undefined)
    throw stackError(
      'stack.token-failed',
      `GitLab's console could not make a token for AutoGit (exit code ${code}): ${lastWords(stderr)}`,
      'See whether GitLab runs and has memory left: autogit stack logs gitlab. Then run autogit stack up again.',
    );
  await secrets.set(secretName.gitlabToken, token);
  await noteEnd(clock.now() + lifeDays * day, context);
  return token;
}

interface TokenWish {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly days: number;
}

/** https://docs.gitlab.com/user/profile/personal_access_tokens/#create-a-personal-access-token-programmatically */
export function tokenScript(wish: TokenWish): string {
  return `# autogit: ${JSON.stringify(wish)}
require 'json'
wish = JSON.parse(<<~'WISH')
  ${JSON.stringify(wish)}
WISH
root = User.find_by(username: 'root') || User.admins.order(:id).first
raise 'GitLab has no administrator' if root.nil?
root.personal_access_tokens.active.where(name: wish['name']).find_each(&:revoke!)
token = root.personal_access_tokens.create!(
  name: wish['name'],
  scopes: wish['scopes'].map(&:to_sym),
  expires_at: wish['days'].days.from_now
)
puts token.token
`;
}

function lastWords(text: string): string {
  const words = text
    .replaceAll(/\p{C}+/gu, ' ')
    .trim()
    .slice(-300);
  return words === '' ? 'it said nothing' : words;
}
