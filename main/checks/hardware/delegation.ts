// Limits that an engine without root is given, takes, and cannot enforce, because they are not delegated to its user.
import { rootlessEngine } from './check.ts';
import type { HardwareCheck } from './check.ts';

export const checkDelegation: HardwareCheck = ({ machine }) => {
  const { ignoredLimits, delegated } = machine.rootless;
  const { version } = machine.host.cgroup;
  if (rootlessEngine(machine) === null || ignoredLimits === null || ignoredLimits.length === 0) return [];
  const delegate =
    'put "[Service]" and "Delegate=cpu cpuset io memory pids" into /etc/systemd/system/user@.service.d/delegate.conf, then log in again';
  return [
    {
      key: 'host.limits-not-delegated',
      severity: 'info',
      subject: machine.host.name,
      message: `Limits of ${ignoredLimits.join(', ')} that containers are given will be ignored by the engine without root.`,
      next:
        version === '2'
          ? `To let it limit them, ${delegate}.`
          : `Start this machine with control groups of version 2 (systemd.unified_cgroup_hierarchy=1 on the kernel's command line), and ${delegate}.`,
      evidence: [
        `Control groups: version ${version ?? 'not known'}`,
        `Delegated to this user: ${delegated === null || delegated.length === 0 ? 'nothing' : delegated.join(', ')}`,
      ],
    },
  ];
};
