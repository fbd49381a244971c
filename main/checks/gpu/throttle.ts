// A card that runs slower than it could, for another reason than its owner's wish.
import { isTrouble } from '../../model/gpu-metrics.ts';
import type { ThrottleReason } from '../../model/gpu-metrics.ts';
import { nameOf } from './check.ts';
import type { GpuCheck } from './check.ts';

const reasons: Readonly<Record<ThrottleReason, string>> = {
  heat: 'it is hot',
  'power-brake': 'its power supply cannot give more',
  hardware: 'it protects itself from heat or a lack of power',
  'power-cap': 'its power limit is reached',
  sync: 'it keeps step with another card',
  application: 'its clocks are set',
};

export const checkThrottle: GpuCheck = (subject) => {
  const trouble = (subject.metrics.throttle ?? []).filter(isTrouble);
  if (trouble.length === 0) return null;
  const isHot = trouble.includes('heat');
  return {
    key: 'gpu.throttled',
    severity: 'warning',
    subject: subject.metrics.id,
    message: `${nameOf(subject)} runs slower than it could: ${trouble.map((reason) => reasons[reason]).join(', ')}.`,
    next: isHot
      ? 'Look whether its fans turn and its air can get out, and clean it.'
      : 'Look at its power cables and whether the power supply is strong enough for it.',
  };
};
