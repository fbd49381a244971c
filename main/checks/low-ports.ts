// Ports such as 80 and 443, which an engine without root may not publish.
import { engineName, lacksOf } from '../model/engine.ts';
import type { EngineCheck } from './check.ts';
import { subjectOf } from './check.ts';

/** https://docs.docker.com/engine/security/rootless/#exposing-privileged-ports */
export const checkLowPorts: EngineCheck = (subject) => {
  const { info } = subject;
  if (!lacksOf(info).includes('low-ports')) return null;
  return {
    key: 'engine.low-ports',
    severity: 'info',
    subject: subjectOf(subject),
    message: `${engineName(info)} without root cannot publish ports below ${info.lowestPort ?? ''}, such as 80 and 443. Runners and the sandbox need none of them.`,
    next: 'To allow it: echo net.ipv4.ip_unprivileged_port_start=80 | sudo tee /etc/sysctl.d/80-low-ports.conf && sudo sysctl --system',
  };
};
