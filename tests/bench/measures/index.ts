// All measures, in the order in which they are taken: those that need no engine first.
import type { Measure } from '../frame.ts';
import { backup } from './backup.ts';
import { bursts } from './bursts.ts';
import { desktop } from './desktop.ts';
import { growth } from './growth.ts';
import { hardware } from './hardware.ts';
import { memory } from './memory.ts';
import { planning } from './planning.ts';
import { requests } from './requests.ts';
import { stack } from './stack.ts';
import { start } from './start.ts';
import { throughput } from './throughput.ts';

export const measures: readonly Measure[] = [
  planning,
  requests,
  growth,
  memory,
  start,
  throughput,
  bursts,
  hardware,
  stack,
  desktop,
  backup,
];
