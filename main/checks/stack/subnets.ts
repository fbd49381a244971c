// Networks of the stack that are somebody else's already: packets for one go to the other.
import { overlap, parseSubnet } from '../../model/stack/subnet.ts';
import { withStack } from './check.ts';

export const checkSubnets = withStack((stack, { facts: { subnets } }) =>
  stack.networks.flatMap(({ name, subnet, what }) => {
    const own = parseSubnet(subnet);
    const others = subnets.filter((text) => {
      const other = parseSubnet(text);
      return own !== null && other !== null && overlap(own, other);
    });
    if (others.length === 0) return [];
    return [
      {
        key: 'stack.subnet-collides',
        severity: 'error' as const,
        subject: name,
        message: `The network ${name} would have ${subnet}, which this machine has a way to already: one of both could not be reached any more.`,
        next: 'Plan again, so that AutoGit chooses another: autogit stack plan. If a virtual private network or another project has just taken it, see `ip route` and `docker network ls`.',
        evidence: [`${name} (${what}): ${subnet}`, `Taken: ${others.join(', ')}`],
      },
    ];
  }),
);
