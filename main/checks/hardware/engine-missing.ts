// A machine on which no container engine answers: nothing runs there.
import type { HardwareCheck } from './check.ts';

export const checkEngineMissing: HardwareCheck = ({ machine }) => {
  if (machine.engine !== null) return [];
  const { sockets } = machine.rootless;
  const closed = (sockets ?? []).filter(({ usable }) => !usable);
  const [first] = closed;
  return [
    {
      key: 'host.no-engine',
      severity: 'error',
      subject: machine.host.name,
      message: 'No container engine answers on this machine: no runner can be started.',
      next:
        first === undefined
          ? 'Install Docker or Podman, or start it: sudo systemctl start docker'
          : `This user may not use ${first.path}. Join its group (sudo usermod -aG docker $USER, then log in again), or use an engine without root.`,
      evidence: [
        machine.reasons['engine'] ?? 'no engine was found',
        ...(sockets ?? []).map(
          ({ path, usable }) => `Socket ${path}: ${usable ? 'usable' : 'no permission'}`,
        ),
      ],
    },
  ];
};
