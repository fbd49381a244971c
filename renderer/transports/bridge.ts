// To the core through the desktop's preload.
import { z } from 'zod';
import type { Bridge } from '../../main/contract/bridge.ts';
import type { StopSignal, StreamName } from '../../main/contract/contract.ts';
import { readAnswer, unreachable } from '../client.ts';
import type { Transport } from '../client.ts';
import { t } from '../language/strings.ts';

const partSchema = z.object({ done: z.boolean(), items: z.array(z.unknown()) });

async function asked(answer: Promise<unknown>): Promise<unknown> {
  let given: unknown;
  try {
    given = await answer;
  } catch {
    throw unreachable(
      t('the window has lost its application'),
      t('Close this window and start AutoGit again.'),
    );
  }
  return readAnswer(given);
}

/** `null` as soon as the signal fires. */
async function orStopped<T>(promise: Promise<T>, signal: StopSignal): Promise<T | null> {
  let stop: () => void = () => undefined;
  const stopped = new Promise<null>((resolve) => {
    stop = () => resolve(null);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** What of a stream the bridge was asked before this transport was there. */
interface Opened {
  readonly opened: Promise<unknown>;
  readonly first: Promise<unknown>;
}

/** The transport over `window.autogit`. `ahead`: the state's stream, if it was opened already. */
export function bridgeTransport(bridge: Bridge, ahead: Opened | null = null): Transport {
  let waiting = ahead;
  const takeAhead = (name: StreamName): Opened | null => {
    const taken = name === 'snapshot.changes' ? waiting : null;
    if (taken !== null) waiting = null;
    return taken;
  };
  return {
    call: (name, input) => asked(bridge.call(name, input)),
    stream: async function* (name, input, signal) {
      const taken = takeAhead(name);
      const id = z.string().parse(await asked(taken?.opened ?? bridge.open(name, input)));
      let first = taken?.first ?? null;
      try {
        for (;;) {
          const answer = asked(first ?? bridge.next(id));
          first = null;
          // Left alone when the reader stops first, it must not count as unhandled.
          answer.catch(() => undefined);
          const given = await orStopped(answer, signal);
          if (given === null) return;
          const part = partSchema.parse(given);
          yield* part.items;
          if (part.done) return;
        }
      } finally {
        // Whoever leaves does not care whether it was closed already.
        bridge.close(id).catch(() => undefined);
      }
    },
  };
}
