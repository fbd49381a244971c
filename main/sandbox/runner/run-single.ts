// The runner's life: asks for jobs one at a time until it is full, idle for too long, or told to leave.
import { setTimeout as delay } from 'node:timers/promises';
import { assertNever } from '../../model/assert.ts';
import type { JobReply } from './client.ts';
import { parseJob } from './job.ts';
import type { Runner } from './job-run.ts';
import { runJob } from './job-run.ts';

/** How a runner is told to leave. */
export interface StopSignals {
  /** Take no more jobs. */
  readonly quit: AbortSignal;
  /** Abort the job, too. */
  readonly interrupt: AbortSignal;
}

const longestBackOffMs = 300_000;

/**
 * Runs jobs until there is a reason to leave. Never rejects for what a server or a job does.
 * @param say takes what happens, one line each, for the runner's own log
 */
export async function runSingle(
  runner: Runner,
  stop: StopSignals,
  say: (line: string) => void,
): Promise<void> {
  const { waitTimeoutMs, maxBuilds, pollMs } = runner.options;
  let lastJobAt = performance.now();
  let builds = 0;
  let refusals = 0;
  while (!stop.quit.aborted) {
    const reply = await requestJob(runner, stop);
    if (reply.kind === 'job') {
      await takeJob(runner, reply.body, stop, say);
      builds += 1;
      lastJobAt = performance.now();
      if (maxBuilds > 0 && builds >= maxBuilds) {
        say('This runner has processed its build limit, so now exiting');
        return;
      }
      continue;
    }
    refusals = reply.kind === 'forbidden' ? refusals + 1 : 0;
    if (reply.kind !== 'none')
      say(`Checking for jobs... ${reply.kind === 'failed' ? reply.message : 'forbidden'}`);
    const idleMs = performance.now() - lastJobAt;
    if (waitTimeoutMs > 0 && idleMs >= waitTimeoutMs) {
      say(`This runner has not received a job in ${waitTimeoutMs / 1000} seconds, so now exiting`);
      return;
    }
    const pauseMs = Math.min(pollMs * 2 ** refusals, Math.max(longestBackOffMs, pollMs));
    const leftMs = waitTimeoutMs > 0 ? waitTimeoutMs - idleMs : pauseMs;
    await delay(Math.min(pauseMs, leftMs), undefined, { signal: stop.quit }).catch(() => undefined);
  }
}

/** A job that arrives after "quit" is still run: the server counts on this runner by then. */
async function requestJob(runner: Runner, stop: StopSignals): Promise<JobReply> {
  try {
    return await runner.client.requestJob(stop.interrupt);
  } catch {
    return { kind: 'none' };
  }
}

async function takeJob(
  runner: Runner,
  body: unknown,
  stop: StopSignals,
  say: (line: string) => void,
): Promise<void> {
  const parsed = parseJob(body);
  switch (parsed.kind) {
    case 'invalid':
      say(`Checking for jobs... received something that is no job: ${parsed.message}`);
      return;
    case 'unusable':
      say(`Job ${parsed.credentials.id} cannot be understood: ${parsed.message}`);
      await runner.client.updateJob(parsed.credentials, {
        state: 'failed',
        failure_reason: 'runner_system_failure',
        output: {},
      });
      return;
    case 'job': {
      say(`Checking for jobs... received  job=${parsed.job.id}`);
      const outcome = await runJob(runner, parsed.job, stop.interrupt);
      say(`Job ${parsed.job.id}: ${outcome === null ? 'not wanted any more' : outcome.state}`);
      return;
    }
    default:
      assertNever(parsed);
  }
}
