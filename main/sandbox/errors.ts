// The sandbox's own errors: each has a stable key that a program may test for.

export type SandboxErrorKey =
  /** The state file is not a SQLite database, or holds a row that does not have the shape of its kind. */
  | 'sandbox_state_damaged'
  /** Another sandbox has this state folder open. */
  | 'sandbox_state_locked'
  /** The state was written by a newer sandbox. */
  | 'sandbox_state_newer'
  /** An entity that was named by its id does not exist. */
  | 'sandbox_not_found'
  /** The operation is not allowed in the state the job or pipeline is in; REST answers 403. */
  | 'sandbox_not_allowed';

/** An error with a stable key. */
export class SandboxError extends Error {
  readonly key: SandboxErrorKey;

  constructor(key: SandboxErrorKey, message: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.name = 'SandboxError';
    this.key = key;
  }
}
