// The button that does what an issue's next step says, where that is one request; the plan is shown before, as always.
import { drainLab, refreshQueue, resumeLab, startSandbox } from './deeds.ts';
import { backUpDeed, pruneDeed, proveNewestDeed, verifyAllDeed } from './backup-deeds.ts';
import type { Deed } from './deeds.ts';
import { nextParts } from './next-step.ts';
import { syncPeopleDeed } from './people-deeds.ts';
import { deedOf, provePoolDeed, recoverPoolDeed, resumePoolDeed } from './row-deeds.ts';
import { t } from '../language/strings.ts';

const recoverLab: Deed = deedOf(
  {
    title: t('Try again what has failed'),
    note: t('What has failed is forgotten, and engine and GitLab are looked at anew.'),
  },
  'lab recover',
  (client, dryRun) => client.call('lab.recover', { dryRun }),
);

const mendFindings: Deed = deedOf(
  { title: t('Mend what AutoGit can'), note: t('Nothing of it loses data.') },
  'doctor --fix',
  (client, dryRun) => client.call('doctor.fix', { dryRun }),
);

const plainDeeds: Readonly<Record<string, Deed>> = {
  'lab resume': resumeLab,
  'lab drain': drainLab,
  'lab recover': recoverLab,
  'sandbox start': startSandbox,
  'queue refresh': refreshQueue,
  'doctor --fix': mendFindings,
  'user sync': syncPeopleDeed,
  'backup create': backUpDeed,
  'backup verify': verifyAllDeed,
  'backup drill': proveNewestDeed,
  'backup prune --yes': pruneDeed,
};

const poolDeeds: Readonly<Record<string, (name: string) => Deed>> = {
  resume: resumePoolDeed,
  recover: recoverPoolDeed,
  prove: provePoolDeed,
};

/** `null`: it takes a decision, or work elsewhere. Reads `Let it take jobs again: autogit pool resume demo`. */
export function fixOf(next: string): Deed | null {
  const { command } = nextParts(next);
  if (command === null) return null;
  const words = command.replace(/^autogit /, '');
  const [, verb = '', pool = ''] = /^pool (\w+) ([\w.-]+)$/.exec(words) ?? [];
  return plainDeeds[words] ?? poolDeeds[verb]?.(pool) ?? null;
}
