// What the first step says of the machine, and what can be mended there.
import type { Output } from '../../main/contract/contract.ts';
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import { count, listed, sizeWords } from './words.ts';

export type Finding = Output<'doctor.run'>['findings'][number];
type Machine = Output<'machine.detect'>;

/** `lab has 8 threads, 31 GB of memory and 412 GB free on /. Docker 27 answers.`; what is not known is left out. */
export function machineSentence({ host, gpus }: Pick<Machine, 'host' | 'gpus'>): string {
  const { cpu, memory, disks, name } = host;
  const root = disks?.[0];
  const parts = [
    ...(cpu.threads === null ? [] : [count(cpu.threads, 'thread')]),
    ...(memory.totalBytes === null ? [] : [`${sizeWords(memory.totalBytes)} of memory`]),
    ...(root?.freeBytes === undefined || root.freeBytes === null
      ? []
      : [`${sizeWords(root.freeBytes)} free on ${root.mount}`]),
    ...(gpus.length === 0 ? [] : [count(gpus.length, 'graphics card')]),
  ];
  return parts.length === 0 ? `This is ${name}.` : `${name} has ${listed(parts)}.`;
}

/** Mends one finding and no other. */
export function fixDeed({ key, subject, fix, message }: Finding): Deed {
  const only = subject === '' ? key : `${key} ${subject}`;
  return deedOf(
    {
      title: 'Mend a problem',
      effect: fix === undefined ? 'Mend it' : `Mend it: ${fix.summary}`,
      note: message,
    },
    `issue fix --only ${typed(only)}`,
    (client, dryRun) => client.call('doctor.fix', { only: [only], dryRun }),
  );
}
