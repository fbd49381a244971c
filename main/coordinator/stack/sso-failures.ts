// What of signing in fails, and for how long: what may only be starting becomes an issue later.
import { toAutoGitError } from '../../errors.ts';
import type { Issue } from '../../model/issue.ts';
import type { SignInTest } from '../../model/stack/sign-in-test.ts';
import type { Clock } from '../../ports.ts';

/** What mends itself, as a GitLab that starts, becomes an issue only after this. Milliseconds. */
const patienceMs = 900_000;

/** Steps that fail, too, while the programs behind them start. */
const starting: readonly string[] = [...['sso.tls', 'sso.discovery', 'sso.gitlab-page', 'sso.forward']];

export interface SsoFailures {
  /** `former`: as they were kept before. The tests have been made: no problem stands any more. */
  noteTests(tests: readonly SignInTest[], former: readonly SignInTest[]): void;
  /** Why nothing could be tried. */
  noteProblem(lab: string, error: unknown): void;
  /** Nobody signs in to anything. */
  forget(): void;
  /** Whether something fails that is no issue yet. */
  areWaiting(): boolean;
  issues(tests: readonly SignInTest[]): readonly Issue[];
}

function mayBeStarting({ steps }: SignInTest): boolean {
  return steps.some(({ key, state }) => state === 'bad' && starting.includes(key));
}

export function createSsoFailures(clock: Pick<Clock, 'monotonic'>): SsoFailures {
  /** Since when each program fails that may be starting; not of those that are an issue already. */
  const since = new Map<string, number>();
  let problem: { readonly issue: Issue; readonly retry: boolean; readonly since: number } | null = null;
  const isYoung = (at: number | undefined): boolean =>
    at !== undefined && clock.monotonic() - at < patienceMs;
  return {
    noteTests: (tests, former) => {
      problem = null;
      for (const test of tests) {
        const { client } = test;
        const failedBefore = former.some((one) => one.client === client && !one.good);
        if (test.good || !mayBeStarting(test)) since.delete(client);
        else if (!failedBefore) since.set(client, clock.monotonic());
      }
    },
    noteProblem: (lab, error) => {
      const { message, next, retry } = toAutoGitError(error);
      const issue = {
        ...{ key: 'sso.client-failing', severity: 'warning' as const, subject: `lab ${lab}`, next },
        message: `Nobody knows whether people can sign in with the account of the lab. ${message}`,
      };
      problem = { issue, retry, since: problem?.since ?? clock.monotonic() };
    },
    forget: () => {
      problem = null;
      since.clear();
    },
    areWaiting: () => [...since.values()].some(isYoung),
    issues: (tests) => [
      ...(problem === null || (problem.retry && isYoung(problem.since)) ? [] : [problem.issue]),
      ...tests.flatMap((test) => (test.good || isYoung(since.get(test.client)) ? [] : issueOf(test))),
    ],
  };
}

function issueOf({ client, steps }: SignInTest): readonly Issue[] {
  const wrong = steps.filter(({ state }) => state === 'bad');
  // Why GitLab could not ask the provider, the step after that says.
  const step = wrong.find(({ key }) => key === 'sso.gitlab-reach') ?? wrong[0];
  if (step === undefined) return [];
  return [
    {
      ...{ key: 'sso.client-failing', severity: 'warning' as const, subject: client },
      message: `Nobody can sign in to ${client} with the account of the lab. ${step.label}: ${step.message}`,
      next: `${step.next ?? 'See all of it.'} Then try again: autogit sso test ${client}`,
    },
  ];
}
