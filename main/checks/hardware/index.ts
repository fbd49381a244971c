// All checks of the machine together; a test sees that every file here is among them.
import type { Finding, HardwareCheck, HardwareSubject } from './check.ts';
import { checkClock } from './clock.ts';
import { checkCompose } from './compose.ts';
import { checkControlGroups } from './control-groups.ts';
import { checkDelegation } from './delegation.ts';
import { checkDisks } from './disks.ts';
import { checkEngineDesktop } from './engine-desktop.ts';
import { checkEngineDisk } from './engine-disk.ts';
import { checkEngineMissing } from './engine-missing.ts';
import { checkEngineWarnings } from './engine-warnings.ts';
import { checkEngineItself } from './engine.ts';
import { checkGpus } from './gpus.ts';
import { checkInContainer } from './in-container.ts';
import { checkLingering } from './lingering.ts';
import { checkLiveRestore } from './live-restore.ts';
import { checkMemory } from './memory.ts';
import { checkNamePort } from './name-port.ts';
import { checkProcessor } from './processor.ts';
import { checkReadOnlyRoot } from './read-only-root.ts';
import { checkSubordinateIds } from './subordinate-ids.ts';
import { checkUserUnits } from './user-units.ts';
import { checkUserland } from './userland.ts';
import { checkWsl } from './wsl.ts';

/** Of findings that are equally urgent, those of the first come first. */
export const hardwareChecks: readonly HardwareCheck[] = [
  checkWsl,
  checkEngineMissing,
  checkReadOnlyRoot,
  checkDisks,
  checkMemory,
  checkGpus,
  checkEngineItself,
  checkSubordinateIds,
  checkLingering,
  checkClock,
  checkDelegation,
  checkUserUnits,
  checkEngineDisk,
  checkControlGroups,
  checkProcessor,
  checkUserland,
  checkCompose,
  checkLiveRestore,
  checkNamePort,
  checkEngineDesktop,
  checkEngineWarnings,
  checkInContainer,
];

/** What is wrong with a machine. Pure. */
export function checkHardware(subject: HardwareSubject): readonly Finding[] {
  return hardwareChecks.flatMap((check) => check(subject));
}
