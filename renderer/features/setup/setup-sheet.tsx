// The sheet of the set-up: what is where, and how to get back in.
import { recoverySheet } from '../../state/setup-sheet.ts';
import type { Possessions } from '../../state/setup-sheet.ts';
import { RecoverySheet } from '../../ui/recovery-sheet.tsx';
import { t } from '../../language/strings.ts';

interface SetupSheetProps {
  readonly have: Possessions;
  /** There are first passwords that can be put on it. */
  readonly hasSecrets: boolean;
}

export function SetupSheet({ have, hasSecrets }: SetupSheetProps) {
  const secrets =
    have.secrets.length === 0
      ? t('No password is on it until you show the first passwords above.')
      : t('The first passwords are on it.');
  const introduction = t(
    'What is where, and how to get back in. It stays on this machine: print it, or keep it somewhere else.',
  );
  return (
    <RecoverySheet
      title={t('Recovery sheet')}
      introduction={hasSecrets ? `${introduction} ${secrets}` : introduction}
      sections={recoverySheet(have)}
    />
  );
}
