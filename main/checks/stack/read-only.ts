// A data folder that nobody can write to.
import { shellWord, withStack } from './check.ts';

export const checkDataReadOnly = withStack((stack, { around: { dataMount } }) =>
  dataMount?.readOnly !== true
    ? []
    : [
        {
          key: 'stack.data-read-only',
          severity: 'error',
          subject: stack.data,
          message:
            'The file system for the data of the stack is mounted read-only. After errors of a disk the kernel does so by itself.',
          next: `Look at \`sudo dmesg | tail -50\`: if there are errors of the disk, save what matters first. Otherwise: sudo mount -o remount,rw ${shellWord(dataMount.mount)}`,
          evidence: [`Data: ${stack.data}, on ${dataMount.mount}, read-only`],
        },
      ],
);
