// Something wrong, stated with a stable key.

export type Severity = 'info' | 'warning' | 'error';

/** A stated problem. It vanishes by itself when it is no longer true. */
export interface Issue {
  /** Stable, documented in docs/errors.md. */
  readonly key: string;
  readonly severity: Severity;
  /** What it is about: a pool, a job, a node; with the key it identifies the issue. */
  readonly subject: string;
  /** What happened and why, one sentence each. */
  readonly message: string;
  /** What the reader can do now. */
  readonly next: string;
}
