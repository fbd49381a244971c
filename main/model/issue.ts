// Something wrong, stated with a stable key.

export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

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

/** What AutoGit itself can do about an issue once a person says so; nothing of it loses data. */
export const fixDeeds = ['restart-service', 'apply-stack', 'make-folder', 'remove-leftovers'] as const;
export type FixDeed = (typeof fixDeeds)[number];

export interface Fix {
  /** That carries it out. */
  readonly request: 'doctor.fix';
  readonly deed: FixDeed;
  /** Service, folder or project; '' for the whole stack. */
  readonly target: string;
  /** `restarts the service gitlab` */
  readonly summary: string;
}
