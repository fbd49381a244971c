// The state of the lab as this page follows it: the newest snapshot, and how things stand with the core.
import { applyNews } from '../../main/contract/apply-news.ts';
import type { SnapshotNews } from '../../main/contract/news.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import { toCoreError, unreachable } from '../client.ts';
import type { CoreError } from '../client.ts';
import { t } from '../language/strings.ts';

export type Connection =
  | { readonly state: 'connecting'; readonly since: number }
  | { readonly state: 'live' }
  /** Gone since then; asked again at `retryAt`. */
  | { readonly state: 'gone'; readonly since: number; readonly retryAt: number; readonly error: CoreError }
  | { readonly state: 'signed-out'; readonly error: CoreError };

export interface LiveState {
  /** `null` before the first answer. What was seen last stays when the core is gone. */
  readonly snapshot: Snapshot | null;
  readonly connection: Connection;
  /** When the core was lost that had told the snapshot; `null` while it is followed, or nothing was told. */
  readonly lostAt: number | null;
}

export interface Live {
  get(): LiveState;
  /** Resolves once there is something to show: the state, or why it does not come. */
  readonly begun: Promise<void>;
  /** Calls back after changes, at most once a frame; returns how to leave. */
  subscribe(listener: () => void): () => void;
  /** Asks again now instead of after the pause. */
  retry(): void;
  /** Drops the connection and asks again, as somebody else. */
  restart(): void;
  /** Nobody looks: lets go of the core until `resume`. */
  rest(): void;
  resume(): void;
  close(): void;
}

export interface LiveOptions {
  /** The stream `snapshot.changes`, from its whole on. */
  readonly changes: (signal: AbortSignal) => AsyncIterable<SnapshotNews>;
  readonly now: () => number;
  /** Calls back before the next frame is drawn, however often it is asked until then. */
  readonly beforeFrame: (callback: () => void) => void;
  /** Milliseconds between attempts; the last one repeats. */
  readonly pauses?: readonly number[];
}

const defaultPauses = [500, 1_000, 2_000, 4_000, 8_000, 15_000];

/** Waits until the time is over or somebody calls `cut`. */
function createPause(): { wait(ms: number): Promise<void>; cut(): void } {
  let cut: () => void = () => undefined;
  return {
    wait: (ms) =>
      new Promise((resolve) => {
        const timer = ms === Infinity ? undefined : setTimeout(resolve, ms);
        cut = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
    cut: () => cut(),
  };
}

interface Shown extends Pick<Live, 'get' | 'subscribe' | 'begun'> {
  /** What is known, which may not be shown yet. */
  latest(): LiveState;
  set(change: Partial<LiveState>): void;
}

/** A state that listeners hear of once a frame. */
function createShown(first: LiveState, beforeFrame: LiveOptions['beforeFrame']): Shown {
  const listeners = new Set<() => void>();
  const begun = Promise.withResolvers<undefined>();
  let latest = first;
  let shown = first;
  const show = (): void => {
    if (shown === latest) return;
    shown = latest;
    for (const listener of listeners) listener();
  };
  return {
    begun: begun.promise,
    latest: () => latest,
    get: () => shown,
    set: (change) => {
      latest = { ...latest, ...change };
      // Before anybody has drawn there is no frame to wait for.
      if (listeners.size === 0) show();
      else beforeFrame(show);
      if (latest.snapshot !== null || latest.connection.state !== 'connecting') begun.resolve(undefined);
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** One connection, from asking to its end; answers with why it has ended. */
async function followOnce(
  { changes, now }: LiveOptions,
  shown: Shown,
  signal: AbortSignal,
): Promise<CoreError> {
  let error = unreachable(t('it has ended the connection'));
  try {
    for await (const news of changes(signal)) {
      const { snapshot: before, connection } = shown.latest();
      const snapshot = applyNews(before, news);
      const isNew = connection.state !== 'live';
      shown.set(isNew ? { snapshot, connection: { state: 'live' }, lostAt: null } : { snapshot });
    }
  } catch (thrown) {
    error = toCoreError(thrown);
  }
  if (shown.latest().connection.state === 'live') shown.set({ lostAt: now() });
  return error;
}

/** Follows the core from now on. */
export function followLab(options: LiveOptions): Live {
  const { now, pauses = defaultPauses } = options;
  const connecting = (): Connection => ({ state: 'connecting', since: now() });
  const shown = createShown({ snapshot: null, connection: connecting(), lostAt: null }, options.beforeFrame);
  const pause = createPause();
  const closed = new AbortController();
  let attempt = new AbortController();
  let isResting = false;

  const run = async (): Promise<void> => {
    let failures = 0;
    while (!closed.signal.aborted) {
      attempt = new AbortController();
      const error = await followOnce(options, shown, attempt.signal);
      if (attempt.signal.aborted) {
        if (isResting) await pause.wait(Infinity);
        shown.set({ connection: connecting() });
      } else if (error.signedOut) {
        shown.set({ snapshot: null, lostAt: null, connection: { state: 'signed-out', error } });
        await pause.wait(Infinity);
        shown.set({ connection: connecting() });
      } else {
        const { connection } = shown.latest();
        if (connection.state === 'live') failures = 0;
        const since = connection.state === 'gone' ? connection.since : now();
        const ms = pauses[Math.min(failures, pauses.length - 1)] ?? 0;
        failures += 1;
        shown.set({ connection: { state: 'gone', since, retryAt: now() + ms, error } });
        await pause.wait(ms);
      }
    }
  };
  void run();

  return {
    get: shown.get,
    begun: shown.begun,
    subscribe: shown.subscribe,
    retry: () => pause.cut(),
    restart: () => {
      attempt.abort();
      pause.cut();
    },
    rest: () => {
      isResting = true;
      attempt.abort();
    },
    resume: () => {
      isResting = false;
      pause.cut();
    },
    close: () => {
      closed.abort();
      attempt.abort();
      pause.cut();
    },
  };
}
