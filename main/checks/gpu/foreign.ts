// Programs on a card that are none of ours: who holds how much of it.
import type { GpuProcess } from '../../model/gpu-metrics.ts';
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

/** Ours run in containers of ours. What draws the screen needs no card for itself. */
function isForeign({ runner, app }: GpuProcess): boolean {
  return runner === null && app !== 'desktop';
}

function sayOne({ title, name, pid, memoryMiB }: GpuProcess): string {
  const held = memoryMiB === null ? 'an unknown amount' : `${(memoryMiB / 1_024).toFixed(1)} GiB`;
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
  const { metrics, reservedFor, isWanted } = subject;
  const foreign = (metrics.processes ?? [])
    .filter(isForeign)
    .toSorted((a, b) => (b.memoryMiB ?? 0) - (a.memoryMiB ?? 0));
  const [first] = foreign;
  if (first === undefined || reservedFor !== null) return null;
  const shown = foreign.slice(0, 3).map(sayOne).join(', ');
  const rest = foreign.length > 3 ? `, and ${foreign.length - 3} more` : '';
  return {
    key: 'gpu.foreign',
    severity: isWanted ? 'warning' : 'info',
    subject: metrics.id,
    message: `${nameOf(subject)} is used by programs that are none of AutoGit's: ${shown}${rest}. No job gets it meanwhile.`,
    next: `End them, or keep the card for them: autogit gpu reserve ${metrics.id} --for ${purposeOf(first)}`,
  };
};
