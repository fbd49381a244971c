// Ports such as 53, 80 and 443, which an engine without root may not publish.
import { withStack } from './check.ts';
import { otherDnsPort } from './name-server-ways.ts';

/** https://docs.docker.com/engine/security/rootless/#exposing-privileged-ports */
export const checkStackLowPorts = withStack((stack, { facts: { engine } }) => {
  if (engine === null || !engine.rootless || engine.lowestPort === null) return [];
  const { lowestPort } = engine;
  const low = stack.ports.filter(({ port }) => port < lowestPort);
  if (low.length === 0) return [];
  const numbers = [...new Set(low.map(({ port }) => port))].toSorted((a, b) => a - b);
  const first = numbers[0] ?? lowestPort;
  return [
    {
      key: 'stack.port-low',
      severity: 'error',
      subject: stack.project,
      message: `The engine runs without root and may not publish ${numbers.map((number) => `port ${number}`).join(', ')}: the kernel allows it ports from ${lowestPort} on.`,
      next: `Either choose high ports in the answers (ports: { http: 8080, https: 8443, dns: ${otherDnsPort} }), which then show in addresses; or allow low ones for everybody on this machine: echo net.ipv4.ip_unprivileged_port_start=${first} | sudo tee /etc/sysctl.d/80-low-ports.conf && sudo sysctl --system`,
      evidence: [
        `net.ipv4.ip_unprivileged_port_start: ${lowestPort}`,
        ...low.map(({ port, protocol, service, what }) => `${port}/${protocol}: ${service}, ${what}`),
      ],
    },
  ];
});
