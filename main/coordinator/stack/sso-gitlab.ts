// Tries GitLab's side of signing in: its page has the button, and the button leads to the provider as it should.
import type { SignInWeb, WebAnswer, WebWay } from '../../access-ports.ts';
import type { ComposeProject } from '../../stack-ports.ts';
import type { Compose } from '../../stack-ports.ts';
import type { SignInStep } from '../../model/stack/sign-in-test.ts';
import type { ProviderDocument, ProviderEntry } from './sso-provider.ts';
import { bad, good, quoted, skipped, tryAll } from './sso-steps.ts';
import type { Finding } from './sso-steps.ts';

const service = 'gitlab';
/** For a program in GitLab's container. Milliseconds. */
const deadlineMs = 30_000;
const path = '/users/auth/openid_connect';

export interface GitlabTrial {
  readonly url: string;
  readonly entry: ProviderEntry;
  readonly label: string;
  readonly document: ProviderDocument | null;
  readonly web: SignInWeb;
  readonly way: WebWay;
  readonly compose: Pick<Compose, 'exec'>;
  readonly project: () => ComposeProject;
}

/** Never rejects. */
export async function tryGitlab(trial: GitlabTrial): Promise<readonly SignInStep[]> {
  const { web, url, way } = trial;
  let page: WebAnswer | null = null;
  let begun: { readonly isGood: boolean; readonly notice: string | null } | null = null;
  return tryAll([
    {
      ...{ key: 'sso.gitlab-page', label: "GitLab's button" },
      run: async () => {
        page = await web.ask(`${url}/users/sign_in`, {}, way);
        return judgePage(page, trial);
      },
    },
    {
      ...{ key: 'sso.gitlab-begin', label: 'The way to the provider', after: ['sso.gitlab-page'] },
      run: async () => {
        if (page === null) return skipped('Not tried.');
        const { finding, notice } = await press(page, trial);
        begun = { isGood: finding.state === 'good', notice };
        return finding;
      },
    },
    {
      ...{ key: 'sso.gitlab-reach', label: 'From GitLab to the provider', after: ['sso.gitlab-page'] },
      run: async () =>
        begun?.isGood === true
          ? good('GitLab has read from within its container how the provider describes itself.')
          : reachFromInside(trial),
    },
  ]);
}

function judgePage({ status, text }: WebAnswer, { url, label }: GitlabTrial): Finding {
  if (status !== 200)
    return bad(
      `${url}/users/sign_in answers with status ${status}.`,
      'See how GitLab is: autogit stack status',
    );
  if (!text.includes(path))
    return bad(
      "GitLab's sign-in page has no button for the provider.",
      'Its settings name no provider, or GitLab has not read them: autogit stack up, then autogit stack restart gitlab',
    );
  if (!decode(text).includes(label))
    return bad(
      `The button on GitLab's sign-in page does not say ${quoted(label)}.`,
      'GitLab has not read its settings: autogit stack restart gitlab',
    );
  return good(`GitLab's sign-in page has the button ${quoted(label)}.`);
}

/** As a browser would: with the page's cookie and its hidden field. */
async function press(
  { text, cookies }: WebAnswer,
  { url, web, way, entry, document }: GitlabTrial,
): Promise<{ readonly finding: Finding; readonly notice: string | null }> {
  const token =
    /name="authenticity_token" value="([^"]+)"/.exec(text)?.[1] ??
    /name="csrf-token" content="([^"]+)"/.exec(text)?.[1];
  const jar = cookies.map((line) => line.split(';')[0] ?? '').join('; ');
  const form = { authenticity_token: decode(token ?? '') };
  const answer = await web.ask(`${url}${path}`, { headers: { cookie: jar }, form }, way);
  const { location, status } = answer;
  if (location === null || new URL(location).origin === url)
    return failed(await noticeOf(answer, jar, { url, web, way }), status);
  const to = new URL(location);
  const asked = to.searchParams;
  const wrong = [
    document !== null &&
    `${to.origin}${to.pathname}` !==
      `${new URL(document.authorization_endpoint).origin}${new URL(document.authorization_endpoint).pathname}`
      ? `leads to ${to.origin}`
      : null,
    asked.get('client_id') === entry.clientId ? null : `calls itself ${quoted(asked.get('client_id') ?? '')}`,
    asked.get('redirect_uri') === entry.redirectUri
      ? null
      : `wants people back at ${quoted(asked.get('redirect_uri') ?? '')}`,
    !entry.pkce || (asked.get('code_challenge_method') === 'S256' && asked.has('code_challenge'))
      ? null
      : 'uses no PKCE',
    asked.get('state') ? null : 'has no state',
    asked.get('nonce') ? null : 'has no nonce',
  ].filter((one) => one !== null);
  if (wrong.length === 0)
    return { finding: good(`The button leads to ${to.origin}, with state, nonce and PKCE.`), notice: null };
  const next =
    'Somebody has changed gitlab.rb, or GitLab has not read it: autogit stack up, then autogit stack restart gitlab';
  return { finding: bad(`GitLab's button ${wrong.join(', ')}.`, next), notice: null };
}

/** What GitLab says on the page to which it goes back. */
async function noticeOf(
  { location, cookies }: WebAnswer,
  former: string,
  { url, web, way }: Pick<GitlabTrial, 'url' | 'web' | 'way'>,
): Promise<string | null> {
  if (location === null) return null;
  const cookie = cookies.length === 0 ? former : cookies.map((line) => line.split(';')[0] ?? '').join('; ');
  const { text } = await web.ask(`${url}/users/sign_in`, { headers: { cookie } }, way);
  return /Could not authenticate you from [^<]*/.exec(decode(text))?.[0]?.trim() ?? null;
}

/** https://docs.gitlab.com/omnibus/settings/ssl/ssl_troubleshooting/ */
function failed(
  notice: string | null,
  status: number,
): { readonly finding: Finding; readonly notice: string | null } {
  if (notice === null)
    return {
      finding: bad(
        `GitLab does not lead to the provider (status ${status}).`,
        'Its log says why: autogit stack logs gitlab',
      ),
      notice,
    };
  if (/certificate|ssl/i.test(notice))
    return {
      finding: bad(
        `GitLab does not trust the provider's certificate: ${quoted(notice)}.`,
        'GitLab reads roots when it starts: autogit stack restart gitlab. Of another provider, name its root as oidc.ca in the answers.',
      ),
      notice,
    };
  return {
    finding: bad(
      `GitLab cannot ask the provider: ${quoted(notice)}.`,
      'The next step says what is in the way.',
    ),
    notice,
  };
}

/** With GitLab's own curl, which trusts what GitLab trusts. Only where GitLab itself could not: it has said nothing of why. */
async function reachFromInside({ entry, compose, project }: GitlabTrial): Promise<Finding> {
  const address = `${entry.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const command = [
    '/opt/gitlab/embedded/bin/curl',
    '--silent',
    '--show-error',
    '--fail',
    '--max-time',
    '15',
    '--output',
    '/dev/null',
    address,
  ];
  const { code, stderr } = await compose.exec(project(), service, command, '', deadlineMs);
  // https://everything.curl.dev/cmdline/exitcode.html
  switch (code) {
    case 0:
      return good('From within its container GitLab reaches the provider, and trusts its certificate.');
    case 6:
      return bad(
        `Within GitLab's container nobody knows the name ${new URL(entry.issuer).hostname}.`,
        'Traefik has that name on the networks of the stack: autogit stack up. Of another provider: the machine’s name server has to know it.',
      );
    case 35:
    case 60:
      return bad(
        `Within its container GitLab does not trust the provider's certificate: ${quoted(stderr)}.`,
        'GitLab reads roots when it starts: autogit stack restart gitlab',
      );
    default:
      return bad(
        `Within its container GitLab does not reach the provider: ${quoted(stderr || `curl ended with ${code}`)}.`,
        'See how Traefik and Authelia are: autogit stack status',
      );
  }
}

/** The few signs that a page writes in other words. */
function decode(text: string): string {
  return text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll(/&#(?:39|x27);/g, "'")
    .replaceAll('&amp;', '&');
}
