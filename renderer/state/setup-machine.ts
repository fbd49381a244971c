// What the first step says of the machine, and what can be mended there.
import type { Output } from '../../main/contract/contract.ts';
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import { listed, sizeWords } from './words.ts';
import { count, t } from '../language/strings.ts';

export type Finding = Output<'doctor.run'>['findings'][number];
type Machine = Output<'machine.detect'>;

/** `lab has 8 threads, 31 GB of memory and 412 GB free on /. Docker 27 answers.`; what is not known is left out. */
export function machineSentence({ host, gpus }: Pick<Machine, 'host' | 'gpus'>): string {
  const { cpu, memory, disks, name } = host;
  const root = disks?.[0];
  const parts = [
    ...(cpu.threads === null ? [] : [count(cpu.threads, '{{n}} thread', '{{n}} threads')]),
    ...(memory.totalBytes === null ? [] : [t('{{size}} of memory', { size: sizeWords(memory.totalBytes) })]),
    ...(root?.freeBytes === undefined || root.freeBytes === null
      ? []
      : [t('{{size}} free on {{folder}}', { size: sizeWords(root.freeBytes), folder: root.mount })]),
    ...(gpus.length === 0 ? [] : [count(gpus.length, '{{n}} graphics card', '{{n}} graphics cards')]),
  ];
  return parts.length === 0
    ? t('This is {{machine}}.', { machine: name })
    : t('{{machine}} has {{parts}}.', { machine: name, parts: listed(parts) });
}

/** Mends one finding and no other. */
export function fixDeed({ key, subject, fix, message }: Finding): Deed {
  const only = subject === '' ? key : `${key} ${subject}`;
  return deedOf(
    {
      title: t('Mend a problem'),
      effect: fix === undefined ? t('Mend it') : t('Mend it: {{way}}', { way: fix.summary }),
      note: message,
    },
    `issue fix --only ${typed(only)}`,
    (client, dryRun) => client.call('doctor.fix', { only: [only], dryRun }),
  );
}
