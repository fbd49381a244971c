// What each stream of the contract gives: the live state, its events, and the log of a job.
import type { Output, ParsedInput, StopSignal, StreamName } from '../contract/contract.ts';
import { newsBetween } from '../contract/news.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { isFinished } from '../model/job.ts';
import { requireJob } from './job-requests.ts';
import type { RequestContext } from './requests.ts';

type Streams = {
  readonly [N in StreamName]: (
    input: ParsedInput<N>,
    context: RequestContext,
    signal: StopSignal,
  ) => AsyncGenerator<Output<N>>;
};

/** How often a followed log is read again, in milliseconds. */
const logPollMs = 1_000;

/** One handler per stream. */
export const streams: Streams = {
  'snapshot.follow': (_, { live }, signal) => live.follow(signal),
  'snapshot.changes': async function* (_, { live }, signal) {
    let before: Snapshot | null = null;
    for await (const snapshot of live.follow(signal)) {
      yield newsBetween(before, snapshot);
      before = snapshot;
    }
  },
  'events.follow': async function* ({ follow, limit }, { live }, signal) {
    yield* follow ? live.followEvents(signal, limit) : live.events(limit);
  },
  'job.log': async function* ({ id, follow }, context, signal) {
    const { store, coordinator, clock } = context;
    let offset = 0;
    for (;;) {
      const job = requireJob(id, { store });
      const ended = isFinished(job);
      const part = await coordinator.gitlab().jobLog(job.projectId, id, { offset, ended });
      if (part.text !== '') yield { offset, text: part.text };
      offset = part.nextOffset;
      if (!follow || ended || signal.aborted) return;
      await clock.sleep(logPollMs);
    }
  },
};
