// The address of this machine that the lab's names lead to.
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';

export const checkAddress = withStack(
  (stack, { facts, around: { addresses, isAddressLent } }): readonly Finding[] => {
    const { address, dns } = stack.answers;
    const evidence = [
      `Addresses of this machine: ${addresses.length === 0 ? 'none known' : addresses.join(', ')}`,
    ];
    if (address === null) return [];
    if (address.startsWith('127.'))
      return [
        {
          ...{ key: 'names.address-of-itself', severity: 'warning', subject: address, evidence },
          message: `The lab's names lead to ${address}, by which every machine means itself: only this one finds the lab.`,
          next: "For other devices give this machine's address in your network as `address`.",
        },
      ];
    if (addresses.length > 0 && !addresses.includes(address))
      return [
        {
          ...{ key: 'names.address-changed', subject: address, evidence },
          // Only the name server is bound to this address: the rest starts, and another machine may pass it on.
          severity: dns.mode === 'coredns' ? 'error' : 'warning',
          message: `The lab's names lead to ${address}, which this machine does not have${facts.address === null ? '' : ` (it has ${facts.address} now)`}.`,
          next: 'Correct `address` in the answers and bring the stack up again; give this machine a fixed address in your router, so that it does not happen again.',
        },
      ];
    if (isAddressLent !== true || address !== facts.address) return [];
    return [
      {
        ...{ key: 'names.address-lent', severity: 'info', subject: address },
        message: `This machine has its address ${address} from your router for a while only. When it gets another, the lab's names lead nowhere.`,
        next: 'Tell your router to give this machine always the same one (address reservation, static lease).',
        evidence: [...evidence, `${address}: lent (DHCP)`],
      },
    ];
  },
);
