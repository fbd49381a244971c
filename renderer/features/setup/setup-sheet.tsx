// The sheet of the set-up: what is where, and how to get back in.
import { recoverySheet } from '../../state/setup-sheet.ts';
import type { Possessions } from '../../state/setup-sheet.ts';
import { RecoverySheet } from '../../ui/recovery-sheet.tsx';

interface SetupSheetProps {
  readonly have: Possessions;
  /** There are first passwords that can be put on it. */
  readonly hasSecrets: boolean;
}

export function SetupSheet({ have, hasSecrets }: SetupSheetProps) {
  const secrets =
    have.secrets.length === 0
      ? ' No password is on it until you show the first passwords above.'
      : ' The first passwords are on it.';
  return (
    <RecoverySheet
      title="Recovery sheet"
      introduction={`What is where, and how to get back in. It stays on this machine: print it, or keep it somewhere else.${hasSecrets ? secrets : ''}`}
      sections={recoverySheet(have)}
    />
  );
}
