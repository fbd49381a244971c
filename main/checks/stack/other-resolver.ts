// A second way to names that leads past the lab's name server.
import { withStack } from './check.ts';

export const checkOtherResolver = withStack((stack, { around: { resolvers } }) => {
  const sixth = resolvers.filter((address) => address.includes(':'));
  if (stack.answers.dns.mode !== 'coredns' || sixth.length === 0) return [];
  return [
    {
      key: 'names.ipv6-resolver',
      severity: 'info',
      subject: sixth[0] ?? '',
      message:
        'Devices of this network get a name server with an IPv6 address as well, and ask that one past the lab: names of the lab are found at one time and not at another.',
      next: 'Switch off in your router that it announces itself as a name server by IPv6 (RDNSS, DHCPv6), or let it forward the domain of the lab.',
      evidence: sixth.map((address) => `Name server: ${address}`),
    },
  ];
});
