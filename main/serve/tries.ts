// Slows down whoever tries tokens at the login: after a few wrong ones, each next try has to wait.
import { AutoGitError } from '../errors.ts';

export interface Tries {
  /** Raises `http.too-many-tries` while nobody may try. */
  check(): void;
  failed(): void;
  passed(): void;
}

/** Wrong tries that cost nothing. */
const freeTries = 5;
/** A short wait, because it also holds for the owner. Milliseconds. */
const longestWaitMs = 30_000;
/** After so long without a wrong try, they are forgotten. Milliseconds. */
const forgetMs = 5 * 60_000;

/** Counts the wrong tries of this process. */
export function limitTries(now: () => number): Tries {
  let wrong = 0;
  let lastAt = 0;
  const waitMs = (): number => {
    const pauseMs = wrong < freeTries ? 0 : Math.min(longestWaitMs, 1000 * 2 ** (wrong - freeTries));
    // A clock that was set back must not lock anybody out.
    return Math.min(pauseMs, lastAt + pauseMs - now());
  };
  return {
    check: () => {
      if (now() - lastAt > forgetMs) wrong = 0;
      const seconds = Math.ceil(waitMs() / 1000);
      if (seconds <= 0) return;
      throw new AutoGitError({
        key: 'http.too-many-tries',
        message: `There were ${wrong} wrong tokens in a row.`,
        next: `Try again in ${seconds} s. \`autogit web\` prints a link that logs in.`,
        fields: { seconds },
        retry: true,
      });
    },
    failed: () => {
      wrong += 1;
      lastAt = now();
    },
    passed: () => {
      wrong = 0;
    },
  };
}
