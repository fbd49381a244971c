// Keeps the newest look at the kernel's list of emulators: they come and go with packages, containers and restarts.
import type { Log } from '../log.ts';
import type { BinfmtView } from '../model/emulation.ts';
import type { Clock } from '../ports.ts';

/** While a pool asks for a processor. Milliseconds. */
const busyMs = 15_000;
/** While none does: only for those who look. Milliseconds. */
const restMs = 300_000;

const elsewhere: BinfmtView = { state: 'elsewhere', handlers: [] };

export interface BinfmtWatch {
  /** `null`: not looked at yet. */
  current(): BinfmtView | null;
  /** Says whether a pool depends on it, and whether the engine is on this machine (`null`: not known yet). */
  attend(matters: boolean, isHere: boolean | null): void;
  /** Looks as soon as possible. */
  refresh(): void;
  /** The same; resolves after that look, or at once where nobody looks: before it is known where the engine is, and after the end. */
  looked(): Promise<void>;
  stop(): Promise<void>;
}

export interface BinfmtWatchOptions {
  /** One look at this machine. Never rejects. */
  readonly look: () => Promise<BinfmtView>;
  readonly clock: Clock;
  readonly log: Log;
  readonly onChange: () => void;
}

/** Nothing is looked at before it is known where the engine is. */
export function watchBinfmt({ look, clock, log, onChange }: BinfmtWatchOptions): BinfmtWatch {
  const stopping = new AbortController();
  let seen: BinfmtView | null = null;
  let matters = false;
  let isHere: boolean | null = null;
  let wake = new AbortController();
  let isDue = true;
  let waiting: readonly (() => void)[] = [];
  const lookOnce = async (): Promise<void> => {
    const view = isHere === false ? elsewhere : await look();
    if (stopping.signal.aborted || JSON.stringify(view) === JSON.stringify(seen)) return;
    if (seen !== null)
      log.info('emulators have changed', { state: view.state, handlers: view.handlers.length });
    seen = view;
    onChange();
  };
  const loop = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      if (isHere !== null && isDue) {
        isDue = false;
        const served = waiting;
        waiting = [];
        await lookOnce();
        for (const resolve of served) resolve();
      }
      await clock.sleep(matters ? busyMs : restMs, AbortSignal.any([wake.signal, stopping.signal]));
      isDue = true;
    }
  };
  const running = loop();
  return {
    current: () => seen,
    attend: (now, here) => {
      if (now === matters && (here === null || here === isHere)) return;
      matters = now;
      isHere = here ?? isHere;
      wake.abort();
    },
    refresh: () => wake.abort(),
    looked: () => {
      if (isHere === null || stopping.signal.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<undefined>();
      waiting = [...waiting, () => resolve(undefined)];
      wake.abort();
      return promise.then(() => undefined);
    },
    stop: async () => {
      stopping.abort();
      await running;
      for (const resolve of waiting) resolve();
    },
  };
}
