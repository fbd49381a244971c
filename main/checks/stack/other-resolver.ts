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
        'This machine asks a name server with an IPv6 address as well, and past the lab; other devices of the network may do the same: names of the lab are found at one time and not at another.',
      next: 'Switch off in your router that it announces itself as a name server by IPv6 (RDNSS, DHCPv6), or let it forward the domain of the lab.',
      evidence: sixth.map((address) => `Name server: ${address}`),
    },
  ];
});
