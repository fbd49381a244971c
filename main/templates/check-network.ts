// Addresses, ports and name servers of the answers, judged on this machine.
import { z } from 'zod';
import { shown } from './problem.ts';
import { addressNumber, isInside, parseSubnet } from '../model/stack/subnet.ts';
import type { Issue } from '../model/issue.ts';
import type { StackAnswers } from '../model/stack/answers.ts';
import type { AnswerProblem, StackFacts } from '../model/stack/stack.ts';

export interface CheckedNetwork {
  readonly address: string | null;
  readonly address6: string | null;
  readonly upstream: readonly string[];
  readonly problems: readonly AnswerProblem[];
  readonly warnings: readonly Issue[];
}

/** Public name servers of two makers, for a machine that knows none: Quad9 and Cloudflare. */
const publicResolvers = ['9.9.9.9', '1.1.1.1'];

/** Judges addresses, ports and name servers; `address` is `null` only where a problem says why. */
export function checkNetwork(answers: StackAnswers, facts: StackFacts): CheckedNetwork {
  const address = answers.address ?? facts.address;
  const problems: AnswerProblem[] = [
    ...checkAddress(address),
    ...checkPorts(answers, facts),
    ...checkUpstream(answers, address),
    ...checkEngine(facts),
  ];
  const warnings: Issue[] = [];
  if (address?.startsWith('127.') === true)
    warnings.push({
      ...{ key: 'stack.address-loopback', severity: 'warning', subject: address },
      message: `The address ${address} is reached from this machine only.`,
      next: 'Give the address that this machine has in its network, for other devices to reach the lab.',
    });
  const own = new Set([address, answers.address6, facts.address6]);
  const given = answers.dns.mode === 'coredns' ? answers.dns.upstream : [];
  const resolvers = facts.resolvers
    .filter((resolver) => !own.has(resolver) && isUpstream(resolver))
    .slice(0, 15);
  const known = given.length > 0 ? given : resolvers;
  if (known.length === 0 && answers.dns.mode === 'coredns')
    warnings.push({
      ...{ key: 'stack.dns-no-resolver', severity: 'warning', subject: 'dns.upstream' },
      message: `No name server of this machine is known, so public ones (${publicResolvers.join(', ')}) are asked for all other names.`,
      next: 'Name the router or another name server in dns.upstream.',
    });
  return {
    address,
    address6: answers.address6,
    upstream: known.length > 0 ? known : publicResolvers,
    ...{ problems, warnings },
  };
}

function checkAddress(address: string | null): readonly AnswerProblem[] {
  if (address === null)
    return [
      {
        field: 'address',
        key: 'stack.address-unknown',
        message: 'No address of this machine in its network was found, so no name could lead to it.',
        next: 'Connect it, or give its address as address.',
      },
    ];
  const number = addressNumber(address);
  const useless = ['0.0.0.0/8', '224.0.0.0/3'].flatMap((text) => parseSubnet(text) ?? []);
  if (number !== null && !useless.some((range) => isInside(number, range))) return [];
  return [
    {
      field: 'address',
      key: 'stack.address-invalid',
      message: `No device can be reached at ${shown(address)}.`,
      next: 'Give the address that this machine has in its network, like 192.168.1.10.',
    },
  ];
}

/** The ports that the answers use, in the order in which they are judged. */
function portsOf({ ports, dns }: StackAnswers): readonly (readonly [name: string, port: number])[] {
  return [
    ['ports.http', ports.http],
    ['ports.https', ports.https],
    ['ports.ssh', ports.ssh],
    ...(dns.mode === 'coredns' ? ([['ports.dns', ports.dns]] as const) : []),
  ];
}

function checkPorts(answers: StackAnswers, { engine }: StackFacts): readonly AnswerProblem[] {
  const used = portsOf(answers);
  return used.flatMap(([field, port], index): readonly AnswerProblem[] => {
    const earlier = used.slice(0, index).find(([, other]) => other === port);
    if (earlier !== undefined)
      return [
        {
          ...{ field, key: 'stack.port-twice' },
          message: `Port ${port} is used twice: by ${earlier[0]} and by ${field}.`,
          next: 'Give each its own port.',
        },
      ];
    const lowest = engine?.lowestPort ?? 1;
    if (port >= lowest) return [];
    return [
      {
        ...{ field, key: 'stack.port-low' },
        message: `The engine runs without root and may not use ports below ${lowest}; ${field} is ${port}.`,
        next: `Choose one from ${lowest} on, or allow it: sudo sysctl net.ipv4.ip_unprivileged_port_start=${port}`,
      },
    ];
  });
}

/** `9.9.9.9`, `9.9.9.9:5353`, `[2620:fe::fe]:53`, `tls://9.9.9.9`. https://coredns.io/plugins/forward/ */
function isUpstream(server: string): boolean {
  const bare = server.replace(/^(?:dns|tls):\/\//, '');
  const [, host = bare, port = '53'] =
    /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(bare) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(bare) ?? [];
  if (Number(port) < 1 || Number(port) > 65_535) return false;
  return z.ipv4().safeParse(host).success || z.ipv6().safeParse(host).success;
}

function checkUpstream({ dns }: StackAnswers, address: string | null): readonly AnswerProblem[] {
  if (dns.mode !== 'coredns') return [];
  return dns.upstream.flatMap((server, index): readonly AnswerProblem[] => {
    const field = `dns.upstream.${index}`;
    if (!isUpstream(server))
      return [
        {
          ...{ field, key: 'stack.dns-upstream' },
          message: `The name server ${shown(server)} is no address.`,
          next: 'Give addresses, like 192.168.1.1 or tls://9.9.9.9.',
        },
      ];
    if (server.startsWith('127.') || server === '::1' || server === address)
      return [
        {
          ...{ field, key: 'stack.dns-loop' },
          message: `The lab's name server would ask ${server}, which is itself, for ever.`,
          next: 'Name the router, or a public name server.',
        },
      ];
    return [];
  });
}

function checkEngine({ engine }: StackFacts): readonly AnswerProblem[] {
  if (engine?.socket !== null) return [];
  return [
    {
      field: 'engine',
      key: 'stack.engine-elsewhere',
      message: 'The container engine is on another machine. The stack runs where AutoGit runs.',
      next: 'Use the engine of this machine, or run AutoGit on the other one.',
    },
  ];
}
