// What the overview says at a glance: how healthy the lab is, and how its queue went over the last hours.
import type { HardwareHistory } from '../../main/model/host-metrics.ts';
import { queueSeries } from '../../main/model/queue-history.ts';
import type { QueueFigures } from '../../main/model/queue-history.ts';
import type { Snapshot } from '../../main/contract/snapshot.ts';
import type { StateLook } from './tones.ts';
import { count, t } from '../language/strings.ts';

export const queueRangeNames = ['hour', 'hours', 'day'] as const;
export type QueueRange = (typeof queueRangeNames)[number];

interface Range {
  readonly words: string;
  readonly minutes: number;
  /** Steps that are drawn, each of a minute or more: the queue is looked at at least so often. */
  readonly points: number;
}

export const queueRanges: Readonly<Record<QueueRange, Range>> = {
  hour: { words: t('Last hour'), minutes: 60, points: 60 },
  hours: { words: t('6 hours'), minutes: 360, points: 360 },
  day: { words: t('24 hours'), minutes: 1_440, points: 288 },
};

/** The range that an address names; the last hours where it names none. */
export function queueRangeOf({ range }: Readonly<Record<string, string>>): QueueRange {
  return queueRangeNames.find((name) => name === range) ?? 'hours';
}

type Figures = { readonly [N in keyof QueueFigures]: number | null };

/** What this page itself has seen, by the beginning of each step. */
export interface SeenSteps {
  readonly stepMs: number;
  readonly steps: ReadonlyMap<number, QueueFigures>;
}

export const noSteps: SeenSteps = { stepMs: 0, steps: new Map() };

/** With one more look; the same object where it says nothing new. Of each step the most is kept, for so many steps. */
export function withLook(
  seen: SeenSteps,
  stepMs: number,
  at: number,
  { running, waiting }: Figures,
  length: number,
): SeenSteps {
  const now = seen.stepMs === stepMs ? seen : { stepMs, steps: new Map<number, QueueFigures>() };
  if (running === null || waiting === null) return now;
  const begun = Math.floor(at / stepMs) * stepMs;
  const before = now.steps.get(begun);
  if (before !== undefined && before.running >= running && before.waiting >= waiting) return now;
  const most = {
    running: Math.max(before?.running ?? 0, running),
    waiting: Math.max(before?.waiting ?? 0, waiting),
  };
  return { stepMs, steps: new Map([...now.steps, [begun, most] as const].slice(-length)) };
}

interface QueueData {
  readonly at: readonly number[];
  readonly lines: readonly {
    readonly name: string;
    readonly values: readonly (number | null)[];
    readonly now?: number | null;
  }[];
}

/** What the core has kept, carried on by what the page has seen since; a step in which nobody knew is a gap. */
export function queueData(
  history: HardwareHistory,
  { steps }: SeenSteps,
  { now, minutes, present }: { readonly now: number; readonly minutes: number; readonly present: Figures },
): QueueData {
  const { stepMs } = history;
  const length = Math.max(1, Math.round((minutes * 60_000) / stepMs));
  const end = Math.max(Math.floor(now / stepMs) * stepMs, history.at.at(-1) ?? 0);
  const at = Array.from({ length }, (_, index) => end - (length - 1 - index) * stepMs);
  const lines = queueSeries.map((name) => {
    const kept = new Map(history.at.map((time, index) => [time, history.series[name]?.most[index] ?? null]));
    const values = at.map((time) => {
      const [one, other] = [kept.get(time) ?? null, steps.get(time)?.[name] ?? null];
      return one === null || other === null ? (one ?? other) : Math.max(one, other);
    });
    return { name, values, now: present[name] };
  });
  return { at, lines };
}

export interface Health {
  readonly look: StateLook;
  readonly words: string;
}

/** While the core does not answer, nobody knows. */
export const lostHealth: Health = {
  look: { tone: 'unknown', sign: 'question', word: t('Unknown') },
  words: t('AutoGit does not answer'),
};

/** The lab in two words: what a stranger sees first. */
export function healthOf({ nodes, gitlab, issues }: Pick<Snapshot, 'nodes' | 'gitlab' | 'issues'>): Health {
  const of = (severity: Snapshot['issues'][number]['severity']): number =>
    issues.filter((issue) => issue.severity === severity).length;
  const [errors, warnings] = [of('error'), of('warning')];
  const isGone = nodes.some(({ engine }) => engine.state === 'failed' || engine.state === 'stale');
  if (errors > 0 || isGone || gitlab.state === 'failed')
    return {
      look: { tone: 'failed', sign: 'cross', word: t('Needs you') },
      words: lookAt(errors + warnings),
    };
  if (warnings > 0)
    return { look: { tone: 'waiting', sign: 'warning', word: t('Works') }, words: lookAt(warnings) };
  if (gitlab.state === 'ready')
    return {
      look: { tone: 'success', sign: 'check', word: t('All healthy') },
      words: t('engine and GitLab answer'),
    };
  if (gitlab.state === 'starting')
    return {
      look: { tone: 'waiting', sign: 'starting', word: t('Starting') },
      words: t('GitLab was not reached yet'),
    };
  if (gitlab.state === 'stale')
    return { look: { tone: 'unknown', sign: 'question', word: t('Unknown') }, words: t('GitLab is silent') };
  return { look: { tone: 'idle', sign: 'idle', word: t('At rest') }, words: t('no GitLab is connected') };
}

function lookAt(issues: number): string {
  return issues === 0
    ? t('something does not answer')
    : count(issues, '{{n}} issue to look at', '{{n}} issues to look at');
}
