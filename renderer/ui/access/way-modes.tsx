// The ways to certificates, of which one is chosen.
import { modeWords } from '../../state/certificates.ts';
import type { TlsMode } from '../../state/certificates.ts';
import styles from './access.module.css';
import { t } from '../../language/strings.ts';

const modes = ['local-ca', 'acme-dns', 'acme-http', 'own'] as const satisfies readonly TlsMode[];

interface WayModesProps {
  readonly mode: TlsMode;
  /** That of the stack; `null`: none yet. */
  readonly present: TlsMode | null;
  onChange(mode: TlsMode): void;
}

export function WayModes({ mode, present, onChange }: WayModesProps) {
  return (
    <fieldset className={styles.modes}>
      <legend>{t('Way')}</legend>
      {modes.map((one) => (
        <label key={one} className={styles.mode}>
          <input type="radio" name="mode" checked={one === mode} onChange={() => onChange(one)} />
          <span>
            <strong>{modeWords[one].word}</strong>
            {one === present && <em> {t('in use')}</em>}
            <span className={styles.about}>{modeWords[one].about}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
