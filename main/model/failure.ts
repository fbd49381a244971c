// Whose doing it was that a job failed.

/** `gitlab` is everything that GitLab refused or lost; `host` the machine, its engine and what a pool gives of it. */
export const failureClasses = ['script', 'runner', 'host', 'gitlab', 'cancelled', 'timeout'] as const;

export type FailureClass = (typeof failureClasses)[number];

/** Why a job failed, for people. */
export interface JobFailure {
  readonly class: FailureClass;
  /** One sentence of at most 160 characters. */
  readonly sentence: string;
  readonly next: string;
}
