// Streams a job's log to the server while it grows, hears from the server what to do, and reports the end.
import { setTimeout as delay } from 'node:timers/promises';
import { assertNever } from '../../model/assert.ts';
import type { JobAnswer, JobUpdate, JobWish, ProtocolClient } from './client.ts';
import type { JobCredentials } from './job.ts';
import type { TraceLog } from './trace-log.ts';

const firstIntervalMs = 1_000;
const longestIntervalMs = 15 * 60_000;
/** After this long without a word the server is told that the job still runs. */
const touchAfterMs = 30_000;
const largestPatch = 1024 * 1024;
const finalTries = 10;
/** How often the server may ask for patience, or for the log once more, at the end. */
const finalWaits = 300;
const longestFinalPauseMs = 60_000;

/** What a sender needs to know of its job. */
export interface TraceSenderOptions {
  readonly client: ProtocolClient;
  readonly job: JobCredentials;
  readonly log: TraceLog;
  readonly debugTrace: boolean;
  /** The server wants the script stopped, and `after_script` still run. */
  readonly onCancel: () => void;
  /** The server does not want the job any more. */
  readonly onAbort: () => void;
}

/** What became of one attempt to bring the log up to date. */
type SendResult = 'sent' | 'again' | 'failed' | 'over';

/** Sends the log of one job, once started, until it is finished. */
export class TraceSender {
  readonly #options: TraceSenderOptions;
  readonly #finished = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #offset = 0;
  #intervalMs = firstIntervalMs;
  #lastWordAt = performance.now();

  constructor(options: TraceSenderOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop = this.#watch();
  }

  /**
   * Sends the rest and the final state, again and again if need be, but not for ever. Resolves to whether the
   * server has taken it or does not want it.
   */
  async finish(state: Pick<JobUpdate, 'state' | 'failure_reason' | 'exit_code'>): Promise<boolean> {
    this.#finished.abort();
    await this.#loop;
    this.#intervalMs = firstIntervalMs;
    let failures = 0;
    for (let tried = 0; tried < finalWaits && failures < finalTries; tried += 1) {
      const result = await this.#sendFinal(state);
      if (result === 'sent' || result === 'over') return true;
      if (result === 'failed') failures += 1;
      await delay(result === 'again' ? this.#intervalMs : finalPauseMs(failures));
    }
    return false;
  }

  async #watch(): Promise<void> {
    const { signal } = this.#finished;
    for (;;) {
      await delay(this.#intervalMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      const wish = await this.#sendOnce();
      switch (wish) {
        case 'go on':
          break;
        case 'cancel':
          this.#options.onCancel();
          break;
        case 'abort':
          this.#options.onAbort();
          return;
        default:
          assertNever(wish);
      }
    }
  }

  /** One piece of the log, or a sign of life after a long silence. */
  async #sendOnce(): Promise<JobWish> {
    const { client, job, log } = this.#options;
    if (log.size > this.#offset) return (await this.#patch()).wish;
    if (performance.now() - this.#lastWordAt < touchAfterMs) return 'go on';
    const answer = this.#note(
      await client.updateJob(job, {
        state: 'running',
        output: { checksum: log.checksum, bytesize: log.size },
      }),
    );
    return answer.status === 404 ? 'abort' : answer.wish;
  }

  async #patch(): Promise<JobAnswer> {
    const { client, job, log, debugTrace } = this.#options;
    const content = log.bytes(this.#offset, largestPatch);
    const answer = this.#note(await client.patchTrace(job, content, this.#offset, debugTrace));
    if (answer.status === 202) this.#offset += content.length;
    if (answer.status === 416) this.#offset = Math.min(answer.rangeEnd, log.size);
    return answer;
  }

  #note(answer: JobAnswer): JobAnswer {
    if (answer.status > 0) this.#lastWordAt = performance.now();
    if (answer.intervalMs !== null) this.#intervalMs = Math.min(answer.intervalMs, longestIntervalMs);
    return answer;
  }

  async #sendFinal(state: Pick<JobUpdate, 'state' | 'failure_reason' | 'exit_code'>): Promise<SendResult> {
    const { client, job, log } = this.#options;
    const rest = await this.#sendRest();
    if (rest !== 'sent') return rest;
    const { checksum, size: bytesize } = log;
    const answer = this.#note(
      await client.updateJob(job, { ...state, checksum, output: { checksum, bytesize } }),
    );
    if (answer.wish === 'abort' || answer.status === 404) return 'over';
    if (answer.status === 412) this.#offset = 0;
    if (answer.status === 202 || answer.status === 412) return 'again';
    return answer.status === 200 ? 'sent' : 'failed';
  }

  async #sendRest(): Promise<SendResult> {
    while (this.#options.log.size > this.#offset) {
      const { status, wish } = await this.#patch();
      // GitLab's runner still sends the final state of a job that is over.
      if (wish === 'abort' || status === 404) return 'sent';
      if (status === 416) return 'again';
      if (status !== 202) return 'failed';
    }
    return 'sent';
  }
}

function finalPauseMs(failures: number): number {
  return Math.min(firstIntervalMs * 2 ** (failures - 1), longestFinalPauseMs);
}
