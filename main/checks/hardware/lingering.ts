// An engine without root that ends when its user logs out, and its jobs with it.
import { rootlessEngine } from './check.ts';
import type { HardwareCheck } from './check.ts';

export const checkLingering: HardwareCheck = ({ machine }) => {
  const { lingering, user } = machine.rootless;
  if (rootlessEngine(machine) === null || lingering !== false) return [];
  return [
    {
      key: 'host.not-lingering',
      severity: 'warning',
      subject: user ?? machine.host.name,
      message: 'The engine without root ends when its user logs out, and every runner and job with it.',
      next: `Let its programs go on with: sudo loginctl enable-linger ${user ?? '$USER'}`,
      evidence: [`Lingering of ${user ?? 'this user'}: off`],
    },
  ];
};
