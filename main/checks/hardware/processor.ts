// A processor that is older than what many images are built for.
import type { HardwareCheck } from './check.ts';

/** What an image of a level needs at least: https://developers.redhat.com/articles/2024/01/02/exploring-x86-64-v3-red-hat-enterprise-linux-10 */
const words: Readonly<Record<string, string>> = {
  v1: 'images for x86-64-v2, such as those of Red Hat Enterprise Linux 9 and its relatives, end with "CPU does not support x86-64-v2"',
  v2: 'images for x86-64-v3, such as those of Red Hat Enterprise Linux 10 and its relatives, do not start',
};

export const checkProcessor: HardwareCheck = ({ machine: { host } }) => {
  const { architecture, variant, model } = host.cpu;
  const word = architecture === 'amd64' && variant !== null ? words[variant] : undefined;
  if (word === undefined) return [];
  return [
    {
      key: 'host.processor-old',
      severity: 'info',
      subject: host.name,
      message: `The processor of this machine is an x86-64-${variant ?? ''}: ${word}.`,
      next: 'Use images that are built for every x86-64 processor. In a virtual machine, let it have the processor of its host.',
      evidence: [`Processor: ${model ?? 'not known'}`, `Level: x86-64-${variant ?? ''}`],
    },
  ];
};
