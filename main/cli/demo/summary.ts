// What the demo came to: the JSON document, and six lines for a person. Pure.
import type { Output } from '../../contract/contract.ts';
import type { JobView, Snapshot } from '../../contract/snapshot.ts';
import { waitOf } from '../render/jobs.ts';
import { engineWords } from '../render/lab.ts';
import { renderPairs } from '../render/table.ts';
import type { Cell } from '../render/table.ts';
import { clean, count, duration } from '../render/text.ts';
import type { View } from '../render/text.ts';
import { countJobs } from './model.ts';
import type { DemoModel } from './model.ts';

type Engine = Snapshot['nodes'][number]['engine'];

export interface DemoResult {
  readonly jobs: {
    readonly total: number;
    readonly succeeded: number;
    readonly failed: number;
    readonly canceled: number;
  };
  readonly runners: { readonly created: number; readonly removed: number; readonly leftBehind: number };
  /** Milliseconds from being seen in the queue to being taken; `null` when no job was taken. */
  readonly waitMs: { readonly p50: number | null; readonly p95: number | null; readonly max: number | null };
  readonly durationMs: number;
  readonly engine: Pick<Engine, 'kind' | 'version' | 'rootless'>;
  readonly sandbox: true;
  readonly runner: 'sandbox' | 'official';
  readonly leftBehind: Readonly<Record<keyof Output<'lab.objects'>, number>>;
}

/** What the summary is made from. */
export interface DemoFacts {
  readonly model: DemoModel;
  readonly runner: 'sandbox' | 'official';
  /** What is on the engine at the end. */
  readonly objects: Output<'lab.objects'>;
  /** Names of runners that are alive at the end. */
  readonly runnersLeft: number;
  readonly engine: Engine | null;
  readonly totals: Snapshot['totals'] | null;
  readonly now: number;
}

/** The value below which `share` of the values lie, by the nearest rank. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null;
}

function waits(jobs: readonly JobView[], now: number): readonly number[] {
  return jobs.flatMap((job) => (job.startedAt === null ? [] : (waitOf(job, now) ?? []))).map(Math.round);
}

/** The result of a demo that has ended. */
export function demoResult(facts: DemoFacts): DemoResult {
  const { model, engine, totals, objects, runner, now } = facts;
  const { total, succeeded, failed, canceled } = countJobs(model);
  const waited = waits(model.jobs, now);
  const since = (name: keyof Snapshot['totals']): number =>
    (totals?.[name] ?? 0) - (model.before?.[name] ?? 0);
  return {
    jobs: { total, succeeded, failed, canceled },
    runners: {
      created: since('runnersCreated'),
      removed: since('runnersRemoved'),
      leftBehind: facts.runnersLeft,
    },
    waitMs: { p50: percentile(waited, 0.5), p95: percentile(waited, 0.95), max: percentile(waited, 1) },
    durationMs: now - model.startedAt,
    engine: {
      kind: engine?.kind ?? null,
      version: engine?.version ?? null,
      rootless: engine?.rootless ?? null,
    },
    sandbox: true,
    runner,
    leftBehind: {
      containers: objects.containers.length,
      networks: objects.networks.length,
      volumes: objects.volumes.length,
    },
  };
}

/** How many containers, networks and volumes are left. */
export function countObjects({ containers, networks, volumes }: DemoResult['leftBehind']): number {
  return containers + networks + volumes;
}

/** Every job succeeded and nothing is left that was not asked to stay. */
export function isGood(result: DemoResult, keep: boolean): boolean {
  const { jobs, runners } = result;
  return (
    jobs.succeeded === jobs.total &&
    runners.leftBehind === 0 &&
    (keep || countObjects(result.leftBehind) === 0)
  );
}

function longest(jobs: readonly JobView[]): string {
  const timed = jobs.flatMap((job) =>
    job.startedAt === null || job.finishedAt === null
      ? []
      : [{ name: clean(job.name), ms: job.finishedAt - job.startedAt }],
  );
  const [first] = timed.sort((a, b) => b.ms - a.ms);
  return first === undefined ? 'no job ran' : `${first.name}, ${duration(first.ms)}`;
}

function waitWords({ p50, p95, max }: DemoResult['waitMs']): string {
  if (p50 === null || p95 === null || max === null) return 'no job was taken';
  return `p50 ${duration(p50)}, p95 ${duration(p95)}, at most ${duration(max)}`;
}

function leftWords({ containers, networks, volumes }: DemoResult['leftBehind']): string {
  const parts = [
    ...(containers > 0 ? [count(containers, 'container')] : []),
    ...(networks > 0 ? [count(networks, 'network')] : []),
    ...(volumes > 0 ? [count(volumes, 'volume')] : []),
  ];
  return parts.length === 0 ? 'nothing' : parts.join(', ');
}

/** The summary of six lines. */
export function renderSummary(facts: DemoFacts, keep: boolean, view: View): string {
  const result = demoResult(facts);
  const { jobs, runners } = result;
  const other = jobs.total - jobs.succeeded - jobs.failed - jobs.canceled;
  const words = [
    `${jobs.succeeded} of ${jobs.total} succeeded`,
    ...(jobs.failed > 0 ? [`${jobs.failed} failed`] : []),
    ...(jobs.canceled > 0 ? [`${jobs.canceled} cancelled`] : []),
    ...(other > 0 ? [`${other} did not end`] : []),
  ];
  const left = leftWords(result.leftBehind);
  const tone = (good: boolean): { tone: 'good' | 'bad' } => ({ tone: good ? 'good' : 'bad' });
  const rows: readonly (readonly [string, Cell | string])[] = [
    ['Jobs', { text: words.join(', '), ...tone(jobs.succeeded === jobs.total) }],
    ['Runners', `${runners.created} created, ${runners.removed} removed`],
    ['Waiting', waitWords(result.waitMs)],
    ['Longest job', `${longest(facts.model.jobs)} (all took ${duration(result.durationMs)})`],
    ['Engine', facts.engine === null ? 'unknown' : engineWords(facts.engine)],
    keep ? ['Kept', left] : ['Left behind', { text: left, ...tone(left === 'nothing') }],
  ];
  return renderPairs(rows, view);
}
