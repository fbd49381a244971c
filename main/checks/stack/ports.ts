// Ports that the stack publishes and something else has.
import type { RenderedPort, RenderedStack } from '../../model/stack/stack.ts';
import type { NeighbourContainer, StackSurroundings, TakenPort } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { withStack } from './check.ts';
import { holderOf, nameServerNext } from './name-server-ways.ts';
import type { HeldNamePort } from './name-server-ways.ts';

const everywhere = ['0.0.0.0', '::'];

/** Whether two cannot be had at once: both addresses are the same, or one of them stands for all. */
function collide(port: RenderedPort, taken: TakenPort): boolean {
  if (port.port !== taken.port || port.protocol !== taken.protocol) return false;
  if (port.address === taken.address || taken.address === '::' || port.address === '::') return true;
  const isOther = taken.address.includes(':') !== port.address.includes(':');
  return !isOther && (everywhere.includes(port.address) || everywhere.includes(taken.address));
}

const usualNames: Readonly<Record<number, string>> = { 53: 'names', 80: 'web pages', 443: 'web pages' };

function waysOut(port: RenderedPort, { by }: PortTaken, { domain, answers }: RenderedStack): string {
  if (port.port === 53)
    return nameServerNext(holderOf(by), { domain, address: answers.address ?? 'ADDRESS' });
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

/** A port of the stack that something else has. */
interface PortTaken {
  readonly port: RenderedPort;
  /** In words. */
  readonly holder: string;
  readonly by: HeldNamePort;
}

function takenByContainer(port: RenderedPort, container: NeighbourContainer): PortTaken {
  const by = { program: null, address: null, container: `${container.name} ${container.image}` };
  return { port, holder: sayContainer(container), by };
}

/** Who has a port of the stack; `null`: nobody, the stack itself, or the lab that gives its place to it. */
function holderIn(port: RenderedPort, stack: RenderedStack, around: PortsAround): PortTaken | null {
  const { containers, ports, formerProject } = around;
  const publishing = (containers ?? []).filter(
    (container) => container.isRunning && container.ports.includes(port.port),
  );
  const own = [stack.project, formerProject];
  if (publishing.some(({ project }) => project !== null && own.includes(project))) return null;
  const [container] = publishing;
  // Of a container only the number is known: where sockets tell address and protocol, they are asked.
  if (ports === null) return container === undefined ? null : takenByContainer(port, container);
  const taken = ports.find((one) => collide(port, one));
  if (taken === undefined) return null;
  if (container !== undefined && (taken.program === null || ofEngines.test(taken.program)))
    return takenByContainer(port, container);
  const process = taken.pid === null ? '' : ` (process ${taken.pid})`;
  const holder = `${taken.program ?? 'a program of another user, which only root can name,'}${process} at ${taken.address}`;
  return { port, holder, by: { program: taken.program, address: taken.address, container: null } };
}

type PortsAround = Pick<StackSurroundings, 'ports' | 'containers' | 'formerProject'>;

/** Ports of the stack that something else has, each with who. */
export function takenPortsOf(stack: RenderedStack, around: PortsAround): readonly PortTaken[] {
  return stack.ports.flatMap((port) => holderIn(port, stack, around) ?? []);
}

function findingOf(taken: PortTaken, stack: RenderedStack): Finding {
  const { port, holder } = taken;
  return {
    key: 'stack.port-taken',
    severity: 'error',
    subject: `port ${port.port}/${port.protocol}`,
    message: `Port ${port.port} for ${port.what || (usualNames[port.port] ?? port.service)} is taken by ${holder}, so ${port.service} cannot start.`,
    next: waysOut(port, taken, stack),
    evidence: [`${port.address}:${port.port}/${port.protocol} for ${port.service}`, `Taken by ${holder}`],
  };
}

export const checkStackPorts = withStack((stack, { around }) =>
  takenPortsOf(stack, around).map((taken) => findingOf(taken, stack)),
);
