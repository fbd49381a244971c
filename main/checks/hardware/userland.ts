// Programs made for another processor than the machine has.
import type { HardwareCheck } from './check.ts';

export const checkUserland: HardwareCheck = ({ machine: { host } }) => {
  const { architecture, userland } = host.cpu;
  if (architecture === null || userland === null || architecture === userland) return [];
  return [
    {
      key: 'host.userland-differs',
      severity: 'info',
      subject: host.name,
      message: `AutoGit is made for ${userland}, and this machine is ${architecture}: what it says of containers is the engine's word alone.`,
      next: `Install AutoGit for ${architecture}, and on a 32-bit system one of 64 bits.`,
      evidence: [`Kernel: ${architecture}`, `Programs: ${userland}`],
    },
  ];
};
