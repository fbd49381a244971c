// What can be done with an update: bringing it here and installing it, each after its plan.
import type { Deed } from './deeds.ts';
import { deedOf } from './row-deeds.ts';
import type { UpdateStatus } from './use-updates.ts';
import { t } from '../language/strings.ts';

export function downloadUpdateDeed(version: string): Deed {
  return deedOf(
    {
      title: t('Download AutoGit {{version}}', { version }),
      note: t(
        'It is kept in the home only if it is exactly the file that was signed. Nothing is installed by it.',
      ),
    },
    'update download',
    (client, dryRun) => client.call('update.download', { dryRun }),
  );
}

const effects: Readonly<Record<NonNullable<UpdateStatus['install']>['way'], string>> = {
  'asks-system': t('Install it; the system asks for the password'),
  command: t('Check the file once more'),
  replace: t('Put it in the place of this one'),
  open: t('Open its installer'),
  'by-hand': t('Check the file once more'),
};

/** Where the system can ask for a password, it is let. */
export function installUpdateDeed(version: string, { way }: NonNullable<UpdateStatus['install']>): Deed {
  const ask = way === 'asks-system';
  return deedOf(
    {
      title: t('Install AutoGit {{version}}', { version }),
      effect: effects[way],
      note: t('Jobs go on in their runners, which the new version takes over. Settings and data stay.'),
    },
    `update install${ask ? ' --ask' : ''}`,
    (client, dryRun) => client.call('update.install', { ask, dryRun }),
  );
}
