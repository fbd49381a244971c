// What the engine itself warns of.
import { engineName } from '../../model/engine.ts';
import type { HardwareCheck } from './check.ts';

export const checkEngineWarnings: HardwareCheck = ({ machine: { engine, host } }) => {
  const warnings = engine?.warnings ?? [];
  if (engine === null || warnings.length === 0) return [];
  return [
    {
      key: 'engine.warns',
      severity: 'info',
      subject: `engine of ${host.name}`,
      message: `${engineName(engine)} warns of ${warnings.length === 1 ? 'something' : `${warnings.length} things`} in its own words.`,
      next: 'Read them: most are about what jobs do without.',
      evidence: warnings,
    },
  ];
};
