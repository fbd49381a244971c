// Networks of the stack that are somebody else's already: packets for one go to the other.
import { overlap, parseSubnet } from '../../model/stack/subnet.ts';
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';

export const checkSubnets = withStack((stack, { facts: { subnets, standing = [] } }) =>
  stack.networks.flatMap(({ name, subnet, what }): readonly Finding[] => {
    const own = parseSubnet(subnet);
    const others = subnets.filter((text) => {
      const other = parseSubnet(text);
      return own !== null && other !== null && overlap(own, other);
    });
    if (others.length === 0) return [];
    const evidence = [`${name} (${what}): ${subnet}`, `Taken: ${others.join(', ')}`];
    const base = { key: 'stack.subnet-collides', subject: name, evidence };
    if (standing.includes(name))
      return [
        {
          ...{ ...base, severity: 'warning' },
          message: `The network ${name} has ${subnet}, which this machine has another way to since: containers of the stack do not reach what is there, or this machine does not reach them.`,
          next: 'If that network stays, have AutoGit choose another for the stack: autogit stack down, then autogit stack up. See `ip route` and `docker network ls`.',
        },
      ];
    return [
      {
        ...{ ...base, severity: 'error' },
        message: `The network ${name} would have ${subnet}, which this machine has a way to already: one of both could not be reached any more.`,
        next: 'Plan again, so that AutoGit chooses another: autogit stack plan. If a virtual private network or another project has just taken it, see `ip route` and `docker network ls`.',
      },
    ];
  }),
);
