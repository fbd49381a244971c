// Networks that are nobody's in particular: addresses in them mean another machine wherever one is.
import { addressNumber, isInside, parseSubnet } from './subnet.ts';

/**
 * Private, shared by providers and used by overlay networks, given by a machine to itself, and the machine itself.
 * https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
 */
export const privateNetworks = {
  v4: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8'],
  v6: ['fc00::/7', 'fe80::/10', '::1/128'],
} as const;

/** False for what is no address. */
export function isPrivateAddress(address: string): boolean {
  const number = addressNumber(address);
  if (number !== null)
    return privateNetworks.v4.some((text) => {
      const subnet = parseSubnet(text);
      return subnet !== null && isInside(number, subnet);
    });
  return /^(?:f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:|::1$)/i.test(address);
}
