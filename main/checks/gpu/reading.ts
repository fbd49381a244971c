// A card of which nothing can be read: lost from the bus, its tool hangs, or its driver was updated under it.
import type { GpuCheck } from './check.ts';

export const checkReading: GpuCheck = ({ metrics }) => {
  const { problem, id } = metrics;
  if (problem === null) return null;
  return { ...problem, severity: problem.key === 'gpu.lost' ? 'error' : 'warning', subject: id };
};
