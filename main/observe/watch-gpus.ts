// Keeps the newest look at the graphics cards of this machine: often while a job may get one, seldom otherwise.
import { problemOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { EngineInfo } from '../model/engine.ts';
import { gpuIdleMs } from '../model/gpu.ts';
import type { GpuPace, GpuView } from '../model/gpu.ts';
import type { Instant, Problem, Seen } from '../model/world.ts';
import type { Clock } from '../ports.ts';

/** While a job waits that may get one. Milliseconds. */
const busyMs = 5_000;
/** While a runner has one or a pool asks for them, and as long as a report of divided cards takes seconds. Milliseconds. */
const restMs = 30_000;
/** Where there are none and none are asked for: who looks at them has them looked for anew. Milliseconds. */
const noneMs = 86_400_000;

export interface GpuWatch {
  current(): Seen<GpuView>;
  /** Says how much depends on it, and what the engine is; looks at once where that has changed. */
  attend(pace: GpuPace, engine: EngineInfo | null): void;
  /** Somebody looks at them now: resolves when the newest look is no older than so many milliseconds, if one can be had. */
  renew(oldestMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface GpuWatchOptions {
  /** One look at the cards of this machine. */
  readonly look: (engine: EngineInfo, at: Instant) => Promise<GpuView>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}

/** What decides how an engine hands out cards: a change is looked at at once. */
function factsOf({ kind, version, rootless, isHere, devices }: EngineInfo): string {
  return JSON.stringify({ kind, version, rootless, isHere, devices });
}

const elsewhere: Problem = {
  key: 'gpu.engine-elsewhere',
  message: 'The container engine runs on another machine, whose GPUs cannot be seen from here.',
  next: 'Jobs that need a GPU wait. Use the engine of this machine: autogit engine list',
};

/** Nothing is looked at before the engine is known. */
export function watchGpus(options: GpuWatchOptions): GpuWatch {
  return new Watch(options);
}

class Watch implements GpuWatch {
  readonly #options: GpuWatchOptions;
  readonly #stopping = new AbortController();
  #seen: Seen<GpuView> = { state: 'never' };
  #pace: GpuPace = 'idle';
  #engine: EngineInfo | null = null;
  /** Of the engine at the last look. */
  #facts = '';
  /** By the monotonic clock; `null`: never, or it is outdated. */
  #lookedAt: number | null = null;
  #wake = new AbortController();
  #looking: Promise<void> | null = null;
  readonly #running: Promise<void>;

  constructor(options: GpuWatchOptions) {
    this.#options = options;
    this.#running = this.#loop();
  }

  current(): Seen<GpuView> {
    return this.#seen;
  }

  attend(pace: GpuPace, engine: EngineInfo | null): void {
    const isNews = engine !== null && factsOf(engine) !== this.#facts;
    if (isNews) {
      this.#facts = factsOf(engine);
      this.#lookedAt = null;
    }
    if (!isNews && pace === this.#pace) return;
    this.#engine = engine ?? this.#engine;
    this.#pace = pace;
    this.#wake.abort();
  }

  async renew(oldestMs: number): Promise<void> {
    const age = this.#options.clock.monotonic() - (this.#lookedAt ?? -Infinity);
    const isHere = this.#engine?.isHere === true && !this.#stopping.signal.aborted;
    if (!isHere || (this.#looking === null && age < oldestMs)) return;
    await this.#lookOnce();
    // What was found decides when the next look is due.
    this.#wake.abort();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#looking;
  }

  async #loop(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const wait = this.#wait();
      if (wait > 0) await clock.sleep(wait, AbortSignal.any([this.#wake.signal, signal]));
      else await this.#lookOnce();
    }
  }

  /** One look at a time, whoever asks for it. */
  async #lookOnce(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    await this.#looking;
  }

  /** Milliseconds until the next look. */
  #wait(): number {
    if (this.#engine === null) return noneMs;
    if (this.#lookedAt === null) return 0;
    const since = this.#options.clock.monotonic() - this.#lookedAt;
    return Math.max(0, this.#paceMs() - since);
  }

  #paceMs(): number {
    const inventory = this.#seen.state === 'fresh' ? this.#seen.value.inventory : [];
    const isDivided = inventory.some(({ parent }) => parent !== null);
    if (this.#pace === 'idle' || !this.#engine?.isHere) return inventory.length > 0 ? gpuIdleMs : noneMs;
    return this.#pace === 'busy' && inventory.length > 0 && !isDivided ? busyMs : restMs;
  }

  async #look(): Promise<void> {
    const { look, clock, log, onChange } = this.#options;
    const engine = this.#engine;
    const at = clock.now();
    this.#lookedAt = clock.monotonic();
    if (engine === null) return;
    try {
      this.#seen = engine.isHere
        ? { state: 'fresh', at, value: await look(engine, at) }
        : { state: 'failed', since: at, error: elsewhere };
    } catch (error) {
      log.warn('looking at the GPUs failed', { error });
      this.#seen = { state: 'failed', since: at, error: problemOf(error) };
    }
    if (!this.#stopping.signal.aborted) onChange();
  }
}
