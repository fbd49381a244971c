// The demo's talk with the core: follows the state, repeats calls over a lost core, and waits for what it wants to see.
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallName, Input, Output } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import { foldDemo } from './model.ts';
import type { DemoEvent, DemoModel } from './model.ts';
import { reconnect } from './keeper.ts';
import type { CoreLink, CoreSource } from './keeper.ts';

export interface Session {
  model(): DemoModel;
  link(): CoreLink;
  tell(event: DemoEvent): void;
  /** Repeats the call with the next core when this one goes away, unless `again` is false. */
  call<N extends CallName>(name: N, input: Input<N>, again?: boolean): Promise<Output<N>>;
  /** Resolves when the model fits. Rejects with what made following the core impossible. */
  until(fits: (model: DemoModel, now: number) => boolean): Promise<void>;
  /** Stops following. The core goes on. */
  close(): Promise<void>;
}

export interface SessionOptions {
  readonly source: CoreSource;
  readonly link: CoreLink;
  readonly model: DemoModel;
  readonly now: () => number;
  /** Ends the patience with a lost core. */
  readonly hurry: AbortSignal;
  readonly onChange: (before: DemoModel, after: DemoModel) => void;
}

/** How often wishes that depend on time are looked at again. Milliseconds. */
const lookMs = 250;
/** Losses in a row after which the last one is an error. */
const bearableLosses = 10;

function isLoss(error: unknown): boolean {
  return error instanceof AutoGitError && (error.key === 'core.unreachable' || error.key === 'core.stopping');
}

interface Waiter {
  readonly fits: (model: DemoModel, now: number) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Begins to follow the core of `link`. */
export function openSession(options: SessionOptions): Session {
  return new LiveSession(options);
}

class LiveSession implements Session {
  readonly #options: SessionOptions;
  readonly #leaving = new AbortController();
  readonly #waiters = new Set<Waiter>();
  readonly #timer: NodeJS.Timeout;
  readonly #following: Promise<void>;
  #link: CoreLink;
  #model: DemoModel;
  #recovery: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#link = options.link;
    this.#model = options.model;
    this.#following = this.#follow().catch((error: unknown) => {
      this.#failure = { error };
      this.#look();
    });
    this.#timer = setInterval(() => {
      this.#look();
    }, lookMs);
  }

  model(): DemoModel {
    return this.#model;
  }

  link(): CoreLink {
    return this.#link;
  }

  tell(event: DemoEvent): void {
    const before = this.#model;
    this.#model = foldDemo(before, event, this.#options.now());
    if (this.#model !== before) this.#options.onChange(before, this.#model);
    this.#look();
  }

  async call<N extends CallName>(name: N, input: Input<N>, again = true): Promise<Output<N>> {
    for (let losses = 1; ; losses += 1) {
      const link = this.#link;
      try {
        return await link.door.call(name, input);
      } catch (error) {
        if (!isLoss(error) || losses > bearableLosses) throw error;
        await this.#recovered(link, losses);
        if (!again) throw error;
      }
    }
  }

  until(fits: Waiter['fits']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiters.add({ fits, resolve, reject });
      this.#look();
    });
  }

  async close(): Promise<void> {
    this.#leaving.abort();
    clearInterval(this.#timer);
    await this.#following;
  }

  #look(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.#failure === null && !waiter.fits(this.#model, this.#options.now())) continue;
      this.#waiters.delete(waiter);
      if (this.#failure === null) waiter.resolve();
      else waiter.reject(this.#failure.error);
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#leaving;
    for (let losses = 1; !signal.aborted; losses += 1) {
      const link = this.#link;
      try {
        for await (const snapshot of link.door.stream('snapshot.follow', {}, signal)) {
          losses = 1;
          this.tell({ kind: 'snapshot', snapshot });
        }
      } catch (error) {
        if (!isLoss(error) || losses > bearableLosses) throw error;
      }
      // A stream that ends without an error is that of a core that stops.
      if (!this.#isLeaving()) await this.#recovered(link, losses);
    }
  }

  #isLeaving(): boolean {
    return this.#leaving.signal.aborted;
  }

  /** One recovery at a time, whoever sees the loss first. Not at once after a loss that came at once. */
  async #recovered(lost: CoreLink, losses: number): Promise<void> {
    if (losses > 1) await sleep(lookMs);
    if (this.#link !== lost) return;
    this.#recovery ??= this.#recover().finally(() => {
      this.#recovery = null;
    });
    await this.#recovery;
  }

  async #recover(): Promise<void> {
    this.tell({ kind: 'core-lost' });
    this.#link = await reconnect(this.#options.source, this.#link, this.#options.hurry);
    this.tell({ kind: 'core-back' });
  }
}
