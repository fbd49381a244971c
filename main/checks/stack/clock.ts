// A clock that is wrong: certificates are not valid yet or any more, and one-time passwords fail.
import type { StackCheck } from './check.ts';

/** From here on Authelia warns. https://www.authelia.com/configuration/miscellaneous/ntp/#max_desync */
const mostMs = 3_000;
/** A one-time password holds for half a minute, and the one before and after it are taken. */
const hopelessMs = 60_000;

export const checkStackClock: StackCheck = ({ around: { clock }, machine: { host } }) => {
  if (clock === null || Math.abs(clock.aheadMs) <= mostMs) return [];
  const seconds = (Math.abs(clock.aheadMs) / 1_000).toFixed(1);
  return [
    {
      key: 'stack.clock-off',
      severity: Math.abs(clock.aheadMs) > hopelessMs ? 'error' : 'warning',
      subject: host.name,
      message: `The clock of this machine is ${seconds} s ${clock.aheadMs > 0 ? 'ahead' : 'behind'}: one-time passwords and certificates fail.`,
      next: 'Set it and keep it right: sudo timedatectl set-ntp true. In a virtual machine, after a rest of its host: sudo systemctl restart systemd-timesyncd, or sudo chronyc makestep.',
      evidence: [`Clock: ${seconds} s ${clock.aheadMs > 0 ? 'ahead' : 'behind'}, says ${clock.source}`],
    },
  ];
};
