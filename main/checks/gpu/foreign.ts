// Programs on a card that are none of ours: who holds how much of it.
import type { GpuMetrics, GpuProcess } from '../../model/gpu-metrics.ts';
import { foreignMiB, foreignThresholdMiB } from '../../model/gpu.ts';
import { nameOf } from './check.ts';
import type { GpuCheck, GpuSubject } from './check.ts';

/**
 * Whether they keep jobs from the card, by the planner's own rule. It knows no programs of Intel's cards, and none of
 * cards that jobs get together.
 */
function isKept({ metrics, unit }: GpuSubject, others: readonly GpuProcess[]): boolean {
  const isCounted = metrics.vendor !== 'intel' && unit === metrics.id;
  return isCounted && foreignMiB(others) > foreignThresholdMiB;
}

/**
 * Worth telling although jobs get the card: not what draws the screen; and of Intel's cards, where whatever has a window
 * is listed, only programs that are known to be at work.
 */
function isNotable({ vendor }: GpuMetrics, { app }: GpuProcess): boolean {
  return app !== 'desktop' && (vendor !== 'intel' || app !== null);
}

function amountOf(mebibytes: number): string {
  return mebibytes < 1_024 ? `${mebibytes} MiB` : `${(mebibytes / 1_024).toFixed(1)} GiB`;
}

function sayOne({ title, name, pid, memoryMiB }: GpuProcess): string {
  const held = memoryMiB === null ? 'an unknown amount' : amountOf(memoryMiB);
  return `${title ?? name} (process ${pid}) holds ${held}`;
}

/** The purpose as a word of a command line. */
function purposeOf({ title, name }: GpuProcess): string {
  const word = (title ?? name)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '');
  return word === '' ? 'its-owner' : word.slice(0, 40);
}

export const checkForeign: GpuCheck = (subject) => {
  const { metrics, unit, reservedFor, isWanted } = subject;
  // Ours run in containers of ours.
  const others = (metrics.processes ?? []).filter(({ runner }) => runner === null);
  const kept = isKept(subject, others);
  const foreign = others
    .filter((one) => kept || isNotable(metrics, one))
    .toSorted((a, b) => (b.memoryMiB ?? 0) - (a.memoryMiB ?? 0));
  const [first] = foreign;
  if (first === undefined || reservedFor !== null) return null;
  const shown = foreign.slice(0, 3).map(sayOne).join(', ');
  const rest = foreign.length > 3 ? `, and ${foreign.length - 3} more` : '';
  const then = kept ? 'No job gets it meanwhile.' : 'Jobs may get it all the same.';
  return {
    key: 'gpu.foreign',
    severity: kept && isWanted ? 'warning' : 'info',
    subject: metrics.id,
    message: `${nameOf(subject)} is used by programs that are none of AutoGit's: ${shown}${rest}. ${then}`,
    next: `End them, or keep the card for them: autogit gpu reserve ${unit} --for ${purposeOf(first)}`,
  };
};
