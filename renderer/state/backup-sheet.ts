// The recovery sheet: the twelve words, where the backups are, and how to get them back with and without AutoGit.
import type { Output } from '../../main/contract/contract.ts';
import type { SheetSection } from './sheet.ts';
import { t } from '../language/strings.ts';

export type BackupSheet = Output<'backup.sheet'>;

export const sheetFile = 'autogit-recovery-sheet.txt';

/** What is said wherever the words are: what losing them means. */
export const lossSentence = t(
  'Backups are encrypted with these words. Without them nobody can restore: not you, not AutoGit, nobody.',
);

/** What stands on it, in the order in which it is needed on a bad day. */
export function sheetSections(sheet: BackupSheet): readonly SheetSection[] {
  const { words, machine, home, targets, withoutAutogit } = sheet;
  return [
    {
      title: t('Twelve words'),
      isNumbered: true,
      rows: [
        ...(words ?? []).map((word, at) => ({ label: `${at + 1}.`, value: word, secret: true })),
        { value: lossSentence },
      ],
    },
    {
      title: t('Where the backups are'),
      rows: targets.map(({ name, place }) => ({ label: name, value: place })),
    },
    {
      title: t('To restore with AutoGit'),
      rows: [
        { value: t('1. Install AutoGit on a machine, and open it.') },
        { value: t('2. Choose "Restore from a backup", and give the place and these words.') },
        { value: t('3. Look at the plan, and agree to it.') },
      ],
    },
    {
      title: t('To restore without AutoGit'),
      isTyped: true,
      rows: withoutAutogit.map((value) => ({ value })),
    },
    {
      title: t('Of'),
      rows: [
        { label: t('Machine'), value: machine },
        { label: t('Home of AutoGit'), value: home },
      ],
    },
  ];
}
