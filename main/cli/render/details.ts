// One pool or one runner in detail as text.
import type { Output } from '../../contract/contract.ts';
import { renderJobs } from './jobs.ts';
import { renderRunners } from './lab.ts';
import { renderPairs } from './table.ts';
import { ago } from './text.ts';
import type { View } from './text.ts';

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.map(String).join(', ') || 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `autogit pool show`. */
export function renderPool({ settings, runners, jobs }: Output<'pool.show'>, view: View): string {
  const pairs = Object.entries(settings).map(([name, value]) => [name, valueText(value)] as const);
  return [
    renderPairs(pairs, view),
    ...(runners.length === 0 ? [] : [renderRunners(runners, view)]),
    ...(jobs.length === 0 ? [] : [renderJobs(jobs, view)]),
  ].join('\n');
}

/** `autogit runner show`. */
export function renderRunner({ runner, job, goneAt, failure }: Output<'runner.show'>, view: View): string {
  return renderPairs(
    [
      ['Runner', runner.id],
      ['State', runner.state],
      ['Container', runner.name],
      ['Pool', runner.pool],
      ['Created', ago(runner.createdAt, view.now)],
      ['Job', job === null ? '-' : `${job.id} ${job.name} of ${job.project}`],
      ...(goneAt === null ? [] : [['Gone', ago(goneAt, view.now)] as const]),
      ...(failure === null ? [] : [['Failed', { text: failure, tone: 'bad' }] as const]),
    ],
    view,
  );
}
