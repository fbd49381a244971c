// A pretended core whose jobs have logs of a test's choice, which may go on while the test wants them to.
import type { Output, StopSignal } from '../../main/contract/contract.ts';
import { createFakeCore } from '../fakes/fake-core.ts';
import type { FakeCore } from '../fakes/fake-core.ts';
import { createPageWorld } from './page-world.ts';

/** A log that a test writes. */
export interface WrittenLog {
  /** Goes on with it. */
  write(text: string): void;
  end(): void;
  follow(signal: StopSignal): AsyncIterable<string>;
}

export function writtenLog(begin = ''): WrittenLog {
  let text = begin;
  let hasEnded = false;
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const go of waiting) go();
    waiting.clear();
  };
  return {
    write: (more) => {
      text += more;
      wake();
    },
    end: () => {
      hasEnded = true;
      wake();
    },
    follow: async function* (signal) {
      let told = 0;
      signal.addEventListener('abort', wake);
      while (!signal.aborted) {
        if (told < text.length) {
          const more = text.slice(told);
          told = text.length;
          yield more;
        } else if (hasEnded) return;
        else await new Promise<void>((resolve) => waiting.add(resolve));
      }
    },
  };
}

/** A log that is whole. */
export function endedLog(text: string): WrittenLog {
  const log = writtenLog(text);
  log.end();
  return log;
}

/** A busy lab with this log for every job. */
export function worldWithLog(log: WrittenLog, jobs = 20): FakeCore {
  return createFakeCore(createPageWorld(jobs).core.world, undefined, {}, undefined, {
    'job.log': (_input, signal) => partsOf(log, signal),
  });
}

async function* partsOf(log: WrittenLog, signal: StopSignal): AsyncIterable<Output<'job.log'>> {
  let offset = 0;
  for await (const text of log.follow(signal)) {
    yield { offset, text };
    offset += text.length;
  }
}
