// The one sampler: what the machine and its cards do, as often as somebody needs it now, and not at all otherwise.
import type { Log } from '../log.ts';
import type { GpuMetrics } from '../model/gpu-metrics.ts';
import type { HardwareSample, HostMetrics, SamplePace } from '../model/host-metrics.ts';
import type { Clock } from '../ports.ts';
import type { GuardedSource } from './hardware-source.ts';

/** While a job has a card, or runs. Milliseconds. */
export const slowMs = 30_000;
/** How long a sample waits for readings that are slow; what comes later is in the next one. Milliseconds. */
const patienceMs = 400;

/** While nobody asks, nothing is due. Milliseconds. */
const restingMs = 86_400_000;

/** The part of an `AbortSignal` that a reader's end needs. */
export interface ReaderSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** What depends on the machine while nobody watches. */
export interface Dependence {
  /** The name of the machine. */
  readonly node: string;
  /** False: its engine is elsewhere, and nothing of it can be read here. */
  readonly isHere: boolean;
  /** A runner has a card: cards and machine are looked at. */
  readonly hasCard: boolean;
  /** There are runners: the machine is looked at. */
  readonly hasRunner: boolean;
}

export interface HardwareSampler {
  /** The newest sample; `null` before the first, and while nobody asks. */
  current(): HardwareSample | null;
  attend(dependence: Dependence): void;
  /** Every sample, no oftener than asked for; slow readers get the newest. Looks are made for as long as it is read. */
  follow(everyMs: number, signal: ReaderSignal): AsyncGenerator<HardwareSample>;
  stop(): Promise<void>;
}

export interface SamplerOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly host: GuardedSource<HostMetrics>;
  /** The sources of the cards that there are now; the same objects as long as the cards are the same. */
  readonly gpus: () => readonly GuardedSource<readonly GpuMetrics[]>[];
  /** Names runners and jobs of programs, as they are known now. */
  readonly attribute: (metrics: GpuMetrics) => GpuMetrics;
  readonly onSample: (sample: HardwareSample) => void;
}

/** Nothing is looked at before somebody asks. */
export function createHardwareSampler(options: SamplerOptions): HardwareSampler {
  return new Sampler(options);
}

/** `at`: by the monotonic clock, for the other one may be set back. */
interface TakenSample {
  readonly sample: HardwareSample;
  readonly at: number;
}

interface Watcher {
  readonly everyMs: number;
  readonly tell: (taken: TakenSample) => void;
}

class Sampler implements HardwareSampler {
  readonly #options: SamplerOptions;
  readonly #stopping = new AbortController();
  readonly #watchers = new Set<Watcher>();
  #dependence: Dependence = { node: '', isHere: true, hasCard: false, hasRunner: false };
  #current: HardwareSample | null = null;
  #sampledAt = -Infinity;
  #isResting = true;
  #wake = new AbortController();
  readonly #running: Promise<void>;

  constructor(options: SamplerOptions) {
    this.#options = options;
    this.#running = this.#loop();
  }

  current(): HardwareSample | null {
    return this.#current;
  }

  attend(dependence: Dependence): void {
    const before = this.#intervalMs();
    this.#dependence = dependence;
    if (this.#intervalMs() !== before) this.#wake.abort();
  }

  async *follow(everyMs: number, signal: ReaderSignal): AsyncGenerator<HardwareSample> {
    let next: TakenSample | null = null;
    let givenAt = -Infinity;
    let wake: () => void = () => undefined;
    const tell = (taken: TakenSample): void => {
      // A tenth less: samples for others may come a moment early.
      if (taken.at - givenAt < everyMs * 0.9) return;
      next = taken;
      wake();
    };
    const watcher: Watcher = { everyMs, tell };
    const stop = (): void => wake();
    const isStopped = (): boolean => signal.aborted || this.#stopping.signal.aborted;
    const take = (): TakenSample | null => {
      const taken = next;
      next = null;
      return taken;
    };
    signal.addEventListener('abort', stop);
    this.#stopping.signal.addEventListener('abort', stop);
    this.#watchers.add(watcher);
    if (this.#current !== null && this.#age() < everyMs)
      next = { sample: this.#current, at: this.#sampledAt };
    this.#wake.abort();
    try {
      while (!isStopped()) {
        const taken = take();
        if (taken === null) await new Promise<void>((resolve) => (wake = resolve));
        else {
          givenAt = taken.at;
          yield taken.sample;
        }
      }
    } finally {
      this.#watchers.delete(watcher);
      this.#stopping.signal.removeEventListener('abort', stop);
      signal.removeEventListener('abort', stop);
      this.#wake.abort();
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#rest();
  }

  /** `null`: nobody asks. */
  #intervalMs(): number | null {
    const watched = Math.min(...[...this.#watchers].map(({ everyMs }) => everyMs));
    const { hasCard, hasRunner } = this.#dependence;
    const needed = Math.min(watched, hasCard || hasRunner ? slowMs : Infinity);
    return Number.isFinite(needed) ? needed : null;
  }

  #pace(): SamplePace {
    const interval = this.#intervalMs();
    return interval === null ? 'off' : interval < slowMs ? 'fast' : 'slow';
  }

  #age(): number {
    return this.#options.clock.monotonic() - this.#sampledAt;
  }

  async #loop(): Promise<void> {
    const { clock, log } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const interval = this.#intervalMs();
      if (interval === null) this.#rest();
      const wait = interval === null ? restingMs : Math.max(0, interval - this.#age());
      if (wait > 0) {
        await clock.sleep(wait, AbortSignal.any([this.#wake.signal, signal]));
        continue;
      }
      this.#sampledAt = clock.monotonic();
      try {
        await this.#sample(interval ?? slowMs);
      } catch (error) {
        log.warn('a look at the hardware failed', { error });
      }
    }
  }

  async #sample(intervalMs: number): Promise<void> {
    const { clock, host, gpus, attribute, onSample } = this.#options;
    const { node, isHere, hasCard } = this.#dependence;
    this.#isResting = false;
    const at = clock.now();
    // Cards are not looked at for the machine's sake alone.
    const isForCards = hasCard || this.#watchers.size > 0;
    const cards = isHere && isForCards ? gpus() : [];
    if (cards.length === 0) for (const card of gpus()) card.rest();
    const need = { intervalMs, hasJob: hasCard };
    const readings = [...(isHere ? [host.ask(need)] : []), ...cards.map((card) => card.ask(need))];
    await this.#patiently(Promise.all(readings));
    if (this.#stopping.signal.aborted) return;
    const sample: HardwareSample = {
      at,
      node,
      pace: this.#pace(),
      host: isHere ? host.latest() : null,
      gpus: cards.flatMap((card) => card.latest() ?? []).map(attribute),
    };
    this.#current = sample;
    onSample(sample);
    for (const { tell } of this.#watchers) tell({ sample, at: this.#sampledAt });
  }

  /** Nobody waits for what is slow or hangs: it comes with a later sample. The first one is worth a little more. */
  async #patiently(readings: Promise<unknown>): Promise<void> {
    const waited = new AbortController();
    const patience = this.#current === null ? patienceMs * 5 : patienceMs;
    const either = AbortSignal.any([waited.signal, this.#stopping.signal]);
    await Promise.race([readings, this.#options.clock.sleep(patience, either)]);
    waited.abort();
  }

  #rest(): void {
    if (this.#isResting) return;
    this.#isResting = true;
    this.#current = null;
    this.#options.host.rest();
    for (const card of this.#options.gpus()) card.rest();
  }
}
