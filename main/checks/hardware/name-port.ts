// Programs on port 53, where a name server of a stack would listen.
import type { HardwareCheck } from './check.ts';

export const checkNamePort: HardwareCheck = ({ machine: { host } }) => {
  const holders = host.ports.dns ?? [];
  // On an address of its own it leaves the others free.
  const everywhere = holders.filter(({ address }) => address === '0.0.0.0' || address === '::');
  if (everywhere.length === 0) return [];
  const names = [...new Set(everywhere.map(({ program }) => program ?? 'another program'))];
  return [
    {
      key: 'host.name-port-taken',
      severity: 'info',
      subject: host.name,
      message: `Port 53 of every address is taken by ${names.join(' and ')}: a name server of AutoGit could not listen there.`,
      next: 'Nothing to do for runners. Before a stack with its own name server is installed, give that program one address, or stop it.',
      evidence: everywhere.map(
        ({ protocol, address, program, pid }) =>
          `${address} port 53 (${protocol}): ${program ?? 'a program of another user'}${pid === null ? '' : `, process ${pid}`}`,
      ),
    },
  ];
};
