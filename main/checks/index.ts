// All checks together; a test sees that every file here is among them.
import type { Issue } from '../model/issue.ts';
import type { Desired, Observed } from '../model/world.ts';
import type { EngineCheck, EngineSubject } from './check.ts';
import { checkDisk } from './disk.ts';
import { checkDiskLimits } from './disk-limits.ts';
import { checkLimits } from './limits.ts';
import { checkLowPorts } from './low-ports.ts';
import { checkPause } from './pause.ts';
import { checkStorage } from './storage.ts';
import { checkVersion } from './version.ts';

/** The most urgent first. */
const engineChecks: readonly EngineCheck[] = [
  checkDisk,
  checkLimits,
  checkDiskLimits,
  checkStorage,
  checkVersion,
  checkLowPorts,
  checkPause,
];

/** What is wrong with one engine. Pure. */
export function checkEngine(subject: EngineSubject): readonly Issue[] {
  return engineChecks.flatMap((check) => check(subject) ?? []);
}

/** What is wrong with the engines in use, as far as they were seen lately. Pure. */
export function checkAll(
  { pools }: Pick<Desired, 'pools'>,
  { nodes }: Pick<Observed, 'nodes'>,
): readonly Issue[] {
  return nodes.flatMap(({ name, engine }) =>
    engine.state === 'fresh' ? checkEngine({ name, info: engine.value.info, pools }) : [],
  );
}
