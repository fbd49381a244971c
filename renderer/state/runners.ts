// Which runners a list shows, from the filter that stands in the address.
import type { RunnerView } from '../../main/contract/snapshot.ts';
import { t } from '../language/strings.ts';

/** What the buttons above the list choose between. */
export const runnerGroups = ['all', 'busy', 'ready', 'starting', 'leaving'] as const;
export type RunnerGroup = (typeof runnerGroups)[number];

export interface RunnerFilter {
  readonly group: RunnerGroup;
  /** Words that all have to occur somewhere in the row. */
  readonly text: string;
}

const groupOfState: Readonly<Record<RunnerView['state'], Exclude<RunnerGroup, 'all'>>> = {
  busy: 'busy',
  idle: 'ready',
  warm: 'ready',
  prepared: 'starting',
  starting: 'starting',
  leaving: 'leaving',
  finished: 'leaving',
  lost: 'leaving',
};

/** Reads the filter of an address; what it does not know means all. */
export function runnerFilterOf(query: Readonly<Record<string, string>>): RunnerFilter {
  return { group: runnerGroups.find((name) => name === query.state) ?? 'all', text: query.text ?? '' };
}

/** The part of the address that says this filter. */
export function runnerQueryOf({ group, text }: RunnerFilter): Readonly<Record<string, string>> {
  return { state: group === 'all' ? '' : group, text };
}

/** The runners that the filter lets through, in the same order. */
export function filterRunners(runners: readonly RunnerView[], filter: RunnerFilter): readonly RunnerView[] {
  const needles = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return runners.filter(({ state, name, pool, jobId }) => {
    if (filter.group !== 'all' && groupOfState[state] !== filter.group) return false;
    const words = [name, pool, jobId === null ? '' : `#${jobId}`].join('\n').toLowerCase();
    return needles.every((needle) => words.includes(needle));
  });
}

/** How many runners each button would show. */
export function countRunnerGroups(runners: readonly RunnerView[]): Readonly<Record<RunnerGroup, number>> {
  const counts: Record<RunnerGroup, number> = {
    all: runners.length,
    busy: 0,
    ready: 0,
    starting: 0,
    leaving: 0,
  };
  for (const { state } of runners) counts[groupOfState[state]] += 1;
  return counts;
}

/** Whether it can be told to go: one that only starts cannot be asked yet, one that is lost cannot be reached. */
export function canBeAsked(state: RunnerView['state'] | 'gone'): boolean {
  return state === 'prepared' || state === 'warm' || state === 'idle' || state === 'busy';
}

const meanings: Readonly<Partial<Record<RunnerView['state'] | 'gone', string>>> = {
  starting: t('Its container is being made and started.'),
  prepared: t('Its container is made and not started yet; it starts when a job needs it.'),
  warm: t('It has started and asks for a job as soon as one waits.'),
  idle: t('It asks GitLab for jobs. When its idle time is over, it leaves.'),
  leaving: t('It takes no further job. When it has none, it is gone.'),
  finished: t('It has ended; its container is being removed.'),
  lost: t('It is not on the engine in use, so nobody can say what it does.'),
};

/** What a state means; `null` where its word says it all. */
export function runnerStateWords(state: RunnerView['state'] | 'gone'): string | null {
  return meanings[state] ?? null;
}
