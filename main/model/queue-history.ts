// How many jobs ran and waited over time: what is kept of the queue.

/** Under this name it is kept, of no machine; no card and no machine has it. */
export const queueSubject = 'queue';

/** What is kept of it, in this order. */
export const queueSeries = ['running', 'waiting'] as const;
export type QueueFigures = Readonly<Record<(typeof queueSeries)[number], number>>;

interface QueueView {
  readonly gitlab: { readonly state: string };
  readonly jobs: readonly { readonly status: string }[];
}

/** The queue as a snapshot shows it; `null`: GitLab does not tell now, and what was told last may be long over. */
export function queueFigures({ gitlab, jobs }: QueueView): QueueFigures | null {
  if (gitlab.state !== 'ready') return null;
  const figures = { running: 0, waiting: 0 };
  for (const { status } of jobs) {
    if (status === 'running' || status === 'canceling') figures.running += 1;
    else if (status === 'pending') figures.waiting += 1;
  }
  return figures;
}
