// An engine without root that does not come back after a restart of the machine.
import { rootlessEngine } from './check.ts';
import type { HardwareCheck } from './check.ts';

export const checkUserUnits: HardwareCheck = ({ machine }) => {
  const engine = rootlessEngine(machine);
  const units = machine.rootless.units ?? [];
  const own = units.filter(({ name }) => engine !== null && name.startsWith(`${engine.kind}.`));
  const [first] = own;
  if (engine === null || first === undefined || own.some(({ enabled }) => enabled)) return [];
  return [
    {
      key: 'host.engine-not-enabled',
      severity: 'info',
      subject: machine.host.name,
      message:
        'The engine without root is not started with the machine: after a restart somebody has to start it.',
      next: `Switch it on with: systemctl --user enable ${first.name}`,
      evidence: own.map(({ name }) => `Unit ${name}: there, not enabled`),
    },
  ];
};
