// Graphics cards that containers cannot use, and what is wrong or unclear about them.
import type { Finding, HardwareCheck } from './check.ts';

export const checkGpus: HardwareCheck = ({ machine: { gpus, issues } }) => {
  const known = issues.map((issue): Finding => ({ ...issue, evidence: [] }));
  const unusable = gpus.flatMap(({ id, model, use, integrated, memoryMiB }): readonly Finding[] => {
    // What is wrong with the card itself is among the issues.
    if (use.usable || issues.some(({ subject }) => subject.includes(id))) return [];
    return [
      {
        key: 'gpu.not-usable',
        severity: integrated ? 'info' : 'warning',
        subject: `${model} at ${id}`,
        message: `Containers cannot use ${model}: ${use.why}.`,
        next: /[.!]$/.test(use.fix) ? use.fix : `${use.fix}.`,
        evidence: [`Card: ${id}`, `Memory: ${memoryMiB === null ? 'not known' : `${memoryMiB} MiB`}`],
      },
    ];
  });
  return [...known, ...unusable];
};
