// Room below the data folder: images, a database and repositories; GitLab stops writing, and PostgreSQL ends, on a full disk.
import { gibibytes, hasRun, shellWord, withStack } from './check.ts';

const gibibyte = 1024 ** 3;
/** Before a first start: without this much it fails; below the second it soon would. Bytes. */
const first = { least: 5 * gibibyte, wise: 20 * gibibyte } as const;
/** Once data and images are there. Bytes. */
const running = { least: gibibyte, wise: 5 * gibibyte } as const;

export const checkStackDisk = withStack((stack, subject) => {
  const { dataMount } = subject.around;
  if (dataMount === null || dataMount.freeBytes === null) return [];
  const { freeBytes, totalBytes, mount } = dataMount;
  const { least, wise } = hasRun(stack, subject) ? running : first;
  if (freeBytes >= wise) return [];
  const isTooLittle = freeBytes < least;
  return [
    {
      key: 'stack.disk-short',
      severity: isTooLittle ? 'error' : 'warning',
      subject: stack.data,
      message: `The file system for the data of the stack has ${isTooLittle ? 'too little room: databases end when they cannot write' : 'little room: it lasts for a first try'}.`,
      next: `Free some (\`sudo du -xhd1 ${shellWord(mount)} | sort -h\`), or choose a folder on a larger disk before the first start.`,
      evidence: [
        `Data: ${stack.data}, on ${mount}`,
        `Free: ${gibibytes(freeBytes)}${totalBytes === null ? '' : ` of ${gibibytes(totalBytes)}`}; ${gibibytes(wise)} are wise`,
      ],
    },
  ];
});
