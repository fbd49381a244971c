// WSL 1 has no Linux kernel, and no containers.
import type { HardwareCheck } from './check.ts';

export const checkWsl: HardwareCheck = ({ machine: { host } }) =>
  host.wsl !== '1'
    ? []
    : [
        {
          key: 'host.wsl-old',
          severity: 'error',
          subject: host.name,
          message: 'This is WSL 1, which has no Linux kernel of its own and cannot run containers.',
          next: 'In Windows, run: wsl --set-version NAME 2. The names are listed by: wsl --list --verbose',
          evidence: [`Kernel: ${host.kernel ?? 'not known'}`],
        },
      ];
