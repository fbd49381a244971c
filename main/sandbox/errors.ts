// The sandbox's own errors: each has a stable key that a program may test for.

/** Why the sandbox cannot work on its state: these leave the process, see `exit.ts`. */
export type StateErrorKey =
  /** The state file is not a SQLite database, or what everything hangs on cannot be read. */
  | 'sandbox.state-damaged'
  /** The state was written by a newer sandbox. */
  | 'sandbox.state-from-future'
  /** Another sandbox has this state folder open. */
  | 'sandbox.state-locked'
  /** The folder or the state file cannot be read or written: read-only, of another user, a failing disk. */
  | 'sandbox.state-unwritable'
  /** The disk is full. */
  | 'sandbox.no-space';

export type SandboxErrorKey =
  | StateErrorKey
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
