// The core behind the window: the one that runs with this home, or one of our own; found again whenever it is gone.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallName, CoreDoor, Input, Output, StopSignal, StreamName } from '../main/contract/contract.ts';
import { AutoGitError, toAutoGitError } from '../main/errors.ts';
import type { CoreAccess, Environment } from '../main/serve/find-core.ts';
import type { Held, HeldState } from './hold-core.ts';

/** How things stand with the core. */
export type LinkState =
  { readonly kind: 'starting' } | HeldState | { readonly kind: 'failed'; readonly error: AutoGitError };

export interface CoreLink {
  /**
   * Every request looks for a core where there is none, so whoever asks again retries. Rejects with the errors of
   * `createCore`, and with `desktop.core-ended` while the core of another process has just gone.
   */
  readonly door: CoreDoor;
  state(): LinkState;
  /** Rejects as `door` does. */
  connect(): Promise<void>;
  /** Lets go of the core. One of our own ends and leaves its runners. */
  close(): Promise<void>;
}

export interface LinkOptions {
  readonly loadCore: () => Promise<CoreAccess>;
  readonly env: Environment;
  readonly onChange: (state: LinkState) => void;
  /** Milliseconds that a core which has gone gets to come back, before the desktop runs its own. */
  readonly graceMs?: number;
  /** Milliseconds in which a failure answers for the next attempts too. */
  readonly againMs?: number;
}

const coreEndedKey = 'desktop.core-ended';

function coreEnded(pid: number): AutoGitError {
  return new AutoGitError({
    key: coreEndedKey,
    message: `The core that ran with this home (process ${pid}) has ended.`,
    next: 'Nothing: AutoGit runs its own in a moment, unless that one comes back. Runners go on.',
    retry: true,
  });
}

function closing(): AutoGitError {
  return new AutoGitError({
    key: 'core.stopping',
    message: 'AutoGit is stopping; runners go on.',
    next: 'Ask again when it has been started again.',
    retry: true,
  });
}

/** Follows one core at a time. Nothing happens before the first request or `connect`. */
export function linkCore(options: LinkOptions): CoreLink {
  return new LinkedCore(options);
}

class LinkedCore implements CoreLink {
  readonly door: CoreDoor;
  readonly #options: LinkOptions;
  readonly #closed = new AbortController();
  #state: LinkState = { kind: 'starting' };
  #held: Promise<Held> | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.door = {
      call: (name, input) => this.#call(name, input),
      stream: (name, input, signal) => this.#stream(name, input, signal),
    };
  }

  state(): LinkState {
    return this.#state;
  }

  async connect(): Promise<void> {
    await this.#current();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const last = this.#held;
    this.#held = null;
    const held = await last?.catch(() => null);
    await held?.end();
  }

  #enter(state: LinkState): void {
    this.#state = state;
    this.#options.onChange(state);
  }

  #current(): Promise<Held> {
    // While a core is awaited back, its readers hear that, and not nothing.
    const state = this.#state;
    if (state.kind === 'failed' && state.error.key === coreEndedKey) return Promise.reject(state.error);
    return this.#hold(0);
  }

  /** One attempt at a time. A failure is kept for a moment, so that impatient readers do not make a busy loop. */
  #hold(afterMs: number): Promise<Held> {
    if (this.#closed.signal.aborted) return Promise.reject(closing());
    if (this.#held !== null) return this.#held;
    const attempt = this.#take(afterMs);
    this.#held = attempt;
    attempt.then(
      (held) => this.#enter(held.state),
      (error: unknown) => {
        this.#enter({ kind: 'failed', error: toAutoGitError(error) });
        setTimeout(() => {
          if (this.#held === attempt) this.#held = null;
        }, this.#options.againMs ?? 500);
      },
    );
    return attempt;
  }

  async #take(afterMs: number): Promise<Held> {
    const { loadCore, env } = this.#options;
    await sleep(afterMs, undefined, { signal: this.#closed.signal });
    const access = await loadCore();
    const { holdCore } = await import('./hold-core.ts');
    return holdCore(access, env);
  }

  async #call<N extends CallName>(name: N, input: Input<N>): Promise<Output<N>> {
    const from = this.#current();
    const held = await from;
    try {
      return await held.door.call(name, input);
    } catch (error) {
      throw this.#explain(error, from, held);
    }
  }

  async *#stream<N extends StreamName>(
    name: N,
    input: Input<N>,
    signal: StopSignal,
  ): AsyncGenerator<Output<N>> {
    const from = this.#current();
    const held = await from;
    try {
      yield* held.door.stream(name, input, signal);
    } catch (error) {
      throw this.#explain(error, from, held);
    }
    // A core that ends in good order ends its streams so too.
    if (!signal.aborted && (await held.isGone())) throw this.#lose(from, held);
  }

  #explain(error: unknown, from: Promise<Held>, held: Held): unknown {
    const isGone = error instanceof AutoGitError && error.key === 'core.unreachable';
    return isGone && held.state.kind === 'joined' ? this.#lose(from, held) : error;
  }

  /** The core of another process has gone: its readers are told so, and the next attempt is under way. */
  #lose(from: Promise<Held>, held: Held): AutoGitError {
    const ended = coreEnded(held.state.kind === 'joined' ? held.state.pid : process.pid);
    if (this.#held === from) {
      this.#held = null;
      this.#enter({ kind: 'failed', error: ended });
      this.#hold(this.#options.graceMs ?? 3000).catch(() => undefined);
    }
    return ended;
  }
}
