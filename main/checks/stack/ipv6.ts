// IPv6 addresses that names lead to, and where nothing answers.
import { withStack } from './check.ts';

export const checkIpv6 = withStack((stack, { around: { ipv6, addresses6 } }) => {
  const { address6, bind } = stack.answers;
  if (address6 === null || ipv6 === null) return [];
  const isOurs = addresses6.includes(address6);
  const web = stack.ports.filter(({ service, protocol }) => service === 'traefik' && protocol === 'tcp');
  const isServed = web.some(
    ({ address }) => (bind === null && address === '0.0.0.0') || address.includes(':'),
  );
  if (ipv6 !== 'off' && isOurs && isServed) return [];
  const why =
    ipv6 === 'off'
      ? 'the kernel of this machine has IPv6 switched off'
      : isOurs
        ? 'the stack is published for IPv4 alone'
        : 'this machine does not have that address';
  return [
    {
      key: 'stack.ipv6-unserved',
      severity: 'warning',
      subject: address6,
      message: `Names of the lab lead to ${address6} as well, and ${why}: devices that try IPv6 first wait for a while at every page.`,
      next: 'Take `address6` out of the answers, or give the address that this machine has.',
      evidence: [`IPv6: ${ipv6}`, `Addresses: ${addresses6.length === 0 ? 'none' : addresses6.join(', ')}`],
    },
  ];
});
