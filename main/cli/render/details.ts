// One pool or one runner in detail as text.
import type { Output } from '../../contract/contract.ts';
import { renderJobs } from './jobs.ts';
import { limitWords, proofCell, renderRunners } from './lab.ts';
import { renderPoolOutcome } from './outcome.ts';
import { renderPairs, renderTable } from './table.ts';
import { ago } from './text.ts';
import type { Tone, View } from './text.ts';

function valueText(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.map(String).join(', ') || 'none';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `autogit pool show`. */
export function renderPool({ status, settings, runners, jobs }: Output<'pool.show'>, view: View): string {
  const pairs = Object.entries(settings).map(([name, value]) => [name, valueText(value)] as const);
  return [
    renderPairs(pairs, view),
    ...(status.emulated === undefined ? [] : [renderPairs([['Processor', status.emulated]], view)]),
    ...(status.proof === undefined ? [] : [renderProof(status.proof, view)]),
    ...(runners.length === 0 ? [] : [renderRunners(runners, view)]),
    ...(jobs.length === 0 ? [] : [renderJobs(jobs, view)]),
  ].join('\n');
}

type ProofView = NonNullable<Output<'pool.show'>['status']['proof']>;
type ClaimView = ProofView['claims'][number];

const claimTones: Readonly<Record<ClaimView['state'], Tone>> = {
  held: 'good',
  failed: 'bad',
  unknown: 'warn',
};

/** What was seen from inside a job of the pool, and how it is mended. */
function renderProof(proof: ProofView, view: View): string {
  const fix = proof.fix === null ? [] : [['Next', proof.fix] as const];
  const pairs = renderPairs([['Proof', proofCell(proof, view)], ['', proof.sentence], ...fix], view);
  if (proof.claims.length === 0) return pairs;
  const table = renderTable<ClaimView>(
    [
      { title: 'CLAIM', cell: ({ name }) => name },
      { title: 'STATE', cell: ({ state }) => ({ text: state, tone: claimTones[state] }) },
      { title: 'SEEN', cell: ({ sentence }) => sentence },
    ],
    proof.claims,
    view,
  );
  return `${pairs}\n${table}`;
}

type ReadyView = Output<'pool.ready'>['pools'][number];

/** `autogit pool ready`. */
export function renderReadyPools(outcome: Output<'pool.ready'>, view: View): string {
  if (outcome.pools.length === 0) return renderPoolOutcome(outcome, view);
  const table = renderTable<ReadyView>(
    [
      { title: 'POOL', cell: (pool) => pool.name },
      {
        title: 'STATE',
        cell: ({ state }) => ({ text: state, ...(state === 'missing' ? { tone: 'warn' } : {}) }),
      },
      {
        title: 'TAGS',
        cell: ({ tags, runUntagged }) => [...tags, ...(runUntagged ? ['(untagged)'] : [])].join(', '),
      },
      { title: 'LIMITS', cell: limitWords },
      { title: 'MAX', cell: ({ max }) => String(max) },
      { title: 'FOR', cell: ({ purpose }) => purpose },
    ],
    outcome.pools,
    view,
  );
  return `${table}\n${renderPoolOutcome(outcome, view)}`;
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
