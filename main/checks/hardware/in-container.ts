// AutoGit inside a container: what it sees of the machine is what that container shows it.
import type { HardwareCheck } from './check.ts';

export const checkInContainer: HardwareCheck = ({ machine: { host } }) => {
  if (host.container === null || host.container === 'none') return [];
  return [
    {
      key: 'host.in-container',
      severity: 'info',
      subject: host.name,
      message:
        'AutoGit runs in a container: disks, programs, ports and graphics cards of the machine may be hidden from it.',
      next: 'Nothing to do while all is well. To see everything, run AutoGit on the machine itself.',
      evidence: [`Container: ${host.container}`],
    },
  ];
};
