// Whether a GitLab that somebody has already can be used: version, administrator, scopes, expiry, the runners' address.
import { isTooOld, versionParts } from '../model/gitlab-version.ts';
import type { Severity } from '../model/issue.ts';
import type { Problem } from '../model/world.ts';

/** What a GitLab and a token say of themselves. */
export interface GitlabFacts {
  readonly url: string;
  /** `null`: the same. */
  readonly runnerUrl: string | null;
  readonly version: string;
  readonly username: string;
  readonly admin: boolean;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970; `null`: never. */
  readonly expiresAt: number | null;
  /** Whether the settings of the instance could be read; `null`: nobody tried. */
  readonly settings: 'read' | 'refused' | null;
  /** Whether an own root certificate was given. */
  readonly hasCa: boolean;
  /** What asking at the runners' address gave; `null`: it is the same address. No version: no token may be sent there. */
  readonly runnerWay: { readonly problem: Problem | null; readonly version: string | null } | null;
  readonly now: number;
}

export interface GitlabFinding {
  readonly key: string;
  readonly severity: Severity;
  readonly message: string;
  readonly next: string;
}

/** What AutoGit is tried with. */
const triedMajor = 19;
const dayMs = 86_400_000;
/** A token that ends within this time is spoken of. */
const soonMs = 30 * dayMs;

/** Whatever is wrong, the worst first; an error: it cannot be used like this. */
export function judgeGitlab(facts: GitlabFacts): readonly GitlabFinding[] {
  const all = [
    ...versionFindings(facts),
    ...tokenFindings(facts),
    ...addressFindings(facts),
    ...runnerFindings(facts),
  ];
  const order: readonly Severity[] = ['error', 'warning', 'info'];
  return all.toSorted((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

function versionFindings({ version, url }: GitlabFacts): readonly GitlabFinding[] {
  const parts = versionParts(version);
  if (parts === null)
    return [
      {
        ...{ key: 'gitlab.version-unknown', severity: 'warning' },
        message: `GitLab at ${url} says that it is version "${version.slice(0, 40)}", which AutoGit cannot read.`,
        next: 'Look at its page Help; AutoGit needs 15.11 or newer.',
      },
    ];
  if (isTooOld(parts))
    return [
      {
        ...{ key: 'gitlab.too-old', severity: 'error' },
        message: `GitLab ${version} is too old: AutoGit makes runners in the way that there is since 15.11.`,
        next: 'Update GitLab by its upgrade path: https://docs.gitlab.com/update/upgrade_paths/',
      },
    ];
  if (parts[0] === triedMajor) return [];
  return [
    {
      ...{ key: 'gitlab.version-untried', severity: 'info' },
      message: `GitLab ${version}: AutoGit is tried with ${triedMajor}.x. What it uses has been there since 15.11.`,
      next: 'Nothing to do; after an upgrade of GitLab the proofs of the pools show whether all is well.',
    },
  ];
}

function tokenFindings(facts: GitlabFacts): readonly GitlabFinding[] {
  const { admin, username, scopes, expiresAt, settings, now } = facts;
  const findings: GitlabFinding[] = [];
  const newToken =
    'Make one for an administrator with the scopes api and, where Admin Mode is on, admin_mode.';
  if (!admin)
    findings.push({
      ...{ key: 'gitlab.not-admin', severity: 'error' },
      message: `The token belongs to ${username}, who is no administrator: the queue would look empty.`,
      next: newToken,
    });
  if (!scopes.includes('api'))
    findings.push({
      ...{ key: 'gitlab.scope-missing', severity: 'error' },
      message: `The token has the scopes ${scopes.join(', ') || '(none)'}; without api AutoGit can make no runners.`,
      next: newToken,
    });
  else if (admin && settings === 'refused')
    findings.push({
      ...{ key: 'gitlab.admin-mode', severity: 'error' },
      message: scopes.includes('admin_mode')
        ? 'GitLab refuses what an administrator may do, although the token has the scope admin_mode.'
        : 'GitLab has Admin Mode on, and the token has not the scope admin_mode: it may do nothing that an administrator may.',
      next: newToken,
    });
  const tooMuch = scopes.filter((scope) => scope === 'sudo');
  if (tooMuch.length > 0)
    findings.push({
      ...{ key: 'gitlab.scope-needless', severity: 'info' },
      message: 'The token may act as any user (sudo), which AutoGit never does.',
      next: 'Make one without that scope.',
    });
  if (expiresAt !== null && expiresAt <= now)
    findings.push({
      ...{ key: 'gitlab.token-expired', severity: 'error' },
      message: `The token ended on ${dateOf(expiresAt)}.`,
      next: newToken,
    });
  else if (expiresAt !== null && expiresAt - now < soonMs)
    findings.push({
      ...{ key: 'gitlab.token-ends-soon', severity: 'warning' },
      message: `The token ends on ${dateOf(expiresAt)}: from then on no new runner can start.`,
      next: 'Make one that is good for a year, and connect again before that day.',
    });
  return findings;
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** Of an address as browsers write it: pure folders have no parser. */
function partsOf(url: string): {
  readonly isSecure: boolean;
  readonly host: string;
  readonly hostname: string;
} {
  const [, scheme = '', host = '', hostname = ''] =
    /^(\w+):\/\/(?:[^/?#@]*@)?((\[[^\]]+\]|[^/:?#]+)(?::\d+)?)/.exec(url) ?? [];
  return { isSecure: scheme === 'https', host, hostname };
}

const privateHost =
  /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[|localhost$)|\.(?:home\.arpa|lan|local|internal)$/;

function addressFindings({ url, hasCa }: GitlabFacts): readonly GitlabFinding[] {
  const { isSecure, hostname, host } = partsOf(url);
  if (isSecure) return [];
  return [
    {
      key: 'gitlab.no-tls',
      severity: privateHost.test(hostname) ? 'info' : 'warning',
      message: `The way to ${host} is not encrypted: token and code can be read by whoever is on it.`,
      next: hasCa
        ? 'The root certificate is not used: the address begins with http.'
        : 'Use https where GitLab has it.',
    },
  ];
}

/** From inside a container, the machine's own loopback is the container's. */
const loopback = /^(?:localhost|.*\.localhost|127\..*|\[::1\]|0\.0\.0\.0|\[::\])$/;

/** Whether a container can reach an address at all: its loopback is another. */
export function isOnlyHere(url: string): boolean {
  return loopback.test(partsOf(url).hostname);
}

function runnerFindings({ url, runnerUrl, runnerWay, version }: GitlabFacts): readonly GitlabFinding[] {
  const way = runnerUrl ?? url;
  if (isOnlyHere(way))
    return [
      {
        ...{ key: 'gitlab.runner-way', severity: 'error' },
        message: `Runners would be told to ask ${way}, which in a container is the container itself.`,
        next: 'Name an address that containers reach: --runner-url http://192.168.1.10:8080',
      },
    ];
  if (runnerWay === null) return [];
  if (runnerWay.problem !== null)
    return [
      {
        ...{ key: 'gitlab.runner-way', severity: 'warning' },
        message: `From here, the address of the runners does not work: ${runnerWay.problem.message}`,
        next: 'If only containers can reach it, all is well; the proof job of a pool shows it: autogit pool prove',
      },
    ];
  if (runnerWay.version === null || runnerWay.version === version) return [];
  return [
    {
      ...{ key: 'gitlab.runner-way', severity: 'error' },
      message: `${url} is GitLab ${version}, and ${way} is GitLab ${runnerWay.version}: they are not the same.`,
      next: 'Correct --runner-url.',
    },
  ];
}
