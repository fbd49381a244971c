// Waits for something that is true after a while, in tests and in programs alike.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds. */
export interface Patience {
  readonly timeout: number;
  readonly interval: number;
}

/** For anything that one waits for here. */
export const patience: Patience = { timeout: 60_000, interval: 50 };

/** Asks until the answer comes, and rejects with the last refusal when the time is over. */
export async function waitFor<T>(ask: () => Promise<T>, { timeout, interval }: Patience): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await sleep(interval);
  }
}
