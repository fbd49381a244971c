// Where faults of a test strike the fakes of a stack: every call of a port goes through here, and can fail or kill the core.
import { AutoGitError } from '../../main/errors.ts';

/** The core was killed: nothing that it does after that has an effect. No error that AutoGit knows. */
export class Killed extends Error {
  constructor(call: string) {
    super(`killed at ${call}`);
  }
}

export interface KillPoint {
  /** Number of the call, from 0. */
  readonly call: number;
  /** Whether the call has taken effect. */
  readonly when: 'before' | 'after';
}

/** An error as an adapter would make it. */
export function stackFailure(key: string, message = `The fake says ${key}.`): AutoGitError {
  return new AutoGitError({ key, message, next: 'This is a fake.' });
}

/** Shared by all fakes of one world; `compose.up`, `folder.write gitlab/gitlab.rb` are names of calls. */
export class StackFaults {
  /** Every call so far, with what it was about, oldest first. */
  readonly calls: string[] = [];
  /** Is called at every call. */
  watch: () => void = () => undefined;
  #kill: KillPoint | null = null;
  #isDead = false;
  readonly #failing: { readonly call: string; readonly error: Error; times: number }[] = [];
  readonly #hooks: { readonly call: string; readonly then: () => void }[] = [];

  /** Kills the core at this call; counted from now on. */
  killAt(point: KillPoint): void {
    this.calls.length = 0;
    this.#kill = point;
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** The core is started anew: its calls have effects again. */
  revive(): void {
    this.#isDead = false;
    this.#kill = null;
    this.calls.length = 0;
  }

  /** Calls that begin with these words fail so many times. */
  fail(call: string, error: Error, times = Infinity): void {
    this.#failing.push({ call, error, times });
  }

  /** Nothing fails any more. */
  mend(): void {
    this.#failing.length = 0;
  }

  /** Something happens right before the next call that begins with these words. */
  before(call: string, then: () => void): void {
    this.#hooks.push({ call, then });
  }

  /** Calls that begin with these words. */
  count(call: string): number {
    return this.calls.filter((one) => one.startsWith(call)).length;
  }

  /** A call that gives a promise. */
  async around<T>(call: string, effect: () => T | Promise<T>): Promise<T> {
    const isLast = this.#enter(call);
    const result = await effect();
    return this.#leave(call, isLast, result);
  }

  /** A call that gives its answer at once. */
  at<T>(call: string, effect: () => T): T {
    const isLast = this.#enter(call);
    return this.#leave(call, isLast, effect());
  }

  #enter(call: string): boolean {
    if (this.#isDead) throw new Killed(call);
    const isLast = this.#kill?.call === this.calls.length;
    this.calls.push(call);
    this.watch();
    if (isLast && this.#kill?.when === 'before') {
      this.#isDead = true;
      throw new Killed(call);
    }
    const hook = this.#hooks.findIndex((one) => call.startsWith(one.call));
    if (hook >= 0) for (const { then } of this.#hooks.splice(hook, 1)) then();
    const failing = this.#failing.find((one) => call.startsWith(one.call) && one.times > 0);
    if (failing !== undefined) {
      failing.times -= 1;
      throw failing.error;
    }
    return isLast;
  }

  #leave<T>(call: string, isLast: boolean, result: T): T {
    if (this.#isDead) throw new Killed(call);
    if (!isLast) return result;
    this.#isDead = true;
    throw new Killed(call);
  }
}
