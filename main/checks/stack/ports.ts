// Ports that the stack publishes and something else has.
import type { RenderedPort, RenderedStack } from '../../model/stack/stack.ts';
import type { NeighbourContainer, StackSurroundings, TakenPort } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';

const everywhere = ['0.0.0.0', '::'];

/** Whether two cannot be had at once: both addresses are the same, or one of them stands for all. */
function collide(port: RenderedPort, taken: TakenPort): boolean {
  if (port.port !== taken.port || port.protocol !== taken.protocol) return false;
  if (port.address === taken.address || taken.address === '::' || port.address === '::') return true;
  const isOther = taken.address.includes(':') !== port.address.includes(':');
  return !isOther && (everywhere.includes(port.address) || everywhere.includes(taken.address));
}

const usualNames: Readonly<Record<number, string>> = { 53: 'names', 80: 'web pages', 443: 'web pages' };

function nameServerOut(program: string, stack: RenderedStack): string {
  const forward = `leave it there, set ports.dns to another port in the answers (such as 5353), and let it ask the lab: server=/${stack.domain}/${stack.answers.address ?? 'ADDRESS'}#5353`;
  if (/systemd-resolve/.test(program))
    return 'Publish the name server on the address of this machine alone (answer `address`); or switch off the local one: echo -e "[Resolve]\\nDNSStubListener=no" | sudo tee /etc/systemd/resolved.conf.d/autogit.conf && sudo ln -sf /run/systemd/resolve/resolv.conf /etc/resolv.conf && sudo systemctl restart systemd-resolved';
  if (/dnsmasq/.test(program))
    return `It may be libvirt's or NetworkManager's: \`ps -fC dnsmasq\` says whose. Let it keep to its own network (bind-dynamic), or ${forward}`;
  if (/pihole|pi-hole|adguard|unbound|named|bind9|technitium/i.test(program))
    return `Both can work: ${forward}. Or choose "I have my own DNS" (dns: own) and enter the records: autogit names records`;
  return `End it, or ${forward}`;
}

function waysOut(port: RenderedPort, holder: string, stack: RenderedStack): string {
  if (port.port === 53) return `${nameServerOut(holder, stack)}.`.replace(/\.\.$/, '.');
  const key = (
    [
      [443, 'https'],
      [80, 'http'],
      [22, 'ssh'],
      [2222, 'ssh'],
    ] as const
  ).find(([number]) => number === port.port)?.[1];
  const other = { https: 8443, http: 8080, ssh: 2223 } as const;
  const answer =
    key === undefined ? 'another port in the answers' : `ports.${key}: ${other[key]} in the answers`;
  return `End what holds it (\`sudo ss -lptun 'sport = :${port.port}'\` shows it), or set ${answer}; the number then shows in addresses.`;
}

/** Programs by which engines hold the ports of containers. */
const ofEngines = /docker|rootless|slirp|passt|pasta|conmon|podman|gvproxy|vpnkit/i;

function sayContainer({ name, image, project }: NeighbourContainer): string {
  return `the container ${name} (${image}${project === null ? '' : `, of ${project}`})`;
}

/** Who has a port of the stack; `null`: nobody, the stack itself, or the lab that gives its place to it. */
function holderIn(port: RenderedPort, stack: RenderedStack, around: PortsAround): string | null {
  const { containers, ports, formerProject } = around;
  const publishing = (containers ?? []).filter(
    (container) => container.isRunning && container.ports.includes(port.port),
  );
  const own = [stack.project, formerProject];
  if (publishing.some(({ project }) => project !== null && own.includes(project))) return null;
  const [container] = publishing;
  // Of a container only the number is known: where sockets tell address and protocol, they are asked.
  if (ports === null) return container === undefined ? null : sayContainer(container);
  const taken = ports.find((one) => collide(port, one));
  if (taken === undefined) return null;
  if (container !== undefined && (taken.program === null || ofEngines.test(taken.program)))
    return sayContainer(container);
  const process = taken.pid === null ? '' : ` (process ${taken.pid})`;
  return `${taken.program ?? 'a program of another user, which only root can name,'}${process} at ${taken.address}`;
}

type PortsAround = Pick<StackSurroundings, 'ports' | 'containers' | 'formerProject'>;

/** Ports of the stack that something else has, each with who. */
export function takenPortsOf(
  stack: RenderedStack,
  around: PortsAround,
): readonly { readonly port: RenderedPort; readonly holder: string }[] {
  return stack.ports.flatMap((port) => {
    const holder = holderIn(port, stack, around);
    return holder === null ? [] : [{ port, holder }];
  });
}

function findingOf(port: RenderedPort, holder: string, stack: RenderedStack): Finding {
  return {
    key: 'stack.port-taken',
    severity: 'error',
    subject: `port ${port.port}/${port.protocol}`,
    message: `Port ${port.port} for ${port.what || (usualNames[port.port] ?? port.service)} is taken by ${holder}, so ${port.service} cannot start.`,
    next: waysOut(port, holder, stack),
    evidence: [`${port.address}:${port.port}/${port.protocol} for ${port.service}`, `Taken by ${holder}`],
  };
}

export const checkStackPorts = withStack((stack, { around }) =>
  takenPortsOf(stack, around).map(({ port, holder }) => findingOf(port, holder, stack)),
);
