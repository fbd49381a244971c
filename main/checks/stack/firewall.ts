// A firewall between the stack and the devices of the network.
import { isUp, withStack } from './check.ts';
import type { RenderedStack } from '../../model/stack/stack.ts';

type Active = 'ufw' | 'firewalld';

function commandsFor(kind: Active, { ports }: RenderedStack): string {
  const each = [...new Set(ports.map(({ port, protocol }) => `${port}/${protocol}`))];
  return kind === 'ufw'
    ? each.map((port) => `sudo ufw allow ${port}`).join(' && ')
    : `sudo firewall-cmd --permanent ${each.map((port) => `--add-port=${port}`).join(' ')} && sudo firewall-cmd --reload`;
}

/** Rules of an engine that is root come before those of ufw and firewalld: https://docs.docker.com/engine/network/packet-filtering-firewalls/#docker-and-ufw */
export const checkStackFirewall = withStack((stack, subject) => {
  const { kind, active } = subject.machine.host.firewall;
  const { engine } = subject.facts;
  if (
    active !== true ||
    (kind !== 'ufw' && kind !== 'firewalld') ||
    engine === null ||
    stack.ports.length === 0
  )
    return [];
  const passesBy = !engine.rootless;
  const evidence = [
    `Firewall: ${kind}, active`,
    `Engine: ${engine.kind}, ${engine.rootless ? 'without root' : 'as root'}`,
  ];
  const base = { key: 'stack.firewall', subject: kind, evidence };
  if (passesBy)
    return [
      {
        ...{ ...base, severity: 'info' as const },
        message: `The container engine publishes the stack's ports past ${kind}: whoever reaches this machine reaches them, whatever its rules say.`,
        next: 'In a home network that is what is wanted. On a machine with a public address, too, set `bind` in the answers to the address in the inner network: then ports are published there alone.',
      },
    ];
  return [
    {
      ...{ ...base, severity: isUp(subject) ? ('info' as const) : ('warning' as const) },
      message: `${kind} is active: devices of the network do not reach the stack unless its ports are allowed.`,
      next: `Allow them: ${commandsFor(kind, stack)}`,
    },
  ];
});
