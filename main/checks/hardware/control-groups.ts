// Control groups of version 1, which new systems and engines give up.
import type { HardwareCheck } from './check.ts';

export const checkControlGroups: HardwareCheck = ({ machine: { host } }) => {
  const { version } = host.cgroup;
  if (version !== '1' && version !== 'hybrid') return [];
  return [
    {
      key: 'host.cgroup-old',
      severity: 'info',
      subject: host.name,
      message:
        'This machine uses control groups of version 1: engines without root cannot limit containers with them, and new systems give them up.',
      next: "When it suits, start it with systemd.unified_cgroup_hierarchy=1 on the kernel's command line, or update the system.",
      evidence: [
        `Control groups: version ${version === 'hybrid' ? '1, with an empty version 2 beside it' : '1'}`,
      ],
    },
  ];
};
