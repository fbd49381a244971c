// Errors of a card's memory that could not be corrected.
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

export const checkErrors: GpuCheck = (subject) => {
  const { eccUncorrected: count, id } = subject.metrics;
  if (count === null || count === 0) return null;
  const what = count === 1 ? 'One error' : `${count} errors`;
  return {
    key: 'gpu.memory-errors',
    severity: 'error',
    subject: id,
    message: `${what} in the memory of ${nameOf(subject)} could not be corrected since its driver was loaded: jobs may have computed nonsense.`,
    next: 'Restart the machine, so that the bad part is left out. If errors come again, the card must be replaced.',
  };
};
