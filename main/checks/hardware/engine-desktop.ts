// An engine in a virtual machine of its own, whose memory and processors are what it was given there.
import { gigabytes } from './check.ts';
import type { HardwareCheck } from './check.ts';

const names = {
  'docker-desktop': 'Docker Desktop',
  'rancher-desktop': 'Rancher Desktop',
  orbstack: 'OrbStack',
  colima: 'Colima',
} as const;

export const checkEngineDesktop: HardwareCheck = ({ machine: { engine, host } }) => {
  if (engine === null || engine.desktop === null || engine.desktop === 'none') return [];
  const name = names[engine.desktop];
  return [
    {
      key: 'engine.desktop',
      severity: 'info',
      subject: `engine of ${host.name}`,
      message: `${name} runs containers in a virtual machine: jobs have its memory and processors, not those of this machine.`,
      next: `Nothing to do. What the virtual machine gets is set in the settings of ${name}.`,
      evidence: [
        `Virtual machine: ${engine.cpus} processors, ${gigabytes(engine.memoryBytes)} memory`,
        `It says of itself: ${engine.operatingSystem ?? 'nothing'}`,
      ],
    },
  ];
};
