// Why a sandbox is of no use that is to run: it ended with its data in disorder, or its token is lost.
import type { Issue } from '../model/issue.ts';
import type { Container } from '../model/runner.ts';
import type { GitlabSettings } from '../model/settings.ts';
import type { Observed, Problem, SandboxWish } from '../model/world.ts';
import { freshValue } from './freshness.ts';

interface Ending {
  readonly key: string;
  readonly why: string;
  readonly way: string;
}

const anew = 'begin anew without its projects and jobs: autogit sandbox reset';
const again = 'then start it again: autogit sandbox stop, autogit sandbox start';

/** By the exit status of its program, see main/sandbox/exit.ts; only what another start would not mend. */
const endings: Readonly<Record<number, Ending>> = {
  10: {
    key: 'sandbox.state-damaged',
    why: 'its data is damaged',
    way: `Put a copy of its data back, or ${anew}`,
  },
  11: {
    key: 'sandbox.state-from-future',
    why: 'its data is of a newer AutoGit',
    way: `Use that AutoGit again, or ${anew}`,
  },
  12: {
    key: 'sandbox.state-unwritable',
    why: 'its data cannot be written',
    way: `Look at the disk of the container engine, ${again}`,
  },
  13: {
    key: 'sandbox.no-space',
    why: 'the disk of the container engine is full',
    way: `Free some space there, ${again}`,
  },
};

/** Whether an issue's key is about a sandbox that has ended for good. */
export function isEnding(key: string): boolean {
  return Object.values(endings).some((ending) => ending.key === key);
}

/** True for a container that would end in the same way if it was started again. */
export function isBeyondRestart({ role, state, exitCode }: Container): boolean {
  return role === 'sandbox' && state === 'exited' && exitCode !== null && endings[exitCode] !== undefined;
}

function issue(problem: Problem, subject = 'sandbox'): Issue {
  return { ...problem, severity: 'error', subject };
}

/** The sandbox's data has made it end; `null` when that is not so or not known. */
export function endedIssue(wish: SandboxWish | null, { nodes }: Pick<Observed, 'nodes'>): Issue | null {
  if (wish?.state !== 'running') return null;
  const containers = nodes.flatMap(({ engine }) => freshValue(engine)?.containers ?? []);
  const ended = containers.find(isBeyondRestart);
  const ending = ended === undefined ? undefined : endings[ended.exitCode ?? 0];
  if (ending === undefined) return null;
  return issue({
    key: ending.key,
    message: `The sandbox does not start: ${ending.why} (volume ${wish.volume}).`,
    next: `${ending.way}.`,
  });
}

/** There is a GitLab, and nothing to show it who asks; `null` when that is not so. */
export function tokenIssue(
  gitlab: GitlabSettings,
  { address, gitlab: queue }: Pick<Observed, 'address' | 'gitlab'>,
  hasToken: boolean,
): Issue | null {
  if (address === null) return null;
  const isRefused = queue.state === 'failed' && queue.error.key === 'gitlab.unauthorized';
  if (gitlab.kind === 'sandbox' && (!hasToken || isRefused)) {
    return issue({
      key: 'sandbox.token-lost',
      message:
        "The token of the sandbox was lost with AutoGit's secrets: nothing can be asked of it any more.",
      next: `Put secrets/secrets.enc back from a backup, or ${anew}.`,
    });
  }
  if (gitlab.kind !== 'server' || hasToken) return null;
  return issue(
    {
      key: 'gitlab.token-missing',
      message: `AutoGit has no token for the GitLab at ${gitlab.url}.`,
      next: "Give it an administrator's token once, with the scopes api and admin_mode: AUTOGIT_GITLAB_TOKEN=… autogit serve",
    },
    'GitLab token',
  );
}
