// What each stream of the contract gives: the live state, its events, and the log of a job.
import type { Output, ParsedInput, StopSignal, StreamName } from '../contract/contract.ts';
import { newsBetween } from '../contract/news.ts';
import type { Snapshot } from '../contract/snapshot.ts';
import { watchBackups } from './backups/backup-streams.ts';
import { watchGpus, watchMachine } from './hardware-requests.ts';
import { streamLog } from './job-log.ts';
import { watchNotices } from './notice-requests.ts';
import type { RequestContext } from './requests.ts';
import { streamStackLogs, watchStack } from './stack/stack-streams.ts';

type Streams = {
  readonly [N in StreamName]: (
    input: ParsedInput<N>,
    context: RequestContext,
    signal: StopSignal,
  ) => AsyncGenerator<Output<N>>;
};

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
  'job.log': streamLog,
  'gpu.watch': watchGpus,
  'machine.watch': watchMachine,
  'notice.watch': watchNotices,
  'update.watch': (_, { updates }, signal) => updates.watch(signal),
  'backup.watch': (_, { backups }, signal) => watchBackups(backups, signal),
  'stack.watch': (_, context, signal) => watchStack(context, signal),
  'stack.logs': streamStackLogs,
};
