// The state of the demo in one sentence. Pure.
import { assertNever } from '../../model/assert.ts';
import { count, duration, seconds } from '../render/text.ts';
import { allEnded, countJobs } from './model.ts';
import type { DemoModel } from './model.ts';

function taskWords(model: DemoModel): string {
  const task = model.snapshot?.tasks.at(-1);
  if (task === undefined) return '';
  const { progress } = task;
  const share =
    progress === null || progress.total === 0
      ? ''
      : ` ${Math.floor((100 * progress.current) / progress.total)} %`;
  return `: ${task.reason}${share}`;
}

function jobsWords(model: DemoModel): string {
  const counts = countJobs(model);
  const runners = model.snapshot?.runners.length ?? 0;
  if (!allEnded(model)) {
    const failed = counts.failed === 0 ? '' : `, ${counts.failed} failed`;
    return `${count(counts.running, 'job')} running, ${counts.waiting} waiting, ${counts.ended} of ${counts.total} done${failed}`;
  }
  const idle = model.snapshot?.pools[0]?.idleTime;
  const after = idle === undefined ? '' : ` after ${seconds(idle)} without a job`;
  return `All ${count(counts.total, 'job')} done; ${count(runners, 'runner')} left, ${runners === 1 ? 'it leaves' : 'they leave'}${after}`;
}

/** What goes on, in one sentence without a full stop. */
export function demoSentence(model: DemoModel, now: number): string {
  if (model.lostAt !== null) {
    return `The core is gone; waiting for one to come back (${duration(now - model.lostAt)})`;
  }
  switch (model.phase) {
    case 'core':
      return 'Starting the core';
    case 'sandbox':
      return `Starting the sandbox${taskWords(model)}`;
    case 'seed':
      return `Pushing a repository with ${count(model.expected, 'job')}`;
    case 'jobs':
      return jobsWords(model);
    case 'teardown': {
      const left = model.snapshot?.runners.length ?? 0;
      return left === 0 ? 'Draining and removing the runners' : `Draining: ${count(left, 'runner')} left`;
    }
    case 'reset':
      return 'Removing the sandbox';
    case 'done':
      return 'Done';
    default:
      return assertNever(model.phase);
  }
}
