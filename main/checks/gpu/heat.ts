// A card that is hotter than any cooling lets it be.
import { hottest } from '../../model/gpu-metrics.ts';
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

export const checkHeat: GpuCheck = (subject) => {
  const { edgeCelsius, junctionCelsius, memoryCelsius, id } = subject.metrics;
  const places = [
    { place: 'it', celsius: edgeCelsius, limit: hottest.edge },
    { place: 'its hottest spot', celsius: junctionCelsius, limit: hottest.junction },
    { place: 'its memory', celsius: memoryCelsius, limit: hottest.memory },
  ];
  const hot = places.find(({ celsius, limit }) => celsius !== null && celsius > limit);
  if (hot === undefined) return null;
  return {
    key: 'gpu.hot',
    severity: 'warning',
    subject: id,
    message: `${nameOf(subject)} is too hot: ${hot.place} has ${String(hot.celsius)} °C, and ${hot.limit} °C is the most.`,
    next: 'Look whether its fans turn and its air can get out, and clean it. A lower power limit helps at once.',
  };
};
