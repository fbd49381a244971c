// What an engine without root lacks, said once more where a whole stack depends on it.
import { checkControlGroups } from '../hardware/control-groups.ts';
import { checkDelegation } from '../hardware/delegation.ts';
import { checkLingering } from '../hardware/lingering.ts';
import { checkSubordinateIds } from '../hardware/subordinate-ids.ts';
import { checkUserUnits } from '../hardware/user-units.ts';
import type { StackCheck } from './check.ts';

const checks = [checkSubordinateIds, checkLingering, checkUserUnits, checkDelegation, checkControlGroups];

export const checkStackRootless: StackCheck = ({ machine, pools, stack }) =>
  stack === null || machine.engine?.rootless !== true
    ? []
    : checks.flatMap((check) => check({ machine, pools }));
