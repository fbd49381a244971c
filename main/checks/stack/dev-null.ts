// `/dev/null` as a plain file: it fills the disk, and engines and shells fail in strange ways.
import type { StackCheck } from './check.ts';

export const checkDevNull: StackCheck = ({ around: { devNull }, machine: { host } }) =>
  devNull === null || devNull === 'device'
    ? []
    : [
        {
          key: 'stack.dev-null',
          severity: 'error',
          subject: host.name,
          message:
            devNull === 'file'
              ? '/dev/null is a plain file on this machine: a program has removed and made it anew. What is thrown away fills the disk, and engines fail.'
              : 'There is no /dev/null on this machine: engines and most programs fail.',
          next: 'Make it again: sudo rm -f /dev/null && sudo mknod -m 666 /dev/null c 1 3. Then restart the engine.',
          evidence: [`/dev/null: ${devNull === 'file' ? 'a plain file' : 'not there'}`],
        },
      ];
