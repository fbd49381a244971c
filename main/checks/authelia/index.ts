// All rules that Authelia's configuration has to keep; a test sees that every one of them is held.
import { accessRules } from './access-rules.ts';
import { clientRules } from './client-rules.ts';
import type { AutheliaSetup } from './document.ts';
import { domainRules } from './domain-rules.ts';
import type { Broken, Rule } from './rule.ts';
import { settingRules } from './setting-rules.ts';

export const autheliaRules: readonly Rule[] = [
  ...settingRules,
  ...domainRules,
  ...accessRules,
  ...clientRules,
];

export interface BrokenRule extends Broken {
  readonly id: string;
  readonly severity: 'error' | 'warning';
}

/** What Authelia would refuse, or would not work with, before it says so. Pure. */
export function judgeAuthelia(setup: AutheliaSetup): readonly BrokenRule[] {
  return autheliaRules.flatMap(({ id, severity, judge }) =>
    judge(setup).map((one): BrokenRule => ({ id, severity: severity ?? 'error', ...one })),
  );
}
