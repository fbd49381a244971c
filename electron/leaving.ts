// Quitting, as a person wants it: at once, or as soon as no job runs any more.
import type { Snapshot } from '../main/contract/snapshot.ts';
import { workingRunners } from './tray-view.ts';

export type QuitAnswer = 'finish' | 'now' | 'stay';

export interface LeavingOptions {
  /** Whether the core ends with the desktop: nothing that runs elsewhere is a reason to ask. */
  readonly isOwn: () => boolean;
  readonly ask: (jobs: number) => Promise<QuitAnswer>;
  /** Starts no more runners, until the next start. */
  readonly drain: () => void;
  readonly resume: () => void;
  readonly quit: () => void;
  /** What is waited for has changed. */
  readonly onChange: () => void;
}

export interface Leaving {
  /** A person wants it to end; asks where jobs run, once. */
  want(snapshot: Snapshot | null): Promise<void>;
  isWaiting(): boolean;
  /** The newest state: with the last job done, it ends. */
  see(snapshot: Snapshot | null): void;
  /** A person changed their mind: the queue is served again. */
  stay(): void;
}

/** Runners that are not gone, whether they have a job or are about to leave. */
function hasRunners({ runners }: Snapshot): boolean {
  return runners.some(({ state }) => state !== 'finished' && state !== 'lost');
}

export function createLeaving(options: LeavingOptions): Leaving {
  let state: 'no' | 'asked' | 'waiting' = 'no';
  const enter = (next: typeof state): void => {
    state = next;
    options.onChange();
  };
  const decide = (answer: QuitAnswer): void => {
    if (answer === 'finish') options.drain();
    enter(answer === 'finish' ? 'waiting' : 'no');
    if (answer === 'now') options.quit();
  };
  return {
    isWaiting: () => state === 'waiting',
    want: async (snapshot) => {
      if (state === 'asked') return;
      const jobs = snapshot === null ? 0 : workingRunners(snapshot);
      if (state === 'waiting' || !options.isOwn() || jobs === 0) {
        options.quit();
        return;
      }
      enter('asked');
      decide(await options.ask(jobs));
    },
    see: (snapshot) => {
      if (state !== 'waiting' || snapshot === null || snapshot.mode === 'serve') return;
      if (!hasRunners(snapshot)) options.quit();
    },
    stay: () => {
      if (state === 'waiting') enter('no');
      options.resume();
    },
  };
}
