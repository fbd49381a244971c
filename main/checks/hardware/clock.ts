// A clock that nobody keeps right: certificates and one-time passwords then fail.
import type { HardwareCheck } from './check.ts';

export const checkClock: HardwareCheck = ({ machine: { host } }) => {
  const { keeper, synchronised } = host.time;
  if (synchronised !== false) return [];
  return [
    {
      key: 'host.clock-not-kept',
      severity: 'warning',
      subject: host.name,
      message:
        'The clock of this machine is not kept right by a time server: certificates and one-time passwords fail once it is off.',
      next: 'Switch it on with: sudo timedatectl set-ntp true',
      evidence: ['Clock synchronised: no', `Time keeper: ${keeper ?? 'not known'}`],
    },
  ];
};
