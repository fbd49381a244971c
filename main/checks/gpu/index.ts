// All checks of a graphics card together; a test sees that every file here is among them.
import type { Issue } from '../../model/issue.ts';
import type { GpuCheck, GpuSubject } from './check.ts';
import { checkErrors } from './errors.ts';
import { checkFan } from './fan.ts';
import { checkForeign } from './foreign.ts';
import { checkHeat } from './heat.ts';
import { checkPersistence } from './persistence.ts';
import { checkReading } from './reading.ts';
import { checkRenderNode } from './render-node.ts';
import { checkThrottle } from './throttle.ts';
import { checkXids } from './xids.ts';

/** The most urgent first. */
const gpuChecks: readonly GpuCheck[] = [
  checkReading,
  checkErrors,
  checkXids,
  checkFan,
  checkHeat,
  checkThrottle,
  checkForeign,
  checkRenderNode,
  checkPersistence,
];

/** What is wrong with one card, as far as it was read. Pure. */
export function checkGpu(subject: GpuSubject): readonly Issue[] {
  return gpuChecks.flatMap((check) => check(subject) ?? []);
}
