// The newest snapshot, its listeners, and the events that its changes are told as.
import type { CoreEvent, StopSignal } from '../contract/contract.ts';
import type { JobView, RunnerView, Snapshot } from '../contract/snapshot.ts';
import { counterpartIn, isEqual, keepRows } from '../contract/same.ts';
import { toAutoGitError } from '../errors.ts';
import type { Clock } from '../ports.ts';

/**
 * GitLab's queue is read every few seconds, also when nothing happens. That alone wakes nobody who follows before so many
 * milliseconds have passed; whoever asks is told the last reading.
 */
const readStepMs = 20_000;
/** Events kept for those who ask later. */
const keptEvents = 1_000;

export interface LiveState {
  current(): Snapshot;
  /** Takes a new state; one that equals the last but for its times is told to nobody who follows. */
  publish(state: Omit<Snapshot, 'version'>): void;
  /** GitLab was read, and everything is as it was. */
  readAgain(at: number): void;
  /** The newest events, oldest first. */
  events(limit: number): readonly CoreEvent[];
  /** Every snapshot from the present one on; slow readers miss those between. */
  follow(signal: StopSignal): AsyncGenerator<Snapshot>;
  /** The newest events, then every one from there on; a reader who falls far behind misses the oldest. */
  followEvents(signal: StopSignal, limit: number): AsyncGenerator<CoreEvent>;
  /** The first snapshot that fits, asked at every publication, also of a state that was dropped; `null` after `ms`. */
  until(fits: (snapshot: Snapshot) => boolean, ms: number): Promise<Snapshot | null>;
}

type Listener = (snapshot: Snapshot, events: readonly CoreEvent[]) => void;

/** What has changed between two states, in words. Pure. */
export function diffSnapshots(
  before: Snapshot | null,
  after: Omit<Snapshot, 'version'>,
): readonly CoreEvent[] {
  const event = (kind: string, subject: string, message: string): CoreEvent => ({
    at: after.at,
    kind,
    subject,
    message,
  });
  return [
    ...jobEvents(before, after, event),
    ...runnerEvents(before, after, event),
    ...issueEvents(before, after, event),
  ];
}

type MakeEvent = (kind: string, subject: string, message: string) => CoreEvent;
type State = Omit<Snapshot, 'version'>;

function jobMessage(job: JobView): string {
  const name = `Job ${job.id} "${job.name}" of ${job.project}`;
  if (job.status === 'pending') return `${name} waits`;
  const where = job.runner === null ? '' : ` on ${job.runner}`;
  if (job.status === 'running') return `${name} runs${where}`;
  if (job.status === 'failed' && job.failure !== undefined) return `${name} failed. ${job.failure.sentence}`;
  return `${name}: ${job.status}`;
}

function jobEvents(before: Snapshot | null, after: State, event: MakeEvent): readonly CoreEvent[] {
  const known = counterpartIn(before?.jobs ?? [], ({ id }) => id);
  return after.jobs
    .filter((job, at) => job.status !== 'created' && known(job, at)?.status !== job.status)
    .filter((job) => before !== null || job.finishedAt === null)
    .toSorted((a, b) => a.id - b.id)
    .map((job) =>
      event(`job.${job.status === 'pending' ? 'waiting' : job.status}`, `job ${job.id}`, jobMessage(job)),
    );
}

function runnerEvents(before: Snapshot | null, after: State, event: MakeEvent): readonly CoreEvent[] {
  const known = new Map((before?.runners ?? []).map((runner) => [runner.id, runner.state]));
  const alive = new Set(after.runners.map((runner) => runner.id));
  const say = (runner: RunnerView): string =>
    `Runner ${runner.name} is ${runner.state}${runner.jobId === null ? '' : ` with job ${runner.jobId}`}`;
  return [
    ...after.runners
      .filter((runner) => known.get(runner.id) !== runner.state)
      .map((runner) => event(`runner.${runner.state}`, `runner ${runner.id}`, say(runner))),
    ...(before?.runners ?? [])
      .filter((runner) => !alive.has(runner.id))
      .map((runner) => event('runner.gone', `runner ${runner.id}`, `Runner ${runner.name} is gone`)),
  ];
}

function issueEvents(before: Snapshot | null, after: State, event: MakeEvent): readonly CoreEvent[] {
  const keyOf = (issue: State['issues'][number]): string => `${issue.key} ${issue.subject}`;
  const known = new Set((before?.issues ?? []).map(keyOf));
  const open = new Set(after.issues.map(keyOf));
  return [
    ...after.issues
      .filter((issue) => !known.has(keyOf(issue)))
      .map((issue) => event('issue.opened', issue.subject, issue.message)),
    ...(before?.issues ?? [])
      .filter((issue) => !open.has(keyOf(issue)))
      .map((issue) => event('issue.closed', issue.subject, `No longer: ${issue.message}`)),
  ];
}

/** Starts with a state; its version is 1. */
export function createLiveState(first: State, clock: Pick<Clock, 'sleep'>): LiveState {
  let snapshot: Snapshot = { ...first, version: 1 };
  /** When GitLab was read, as followers were told last. */
  let toldReadAt = first.gitlab.readAt;
  let events: readonly CoreEvent[] = diffSnapshots(null, first);
  const listeners = new Set<Listener>();
  const waiting = new Set<() => void>();
  const listen = (listener: Listener): (() => void) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const isDue = (readAt: number | null): boolean =>
    readAt !== null && readAt - (toldReadAt ?? -Infinity) >= readStepMs;
  const tell = (next: State, news: readonly CoreEvent[]): void => {
    toldReadAt = next.gitlab.readAt;
    snapshot = { ...next, version: snapshot.version + 1 };
    events = [...events, ...news].slice(-keptEvents);
    for (const listener of listeners) listener(snapshot, news);
  };
  return {
    current: () => snapshot,
    events: (limit) => events.slice(-limit),
    readAgain: (at) => {
      const next = { ...snapshot, gitlab: { ...snapshot.gitlab, readAt: at } };
      if (isDue(at)) tell({ ...next, at }, []);
      else snapshot = next;
    },
    publish: (state) => {
      const next = keepSame(snapshot, state);
      const { readAt } = next.gitlab;
      if (isDue(readAt) || !isEqual(timeless(snapshot), timeless(next)))
        tell(next, diffSnapshots(snapshot, next));
      else if (readAt !== snapshot.gitlab.readAt) snapshot = { ...snapshot, gitlab: next.gitlab };
      for (const look of waiting) look();
    },
    follow: (signal) =>
      pump(
        signal,
        listen,
        () => [snapshot],
        (_, next) => [next],
        (next) => [next],
      ),
    followEvents: (signal, limit) =>
      pump<CoreEvent>(
        signal,
        listen,
        () => events.slice(-limit),
        (waiting, next) => [...waiting, next].slice(-keptEvents),
        (_, news) => news,
      ),
    until: async (fits, ms) => {
      if (fits(snapshot)) return snapshot;
      const waited = new AbortController();
      const fitting = firstFitting(fits, () => snapshot, waiting, waited.signal);
      const patience = clock.sleep(ms, waited.signal).then(() => null);
      return Promise.race([fitting, patience]).finally(() => waited.abort());
    },
  };
}

/** Without the times that go on when nothing happens. */
function timeless(snapshot: Snapshot): Snapshot {
  return { ...snapshot, at: 0, gitlab: { ...snapshot.gitlab, readAt: null } };
}

/** The first that fits of those published until the signal fires. An error of `fits` ends this, and not the pass that publishes. */
function firstFitting(
  fits: (snapshot: Snapshot) => boolean,
  current: () => Snapshot,
  waiting: Set<() => void>,
  signal: AbortSignal,
): Promise<Snapshot> {
  const { promise, resolve, reject } = Promise.withResolvers<Snapshot>();
  const look = (): void => {
    try {
      if (fits(current())) resolve(current());
    } catch (error) {
      waiting.delete(look);
      reject(toAutoGitError(error));
    }
  };
  waiting.add(look);
  signal.addEventListener('abort', () => waiting.delete(look));
  return promise;
}

/** A state is made anew in every pass. With the old rows where they are equal, all who compare are done at once. */
function keepSame(before: Snapshot, state: State): Snapshot {
  return {
    ...state,
    version: before.version,
    jobs: keepRows(before.jobs, state.jobs, ({ id }) => id),
    runners: keepRows(before.runners, state.runners, ({ id }) => id),
  };
}

/** Turns what there is and then the listener's calls into an iteration that ends when the signal fires. */
async function* pump<T>(
  signal: StopSignal,
  listen: (listener: Listener) => () => void,
  present: () => readonly T[],
  join: (waiting: readonly T[], next: T) => readonly T[],
  pick: (snapshot: Snapshot, events: readonly CoreEvent[]) => readonly T[],
): AsyncGenerator<T> {
  let waiting = present();
  let wake: () => void = () => undefined;
  const stop = (): void => wake();
  const isStopped = (): boolean => signal.aborted;
  signal.addEventListener('abort', stop);
  const forget = listen((snapshot, events) => {
    for (const item of pick(snapshot, events)) waiting = join(waiting, item);
    wake();
  });
  try {
    while (!isStopped()) {
      const items = waiting;
      waiting = [];
      yield* items;
      if (waiting.length === 0 && !isStopped()) await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    forget();
    signal.removeEventListener('abort', stop);
  }
}
